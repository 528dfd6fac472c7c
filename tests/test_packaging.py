"""What is installed: the optimiser alone without a training stack, extras for the rest, one version, typed names."""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

import mixopt

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
EXTRAS = PROJECT["optional-dependencies"]
TRAINING = {"transformers", "trl", "vllm", "datasets", "accelerate", "tokenizers", "peft"}
TORCH = {"torch", "botorch", "gpytorch"}
NOT_HERE = {"vllm"}  # it installs on machines with a GPU alone, so no version of it was tested
MEGABYTE = 2**20


def plain(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def test_the_optimiser_alone_wants_no_training_stack():
    assert not (TRAINING | TORCH) & {Requirement(text).name for text in PROJECT["dependencies"]}


def test_the_trainer_and_the_botorch_extra_ask_for_torch_themselves():
    wanted = {extra: {Requirement(text).name for text in EXTRAS[extra]} for extra in ("rlvr", "botorch")}
    assert "torch" in wanted["rlvr"] and wanted["botorch"] == TORCH


def test_every_dependency_has_a_tested_version():
    pinned = {plain(line.partition("==")[0]) for line in (ROOT / "constraints.txt").read_text().split()}
    wanted = {plain(Requirement(text).name) for texts in (PROJECT["dependencies"], *EXTRAS.values()) for text in texts}
    assert wanted - pinned - NOT_HERE == {"mixopt"}


def test_the_cluster_is_slurm_ray_and_postgres():
    [cluster] = map(Requirement, EXTRAS["cluster"])
    assert (cluster.name, cluster.extras) == ("mixopt", {"slurm", "ray", "postgres"}) and cluster.extras <= set(EXTRAS)


def test_the_version_stands_in_one_place():
    assert version("mixopt") == PROJECT["version"]
    sources = [path.read_text() for name in ("mixopt", "rlvr_backend") for path in (ROOT / name).rglob("*.py")]
    assert not any(re.search(r"__version__ *=", text) for text in sources)
    assert f"## {PROJECT['version']}" in (ROOT / "CHANGELOG.md").read_text()


def test_names_are_imported_when_they_are_used():
    code = "import sys, mixopt; print({'optuna', 'numpy', 'torch'} & {*sys.modules}, mixopt.data_caps.__name__)"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout == "set() data_caps\n"
    assert set(dir(mixopt)) == set(mixopt.__all__)


DEFAULTS = [
    "study import mine runs.csv --value score",
    "study ask mine",
    "study tell mine 5 --score score=0.9",
    "study recommend mine",
    "study report mine",
    "study list",
]


def test_defaults_run_without_importing_torch(tmp_path):
    (tmp_path / "runs.csv").write_text("a,b,score\n0,1,1\n0.25,0.75,3\n0.5,0.5,4\n0.75,0.25,3\n1,0,2\n")
    code = "import sys; from mixopt.cli.app import app\n"
    code += f"for words in {DEFAULTS!r}: app(words.split(), standalone_mode=False)\n"
    code += f"print('imported', *{TORCH!r} & set(sys.modules))"
    environment = {**os.environ, "MIXOPT_HOME": str(tmp_path / "home"), "PYTHONPATH": str(ROOT)}
    ran = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, env=environment)
    assert ran.returncode == 0 and "recommended mixture" in ran.stdout, ran.stderr
    assert ran.stdout.endswith("imported\n")
    assert (tmp_path / "home/mine/figures/report.html").exists()


@pytest.mark.parametrize("package", ["mixopt", "rlvr_backend"])
def test_every_data_file_is_packaged(package):
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"][package]
    packaged = {file for pattern in patterns for file in (ROOT / package).glob(pattern)}
    files = {file for file in (ROOT / package).rglob("*") if file.is_file() and file.suffix not in (".py", ".pyc")}
    assert files - packaged == set()


CONSUMER = """\
from pathlib import Path

import mixopt
import optuna

space = mixopt.MixtureSpace(["a", "b"], lower={"a": 0.1})
sampler: optuna.samplers.BaseSampler = mixopt.BayesSampler(space, seed=0)
study = optuna.create_study(sampler=mixopt.on_simplex(optuna.samplers.TPESampler(), space))
weights: dict[str, float] = mixopt.suggest_mixture(study.ask(), space)
recommendation: mixopt.Recommendation = mixopt.recommend(study, space)
low, high = recommendation.interval
caps: dict[str, float] = mixopt.data_caps({"a": 10}, steps=10, prompts=2)
front: mixopt.Front = mixopt.pareto_front(study, space)
runs: mixopt.Runs = mixopt.read_runs(Path("runs.csv"), "score")
reveal_type(mixopt.Study.open("mine").recommend().weights)
"""


@pytest.mark.slow
def test_the_public_names_are_typed_strictly(tmp_path):
    (tmp_path / "consumer.py").write_text(CONSUMER)
    options = ["--strict", "--follow-imports=silent", "--config-file=", "--cache-dir", str(tmp_path)]
    environment = {**os.environ, "MYPYPATH": str(ROOT)}
    argv = [sys.executable, "-m", "mypy", *options, "consumer.py"]
    checked = subprocess.run(argv, cwd=tmp_path, capture_output=True, text=True, env=environment)
    assert checked.stdout.startswith('consumer.py:15: note: Revealed type is "dict[str, float]"\nSuccess'), (
        checked.stdout
    )


@pytest.mark.slow
def test_the_wheel_works_in_a_clean_environment(tmp_path):
    source, wheels, home = tmp_path / "source", tmp_path / "wheels", tmp_path / "venv"
    for name in ("mixopt", "rlvr_backend"):  # a copy: building leaves a folder behind
        shutil.copytree(ROOT / name, source / name)
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    pip = [sys.executable, "-m", "pip"]
    subprocess.run([*pip, "wheel", "--no-deps", "--wheel-dir", wheels, source], check=True, capture_output=True)
    [wheel] = wheels.iterdir()
    assert wheel.stat().st_size < MEGABYTE
    subprocess.run([sys.executable, "-m", "venv", home], check=True)
    constraints = ["--constraint", ROOT / "constraints.txt"]
    subprocess.run([home / "bin" / "pip", "install", "--quiet", *constraints, wheel], check=True)
    listed = subprocess.run([home / "bin" / "pip", "list"], capture_output=True, text=True, check=True).stdout
    assert not (TRAINING | TORCH) & {line.split()[0] for line in listed.splitlines()}

    def run(*arguments, code=0):
        environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "OMP_NUM_THREADS": "1"}
        done = subprocess.run(
            [home / "bin" / "mixopt", *arguments], cwd=tmp_path, env=environment, capture_output=True, text=True
        )
        assert done.returncode == code, done.stderr
        return done.stderr if code else done.stdout

    rows = ["a,b,score", *(f"{w},{1 - w},{1 - (w - 0.3) ** 2}" for w in (0.0, 0.25, 0.5, 0.75, 1.0))]
    (tmp_path / "runs.csv").write_text("\n".join(rows))
    assert run("--version").strip() == PROJECT["version"]
    assert "absent  rlvr" in run("doctor")
    assert "absent  botorch" in run("doctor") and "absent  gpu" in run("doctor")
    assert "5 runs imported" in run("study", "import", "mine", "runs.csv", "--value", "score")
    assert "recommended mixture" in run("study", "recommend", "mine")
    trial = str(json.loads(run("study", "ask", "mine"))["trial"])
    assert f"trial {trial} has 0.9" in run("study", "tell", "mine", trial, "--score", "score=0.9")
    run("study", "report", "mine", "--output", "report.html")
    assert "19 trials of the strategy are left" in (tmp_path / "report.html").read_text()
    phases = [{"seed": ["single"]}, {"optuna": {"trials": 3, "sampler": "gp"}}]
    study = {"study": "gp", "domains": {"a": {"size": 9}, "b": {"size": 9}}, "tests": {"out": {"t": 9}}}
    (tmp_path / "gp.yaml").write_text(yaml.safe_dump({**study, "strategy": phases, "score": {"steps": [10]}}))
    refused = run("study", "create", "gp.yaml", code=2)
    assert refused.endswith("Optuna's GPSampler needs torch, which is not installed: pip install 'mixopt[botorch]'\n")

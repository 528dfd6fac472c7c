"""The command line: what it says, and that bad input is one line and exit code 2 with nothing left behind."""

import os
import subprocess
import sys

import pytest

from mixopt.leases.leases import Leases
from mixopt.study.study import Study
from tests.support.toy_study import toy_file

SHORT = [{"seed": ["single", "exclude_one", "all"]}]


def mixopt(*arguments, home):
    environment = {**os.environ, "MIXOPT_HOME": str(home), "COLUMNS": "100"}
    argv = [sys.executable, "-m", "mixopt.cli", *map(str, arguments)]
    return subprocess.run(argv, capture_output=True, text=True, env=environment, timeout=120)


def test_from_a_study_file_to_a_recommendation(tmp_path, home):
    file = toy_file(tmp_path, strategy=SHORT, cost={"seconds": 30, "megabytes": 3})
    planned = mixopt("study", "create", file, "--dry-run", home=home)
    assert "7 trials of at most 4 steps: 28 steps" in planned.stdout
    assert "time: about 0.058 h in one slot, 0.029 h in two; disk: about 21 MB" in planned.stdout
    assert not home.exists()
    assert mixopt("study", "create", file, home=home).returncode == 0
    assert "0 of 7" in mixopt("study", "list", home=home).stdout
    ran = mixopt("study", "resume", "toy", "--slots", 2, home=home)
    assert ran.returncode == 0, ran.stderr
    for said in ("(7 of 7, about 0 min left)", "recommended mixture", "gain over uniform", "study toy is complete"):
        assert said in ran.stdout
    for name in ("strategies", "fit"):
        assert (home / "toy" / "figures" / f"{name}.png").stat().st_size > 10_000
    again = mixopt("study", "resume", "toy", home=home)
    assert again.returncode == 0 and "is complete: 7 trials" in again.stdout and "started" not in again.stdout
    assert "exclude:b" in mixopt("study", "show", "toy", home=home).stdout
    assert "predicted out-score" in mixopt("study", "recommend", "toy", home=home).stdout
    more = mixopt("study", "resume", "toy", "--trials", "+1", home=home)
    assert "is complete: 8 trials" in more.stdout
    replicated = mixopt("study", "replicate", "toy", "all", "--seeds", "1,2", home=home)
    assert "of 2 runs" in replicated.stdout
    assert mixopt("study", "delete", "toy", "--yes", home=home).returncode == 0
    assert not (home / "toy").exists()


def test_a_failed_mixture_is_shown_with_its_log_and_exit_code_1(tmp_path, home):
    file = toy_file(tmp_path, strategy=SHORT)
    file.write_text(file.read_text() + "    options: {crash: 0.9}\n")
    mixopt("study", "create", file, home=home)
    ran = mixopt("study", "resume", "toy", home=home)
    assert ran.returncode == 1
    assert "trial 0 failed: the trainer ended with exit code 3" in ran.stdout
    assert "CUDA error: the toy is broken" in ran.stdout and "Traceback" not in ran.stdout + ran.stderr
    assert "6 trials are done, 1 failed for good" in ran.stdout
    shown = mixopt("study", "show", "toy", "--failed", home=home)
    assert shown.stdout.count("100   0   0 %") == 2 and "CUDA error: the toy is broken" in shown.stdout
    assert "exclude" not in shown.stdout


def test_a_warning_is_said_once_a_run(tmp_path, home):
    strategy = [{"seed": ["all", "single"]}, {"heuristic": ["leave_one_out"]}, {"bayes": {"trials": 3}}]
    mixopt("study", "create", toy_file(tmp_path, strategy=strategy), home=home)
    ran = mixopt("study", "resume", "toy", home=home)
    assert ran.returncode == 0 and ran.stderr.count("warning: heuristic leave_one_out is skipped") == 1, ran.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["study", "create", "nowhere.yaml"], "nowhere.yaml: cannot be read"),
        (["study", "resume", "nobody"], "there is no study 'nobody'"),
        (["study", "show", "nobody"], "there is no study 'nobody'"),
        (["study", "recommend", "nobody"], "there is no study 'nobody'"),
        (["study", "delete", "nobody", "--yes"], "there is no study 'nobody'"),
        (["study", "create", "FILE"], "study 'toy' exists"),
        (["study", "recommend", "toy"], "too few to recommend from"),
        (["study", "replicate", "toy", "some"], "mixture 'some': give `recommended`"),
        (["study", "replicate", "toy", '{"a": 0.5, "b": 0.2, "c": 0.1}'], "sum to 0.8"),
        (["study", "create", "FILE", "--folder", "/proc/nowhere/toy"], "cannot be made"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(tmp_path, home, arguments, said):
    file = toy_file(tmp_path, strategy=SHORT)
    Study.create(file)
    before = sorted(home.rglob("*"))
    done = mixopt(*[file if word == "FILE" else word for word in arguments], home=home)
    assert done.returncode == 2 and said in done.stderr
    assert len(done.stderr.splitlines()) == 1 and done.stderr.startswith("error: ")
    assert sorted(home.rglob("*")) == before


@pytest.mark.parametrize("arguments", [["--trials", "10"], ["--trials", "+x"], ["--trials=-3"], ["--slots", "0"]])
def test_bad_options_are_usage_errors(tmp_path, home, arguments):
    Study.create(toy_file(tmp_path, strategy=SHORT))
    done = mixopt("study", "resume", "toy", *arguments, home=home)
    assert done.returncode == 2 and len(done.stderr.splitlines()) == 1


def test_a_study_that_is_being_trained_cannot_be_deleted(tmp_path, home):
    study = Study.create(toy_file(tmp_path, strategy=SHORT))
    lease = Leases(study.folder).take(study.ask(study.sampler()).number, 1)
    done = mixopt("study", "delete", "toy", "--yes", home=home)
    assert done.returncode == 2 and "is being trained: mixopt study stop toy" in done.stderr
    assert "running" in mixopt("study", "list", home=home).stdout
    assert study.folder.spec.exists()
    lease.release()
    assert mixopt("study", "delete", "toy", "--yes", home=home).returncode == 0


def test_a_base_model_that_cannot_be_prepared_is_told_with_its_log(tmp_path, home, monkeypatch):
    monkeypatch.setenv("RLVR_CACHE", "/proc/nowhere")
    data = {"domains": {"detect": {"size": 9}, "refer": {"size": 9}}, "tests": {"out": {"chart": 9}}}
    Study.create(toy_file(tmp_path, **data, strategy=[{"seed": ["all"]}], backend={"rlvr": {"model": "shapes"}}))
    ran = mixopt("study", "resume", "toy", home=home)
    assert ran.returncode == 1
    assert ran.stderr.startswith("error: the base model could not be prepared") and "/proc/nowhere" in ran.stderr
    assert Study.open("toy").trials() == []

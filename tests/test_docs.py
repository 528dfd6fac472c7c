"""The docs are true: links and anchors lead somewhere, commands parse, examples run, study files are valid."""

import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import fields
from pathlib import Path

import numpy as np
import optuna
import pytest
import yaml
from typer.main import get_command
from typer.testing import CliRunner

import mixopt
from mixopt.cli.app import app
from mixopt.study.spec import StudySpec, read_spec
from rlvr_backend.options import Options

ROOT = Path(__file__).parents[1]
README, *OTHERS = (ROOT / name for name in ("README.md", "CONTRIBUTING.md", "CHANGELOG.md"))
PAGES = [README, *OTHERS, *sorted(ROOT.glob("docs/**/*.md")), *sorted(ROOT.glob("notebooks/*.md"))]
MINIMAL = {
    "study": "mine",
    "domains": {name: {"size": 1000} for name in "abc"},
    "tests": {"out": {"x": 10}},
    "score": {"steps": [5, 10]},
    "strategy": [{"bayes": {"trials": 3}}],
}


def name_of(page):
    return str(page.relative_to(ROOT))


def blocks(page, language):
    return re.findall(rf"```{language}\n(.*?)```", page.read_text(), re.DOTALL)


def by_page(found):
    """Every (page, thing) that `found` says is on a page, named after the page."""
    return [
        pytest.param(page, thing, id=f"{name_of(page)}-{i}")
        for page in PAGES
        for i, thing in enumerate(dict.fromkeys(found(page)))
    ]


def prose(page):
    """A page without its blocks of code."""
    return re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)


def anchors(page):
    """The anchors of a page's headings, as GitHub and mkdocs make them."""
    headings = re.findall(r"^#+ (.*)$", prose(page), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize(("page", "link"), by_page(lambda page: re.findall(r"\]\(([^)\s]+)\)", prose(page))))
def test_every_link_leads_somewhere(page, link):
    if link.startswith("https://"):
        return
    path, _, anchor = link.partition("#")
    target = (page.parent / path).resolve() if path else page
    assert target.exists() and target.is_relative_to(ROOT)
    assert not anchor or anchor in anchors(target)


def commands(page):
    """Every `mixopt ...` line of the page's consoles, whatever it is called by."""
    lines = "".join(blocks(page, "console")).splitlines()
    return [match[1] for line in lines if (match := re.match(r"(?:\S+=\S+ )?(?:\.venv/bin/)?mixopt (.*)", line))]


@pytest.mark.parametrize(("page", "line"), by_page(commands))
def test_every_command_parses(page, line):
    words, command = shlex.split(line, comments=True), get_command(app)
    while hasattr(command, "commands"):
        if words[0].startswith("-"):
            break
        command = command.commands[words.pop(0)]
    command.make_context(command.name, [word.replace("NUMBER", "7") for word in words], resilient_parsing=False)


def scripts(page):
    """Every script of the repository that the page says to run, in a console or in a sentence."""
    return re.findall(r"\bpython (\w+/[\w/-]+\.py)\b", page.read_text())


@pytest.mark.parametrize(("page", "script"), by_page(scripts))
def test_every_script_is_there(page, script):
    assert (ROOT / script).is_file()


@pytest.mark.parametrize(("page", "text"), by_page(lambda page: blocks(page, "yaml")))
def test_every_study_file_is_valid_and_so_is_every_part_of_one(page, text, tmp_path):
    said = yaml.safe_load(text)
    if text.startswith("    "):  # options of `backend: rlvr:`
        assert set(said) <= {field.name for field in fields(Options)}
        said = {"backend": {"rlvr": said}}
    assert set(said) <= {field.alias or name for name, field in StudySpec.model_fields.items()}
    whole = said if {"study", "domains"} <= set(said) else MINIMAL | said
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(whole, sort_keys=False))
    assert read_spec(tmp_path / "study.yaml").study == whole["study"]


def test_the_study_file_of_the_readme_is_the_one_of_make_study():
    shown = next(yaml.safe_load(text) for text in blocks(README, "yaml") if "study: shapes" in text)
    assert shown == yaml.safe_load((ROOT / "studies" / "shapes.yaml").read_text())


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "trainers.md"], ids=name_of)
def test_the_python_of_every_page_runs(page):
    """That of trainers.md is a trainer and its test: tests/test_trainers.py runs them."""
    centre = {"coco": 0.3, "lisa": 0.3, "sat": 0.4}
    scope = {"train_and_score": lambda weights: -sum((weights[name] - centre[name]) ** 2 for name in centre)}
    for code in blocks(page, "python"):
        exec(code, scope)
    if page == README:
        assert scope["study"].best_value > -0.02
        assert scope["caps"]["sat"] == 1 and scope["tpe"].space == scope["space"]
    if page.name == "CONTRIBUTING.md":
        check_sampler(scope["Halfway"])


def check_sampler(sampler):

    space = mixopt.MixtureSpace(["a", "b", "c"])
    study = optuna.create_study(direction="maximize", sampler=sampler(space))
    study.optimize(lambda trial: mixopt.suggest_mixture(trial, space)["a"], n_trials=5)
    assert study.trials[-1].user_attrs["label"] == "halfway"


def test_the_first_five_minutes_work(tmp_path, monkeypatch):
    """The commands of the first page, one after the other, for a CSV of old runs and for trials by hand."""
    monkeypatch.chdir(tmp_path)
    weights = np.random.default_rng(0).dirichlet([1, 1, 1], 20)
    rows = [",".join(map(str, [*row.round(6), 1 - (row[0] - 0.5) ** 2])) for row in weights]
    Path("runs.csv").write_text("\n".join(["coco,lisa,sat,score", *rows]))
    page = ROOT / "docs" / "index.md"
    _, old, by_hand, _ = blocks(page, "console")
    assert "recommended mixture" in run_lines(old)[-1]
    *_, last = run_lines(by_hand.rpartition("mixopt study recommend")[0])
    assert "trial 0 has 0.4100" in last


def run_lines(text):
    """What each command of a block prints."""
    printed = []
    for line in text.splitlines():
        done = CliRunner().invoke(app, shlex.split(line, comments=True)[1:])
        assert done.exit_code == 0, (line, done.output, done.exception)
        printed.append(done.stdout)
    return printed


@pytest.mark.parametrize(("page", "target"), by_page(lambda p: re.findall(r"^make ([\w-]+)", p.read_text(), re.M)))
def test_every_make_target_exists(page, target):
    assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_the_site_is_built_without_a_warning(tmp_path):
    if not (mkdocs := shutil.which("mkdocs", path=str(Path(sys.executable).parent))):
        pytest.skip("mkdocs is not installed: pip install 'mixopt[docs]'")
    argv = [mkdocs, "build", "--strict", "--site-dir", str(tmp_path / "site")]
    built = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert built.returncode == 0 and "WARNING  -" not in built.stderr, built.stderr
    navigation = (ROOT / "mkdocs.yml").read_text()
    assert [page.name for page in (ROOT / "docs").glob("*.md") if page.name not in navigation] == []
    assert 'href="../mixopt' not in (tmp_path / "site" / "strategies" / "index.html").read_text()

"""The docs are true: links and anchors lead somewhere, commands parse, examples run, study files are valid."""

import csv
import re
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import optuna
import pytest
import yaml
from typer.main import get_command

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
    """Every `mixopt ...` line of the page's consoles, with or without a prompt, a variable and a path."""
    lines = "".join(blocks(page, "console")).splitlines()
    call = re.compile(r"(?:\$ )?(?:\S+=\S+ )?(?:\.venv/bin/)?mixopt (.*)")
    return [match[1] for line in lines if (match := call.match(line))]


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
    text = page.read_text()
    modules = re.findall(r"\bpython -m (tests(?:\.\w+)+)", text)
    return re.findall(r"\bpython (\w+/[\w/-]+\.py)\b", text) + [f"{name.replace('.', '/')}.py" for name in modules]


@pytest.mark.parametrize(("page", "script"), by_page(scripts))
def test_every_script_is_there(page, script):
    assert (ROOT / script).is_file()


def test_every_page_named_in_the_code_exists():
    sources = [
        file for folder in ("mixopt", "rlvr_backend", "studies", "tests") for file in ROOT.glob(f"{folder}/**/*.py")
    ]
    named = {
        (file, name) for file in sources for name in re.findall(r"\bdocs/[a-z-]+\.md\b|PAPER\.md", file.read_text())
    }
    assert [(name_of(file), name) for file, name in sorted(named) if not (ROOT / name).exists()] == []


def test_the_rooms_of_contributing_are_those_of_the_import_contract():
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    layers = next(contract["layers"] for contract in contracts if contract["type"] == "layers")
    floors = {room: floor for floor, layer in enumerate(reversed(layers), 1) for room in layer.split(" | ")}
    rows = re.findall(r"^\| (\d+) \| \[?([\w, ]+?)\]?(?:\(\S+\))? \|", OTHERS[0].read_text(), re.MULTILINE)
    assert {room: int(floor) for floor, rooms in rows for room in rooms.split(", ")} == floors


def test_every_extra_is_on_the_installation_page():
    extras = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["optional-dependencies"]
    assert set(extras) <= set(re.findall(r"`([\w-]+)`", (ROOT / "docs" / "install.md").read_text()))


def test_every_command_is_documented():
    shown = {tuple(shlex.split(line, comments=True)[:2]) for page in PAGES for line in commands(page)}
    groups = [(name, group) for name, group in get_command(app).commands.items() if hasattr(group, "commands")]
    assert {(name, command) for name, group in groups for command in group.commands} <= shown


@pytest.mark.parametrize(("page", "text"), by_page(lambda page: blocks(page, "yaml")))
def test_every_study_file_is_valid_and_so_is_every_part_of_one(page, text, tmp_path):
    said = yaml.safe_load(text)
    if text.startswith("    "):  # options of `backend: rlvr:`
        assert set(said) <= set(Options.model_fields)
        said = {"backend": {"rlvr": said}}
    assert set(said) <= {field.alias or name for name, field in StudySpec.model_fields.items()}
    whole = said if {"study", "domains"} <= set(said) else MINIMAL | said
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(whole, sort_keys=False))
    assert read_spec(tmp_path / "study.yaml").study == whole["study"]


def test_the_example_runs_are_the_first_of_the_table_of_real_runs():
    with (ROOT / "docs" / "runs.csv").open() as example, (ROOT / "studies/shapes-table/table.csv").open() as table:
        runs = list(csv.DictReader(example))
        rows = [row for row in csv.DictReader(table) if (row["step"], row["train_seed"]) == ("80", "42")]
    names = {"out_score": "out_score"} | {name: f"w:{name}" for name in list(runs[0])[:-1]}
    for run, row in zip(runs, rows):
        assert {name: float(run[name]) for name in names} == pytest.approx(
            {name: float(row[column]) for name, column in names.items()}, abs=1e-4
        )


def test_the_readme_is_short():
    assert len(README.read_text().splitlines()) <= 130


@pytest.mark.parametrize("page", [page for page in PAGES if page.name != "trainers.md"], ids=name_of)
def test_the_python_of_every_page_runs(page):
    """That of trainers.md is a trainer and its test: tests/test_trainers.py runs them."""
    centre = {"coco": 0.3, "lisa": 0.3, "sat": 0.4}
    scope = {"train_and_score": lambda weights: -sum((weights[name] - centre[name]) ** 2 for name in centre)}
    for code in blocks(page, "python"):
        exec(code, scope)
    if page == README:
        assert scope["study"].best_value > -0.02
    if page.name == "python.md":
        assert scope["caps"]["sat"] == 1 and scope["tpe"].space == scope["space"]
    if page.name == "CONTRIBUTING.md":
        check_sampler(scope["Halfway"])


def check_sampler(sampler):
    space = mixopt.MixtureSpace(["a", "b", "c"])
    study = optuna.create_study(direction="maximize", sampler=sampler(space))
    study.optimize(lambda trial: mixopt.suggest_mixture(trial, space)["a"], n_trials=5)
    assert study.trials[-1].user_attrs["label"] == "halfway"


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

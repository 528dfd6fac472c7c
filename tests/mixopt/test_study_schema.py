"""The JSON Schema of study files and the page made from it: up to date, complete, and of one mind with the models."""

import json
import re
import runpy
import tomllib
from copy import deepcopy
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

import pytest
import yaml
from jsonschema import Draft202012Validator
from typer.testing import CliRunner

from mixopt.cli.app import app
from mixopt.errors import StudyFileError
from mixopt.study.spec import read_spec
from mixopt.study.spec.schema import FILE, keys_at, study_schema
from tests.support.toy_study import toy_data

ROOT = Path(__file__).parents[2]
STUDIES = sorted((ROOT / "studies").rglob("*.yaml"))
MODELINE = re.compile(r"# yaml-language-server: \$schema=(\S+)\n")
VALIDATOR = Draft202012Validator(study_schema())
FULL = toy_data(
    constraints=["a + b <= 0.9"],
    at_least={"steps": 2, "prompts": 8},
    candidates=[[0.5, 0.3, 0.2], {"a": 0.2, "b": 0.3, "c": 0.5}],
    silence=9.5,
    cost={"seconds": 4, "megabytes": 2},
    budget={"trials": 9, "hours": 3},
    stop={"gain": 0.01, "probability": 0.1},
    strategy=[
        {"seed": {"designs": ["all", {"lattice": 2}, {"name": "mine", "weights": {"a": 1, "b": 0, "c": 0}}]}},
        {"heuristic": ["alpha_in", {"names": ["alpha_out"], "without": ["a"]}]},
        {"optuna": {"trials": 3, "sampler": "tpe"}},
        {"regression": {"trials": 3, "surrogate": "linear"}},
        {"bayes": {"trials": 3}},
    ],
)


def mappings(part, path=()):
    """Every mapping of a schema that has keys, with the path to it."""
    if isinstance(part, dict):
        if "properties" in part:
            yield path, part
        for key, value in part.items():
            yield from mappings(value, (*path, key))
    elif isinstance(part, list):
        for place, value in enumerate(part):
            yield from mappings(value, (*path, place))


def places(tree, path=()):
    """The paths of all mappings of a study file."""
    below = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [path] * isinstance(tree, dict) + [deeper for key, value in below for deeper in places(value, (*path, key))]


def test_what_is_made_from_the_models_is_up_to_date():
    for path, text in runpy.run_path(str(ROOT / "tools" / "study_schema.py"))["contents"]().items():
        assert path.read_text(encoding="utf-8") == text, f"{path.name} is out of date: run `make schema`"


def test_it_is_a_schema_of_its_draft():
    Draft202012Validator.check_schema(study_schema())
    assert study_schema()["$schema"] == Draft202012Validator.META_SCHEMA["$id"]


def test_every_key_has_a_description_and_examples_that_are_valid():
    found = list(mappings(study_schema()))
    assert len(found) > 20
    for path, part in found:
        for key, value in part["properties"].items():
            assert value.get("description", "").endswith("."), (*path, key)
            for example in value.get("examples", ()):
                Draft202012Validator({**value, "$defs": study_schema()["$defs"]}).validate(example)


@pytest.mark.parametrize("file", STUDIES, ids=lambda file: file.name)
def test_every_study_file_of_the_project_is_valid_and_names_the_schema(file):
    assert [error.message for error in VALIDATOR.iter_errors(yaml.safe_load(file.read_text()))] == []
    assert (file.parent / MODELINE.match(file.read_text())[1]).resolve() == FILE


def test_every_study_file_of_the_docs_is_valid():
    pages = [ROOT / "README.md", *(ROOT / "docs").glob("*.md")]
    blocks = [block for page in pages for block in re.findall(r"^```yaml\n(.*?)```", page.read_text(), re.S | re.M)]
    assert len(blocks) > 5
    for block in blocks:
        said = yaml.safe_load(block)
        said = {"backend": {"rlvr": said}} if block.startswith("    ") else said
        assert [error.message for error in VALIDATOR.iter_errors(toy_data() | said)] == [], block


@pytest.mark.parametrize("place", places(FULL), ids=str)
def test_an_unknown_key_is_refused_wherever_only_some_are_known(tmp_path, place):
    VALIDATOR.validate(FULL)
    data = deepcopy(FULL)
    at = data
    for key in place:
        at = at[key]
    at["a key of ours"] = 1
    free = place and place[-1] in ("options",)
    names = (place and place[-1] in ("domains", "in", "out", "weights")) or place == ("candidates", 1)
    (tmp_path / "study.yaml").write_text(yaml.safe_dump(data))
    if not free and not names:
        assert not VALIDATOR.is_valid(data)
    if not free:
        with pytest.raises(StudyFileError):
            read_spec(tmp_path / "study.yaml")


@pytest.mark.parametrize(
    ("path", "keys"),
    [
        ([], {"study", "domains", "strategy"}),
        (["domains", "coco"], {"size", "lower", "upper"}),
        (["strategy", "0"], {"seed", "heuristic", "quadratic", "bayes", "regression", "optuna"}),
        (["strategy", "0", "seed", "designs", "3"], {"name", "weights"}),
        (["backend"], {"rlvr", "command"}),
        (["backend", "rlvr", "lora"], {"rank", "alpha", "targets"}),
        (["study"], set()),
    ],
)
def test_the_keys_at_a_place(path, keys):
    assert keys <= set(keys_at(path)) and bool(keys) == bool(keys_at(path))


def test_it_is_printed_and_shipped():
    done = CliRunner().invoke(app, ["study", "schema"])
    assert done.exit_code == 0 and json.loads(done.stdout) == study_schema()
    patterns = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["package-data"]["mixopt"]
    assert str(FILE.relative_to(ROOT / "mixopt")) in patterns


def test_a_new_study_file_names_the_schema_that_is_installed_and_is_valid(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    argv = "study new mine --domain coco=5997 --domain sat=15000 --out-test chart=250".split()
    assert CliRunner().invoke(app, argv).exit_code == 0
    text = (tmp_path / "mine.yaml").read_text()
    assert Path(url2pathname(urlsplit(MODELINE.match(text)[1]).path)) == FILE
    VALIDATOR.validate(yaml.safe_load(text))

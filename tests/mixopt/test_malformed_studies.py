"""Malformed study files: `mixopt study create` says what is wrong in one line, and leaves nothing behind."""

import pytest
import yaml

from tests.support.command_line import refusal
from tests.support.toy_study import toy_data

OWN = {"name": "mine", "weights": {"a": 0.5, "b": 0.3, "c": 0.2}}


def deep(depth: int) -> str:
    return "[" * depth + "]" * depth


TEXTS = {  # what is no YAML, or not that of a study
    "empty": ("", "is not a study file"),
    "a list": ("- study: toy\n", "is not a study file"),
    "words": ("a study of mixtures\n", "is not a study file"),
    "a tab": ("study: toy\n\tdomains: {}\n", "is not YAML at line 2"),
    "an open bracket": ("study: [toy\n", "is not YAML"),
    "twice": ("study: toy\nstudy: two\n", "key 'study' appears twice"),
    "a key that is a list": ("? [a, b]\n: 1\n", "is not YAML at line 1"),
    "a key that is a mapping": ("{{a: 1}: 2}\n", "is not YAML at line 1"),
    "two documents": ("study: toy\n---\nstudy: two\n", "is not YAML at line 2"),
    "an alias of nothing": ("study: *toy\n", "is not YAML at line 1"),
    "nested deeply": (f"study: {deep(20_000)}\n", "is nested too deeply"),
    "latin-1": ("study: jos\xe9\n".encode("latin-1"), "is not YAML"),
    "utf-16": ("study: toy\n".encode("utf-16"), "is not YAML"),
    "binary": (bytes(range(256)), "is not YAML"),
    "a null byte": (b"study: toy\x00\n", "is not YAML"),
    "a call": ("study: !!python/object/apply:os.system ['touch CALLED']\n", "could not determine a constructor"),
    "a module": ("study: !!python/module:subprocess ''\n", "could not determine a constructor"),
    "a new object": ("backend: !!python/object/new:subprocess.Popen [[touch, CALLED]]\n", "could not determine"),
    "a tuple": ("study: !!python/tuple [1]\n", "could not determine a constructor"),
}
FIELDS = {  # where in the toy study file, what stands there instead, what is said
    "study": [("", "study: must be"), (3, "study"), ("a/b", "study: must be"), ("x" * 65, "study"), (None, "study")],
    "train_seed": [("42", "train_seed"), (1.5, "train_seed"), (True, "train_seed"), (10**400, "train_seed")],
    "sampler_seed": [(-1, "sampler_seed: must be at least 0"), (10**400, "sampler_seed")],
    "domains": [([], "domains"), ("a", "domains"), ({}, "at least 2 domains"), ({1: {"size": 3}}, "domains")],
    "domains.a": [(100, "domains.a"), ({}, "domains.a.size: is missing"), ({"size": 3, 1: 2}, "domains.a.1")],
    "domains.a.size": [("100", "domains.a.size"), (10**30, "domains.a.size: must be at most"), (2.0, "domains.a.size")],
    "domains.a.lower": [
        (float("nan"), "domains.a.lower"),
        (float("inf"), "domains.a.lower"),
        (True, "domains.a.lower"),
        ("0.5", "domains.a.lower"),
        (-0.1, "domains.a.lower: must be at least 0"),
    ],
    "domains.a.upper": [(10**400, "domains.a.upper"), ([], "domains.a.upper")],
    "domains.a b": [({"size": 3}, "domains.a b: must be letters")],
    "domains.\ud800": [({"size": 3}, "domains")],
    "tests": [({}, "tests: none are named"), (["x"], "tests"), ({"dev": {"x": 3}}, "tests.dev: unknown key")],
    "tests.out": [
        ({"x": "many"}, "tests.out.x"),
        ({"in_score": 3}, "in_score"),
        ({"y\n": 3}, "tests.out"),
        (7, "tests"),
    ],
    "score": [({}, "score.steps: is missing"), ("out_score", "score"), ({"steps": "4"}, "score.steps")],
    "score.maximize": [
        ("z", "cannot maximize 'z'"),
        ([], "score.maximize"),
        (["x"], "score.maximize"),
        (["x", "x"], "cannot maximize 'x' twice"),
        ({"blend": "half"}, "score.maximize"),
        ({"blend": 0.5, "of": 2}, "score.maximize"),
    ],
    "score.steps": [([2, 2], "steps must be rising"), ([0, 2], "score.steps.0"), ([2, float("inf")], "score.steps.1")],
    "score.range": [
        ([1, 0], "range must be two rising numbers"),
        ([0, 0], "range must be two rising numbers"),
        ([0], "score.range"),
        ([0, 1, 2], "score.range"),
        ([0, float("inf")], "score.range"),
        (["0", 1], "score.range"),
        (100, "score.range"),
    ],
    "strategy": [({"seed": ["all"]}, "strategy"), ([{}], "strategy.0: must be one of seed"), (["seed"], "strategy.0")],
    "strategy.0.seed": [
        ([], "designs"),
        ([["all"]], "seed.designs.0"),
        ([{"lattice": 10**6}], "lattice"),
        ([{"space_filling": 10**9}], "space_filling"),
        ([{**OWN, "name": "a\nb"}], "name"),
        ([{**OWN, "weights": {"a": 0.5, "b": 0.5, "d": 0}}], "'d'"),
        ([{**OWN, "weights": [0.5, 0.5, 0]}], "weights"),
        ({"designs": ["all"], "budget": 1.5}, "seed.budget"),
    ],
    "strategy.3.bayes": [({"trials": "4"}, "bayes.trials"), ({"trials": 10**30}, "bayes.trials"), (None, "bayes")],
    "constraints": [
        (["a <= 0.5 <= b"], "must have one <= or >="),
        (["a < 0.5"], "must have one <= or >="),
        (["a * b <= 0.5"], "cannot be read"),
        (["__import__('os') <= 1"], "cannot be read"),
        (["a <= 1e999"], "constraints: cannot be computed with"),
        ([0.5], "constraints.0"),
        (["a + b + c <= 0.5"], "a + b + c <= 0.5"),
    ],
    "at_least": [({"steps": 0, "prompts": 8}, "at_least.steps"), (8, "at_least")],
    "candidates": [
        ([], "candidate"),
        ([[0.5, 0.5]], "candidate 1"),
        ([[float("nan"), 0.5, 0.5]], "candidates.0.0"),
        ([{"a": 0.5, "b": 0.5, "e": 0}], "candidate 1"),
        ("all", "candidates"),
    ],
    "backend": [
        ({}, "backend: must be one of rlvr or command"),
        ("rlvr", "backend"),
        ({"slurm": {}}, "backend: must be"),
    ],
    "backend.command": [
        ({"argv": "train.sh"}, "backend.command.argv"),
        ({"argv": [3]}, "backend.command.argv.0"),
        ({"argv": ["a\0b"]}, "backend.command.argv.0"),
        ({"argv": ["train"], "options": [1]}, "backend.command.options"),
    ],
    "backend.command.options": [
        ({"rate": float("nan")}, "backend.command.options"),
        ({"since": yaml.safe_load("2020-01-01")}, "backend.command.options"),
        ({"names": {"a", "b"}}, "backend.command.options"),
        ({3: "three"}, "backend.command.options"),
    ],
    "silence": [(0, "silence"), (float("inf"), "silence"), ("long", "silence")],
    "cost": [({"seconds": 40}, "cost.megabytes: is missing"), ({"seconds": -1, "megabytes": 2}, "cost.seconds")],
}
BEYOND = "1" + "0" * 6000
SCALARS = {  # what is no value of its kind, and of which kind
    "2024-13-45": "timestamp",
    "2024-02-30": "timestamp",
    "0000-01-01": "timestamp",
    "2001-01-01 25:00:00": "timestamp",
    "2001-01-01 00:00:00 +99:99": "timestamp",
    BEYOND: "int",
    "1:" + "9" * 5000: "str",
    "0b_": "int",
    "0x_": "int",
    "1:" * 400 + "30.5": "float",
    "!!int x": "int",
    "!!int ''": "int",
    "!!int 1.5": "int",
    "!!float x": "float",
    "!!float ''": "float",
    "!!bool x": "bool",
    "!!timestamp x": "timestamp",
    "!!timestamp 2024-1-99": "timestamp",
}
NO_SCALARS = {  # what else stands for no value
    "!!binary x": "failed to decode base64 data",
    "!!binary é": "failed to",
    "!!int [1]": "expected a scalar node",
    "!!omap x": "expected a sequence",
    "!!set [x]": "expected a mapping node",
    "<<": "could not determine a constructor",
    "=": "could not determine a constructor",
    "!unknown x": "could not determine a constructor",
    "{<<: 3}": "expected a mapping or list of mappings for merging",
    "{<<: [3]}": "expected a mapping for merging",
    "{<<: {}, <<: {}}": "key '<<' appears twice: write `<<: [*one, *other]`",
}
TOO_LARGE = ["1e999999", "-1e999999", "0x" + "f" * 6000, "1:" * 4000 + "00", "-" + "9" * 4200, ".inf", ".nan"]
CASES = [(place, value, said) for place, cases in FIELDS.items() for value, said in cases]


def changed(place: str, value: object) -> dict:
    """The toy study file as data with another value at a place."""
    data = toy_data()
    *keys, last = [int(key) if key.isdigit() else key for key in place.split(".")]
    at = data
    for key in keys:
        at = at[key]
    at[last] = value
    return data


@pytest.fixture
def file(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    yield tmp_path / "toy.yaml"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["toy.yaml"], "nothing is left behind"


@pytest.mark.parametrize("name", TEXTS)
def test_text_that_is_no_study_file(file, capfd, monkeypatch, name):
    text, said = TEXTS[name]
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert said in (line := refusal(capfd, monkeypatch, "study", "create", file)) and str(file) in line


@pytest.mark.parametrize(("place", "value", "said"), CASES, ids=[f"{place}-{value!r:.30}" for place, value, _ in CASES])
def test_a_field_that_cannot_be(file, capfd, monkeypatch, place, value, said):
    file.write_text(yaml.safe_dump(changed(place, value), sort_keys=False))
    assert said in (line := refusal(capfd, monkeypatch, "study", "create", file)) and str(file) in line


def test_options_that_hold_themselves(file, capfd, monkeypatch):
    file.write_text(yaml.safe_dump(changed("backend.command.options", {"a": "&x [*x]"})).replace("'", ""))
    assert "its aliases hold themselves" in refusal(capfd, monkeypatch, "study", "create", file)


def test_aliases_of_aliases(file, capfd, monkeypatch):
    layers = "".join(f"  l{i}: &l{i} [{', '.join([f'*l{i - 1}'] * 9)}]\n" for i in range(1, 12))
    file.write_text(f"backend:\n rlvr:\n  data:\n  l0: &l0 [x]\n{layers}")
    assert "or too much" in refusal(capfd, monkeypatch, "study", "create", file)


def test_a_study_file_that_is_a_folder(file, capfd, monkeypatch):
    file.mkdir()
    assert "Is a directory" in refusal(capfd, monkeypatch, "study", "create", file)


@pytest.mark.parametrize("scalar", SCALARS, ids=lambda scalar: scalar[:24])
def test_a_scalar_that_is_none_of_its_kind(file, capfd, monkeypatch, scalar):
    kind = SCALARS[scalar]
    file.write_text(f"study: toy\ntrain_seed:\n  {scalar}\n")
    others = 4 if kind == "str" else 0  # it can be read, and the rest is missing
    said = refusal(capfd, monkeypatch, "study", "create", file, lines=1 + others)
    assert str(file) in said and all(len(line) < 400 for line in said.splitlines())
    if kind != "str":  # which is one, and no seed
        assert "is not YAML at line 3" in said and f"cannot be read as {kind}" in said


@pytest.mark.parametrize("scalar", NO_SCALARS)
def test_a_value_that_is_none(file, capfd, monkeypatch, scalar):
    file.write_text(f"study: toy\ntrain_seed: {scalar}\n")
    said = refusal(capfd, monkeypatch, "study", "create", file)
    assert str(file) in said and "is not YAML at line 2" in said and NO_SCALARS[scalar] in said


@pytest.mark.parametrize("place", ["train_seed", "silence", "domains.a.upper", "score.steps"])
@pytest.mark.parametrize("number", TOO_LARGE, ids=lambda number: number[:12])
def test_a_number_that_is_too_large(file, capfd, monkeypatch, place, number):
    file.write_text(yaml.safe_dump(changed(place, "NUMBER"), sort_keys=False).replace("NUMBER", number))
    said = refusal(capfd, monkeypatch, "study", "create", file)
    assert place in said and str(file) in said and len(said) < 400


def test_a_study_file_without_end(file, capfd, monkeypatch):
    file.symlink_to("/dev/zero")
    assert "has more than" in refusal(capfd, monkeypatch, "study", "create", file)


def test_a_text_without_end(file, capfd, monkeypatch):
    file.write_text(yaml.safe_dump(changed("study", "x" * 10**6), sort_keys=False))
    said = refusal(capfd, monkeypatch, "study", "create", file)
    assert "study: " in said and len(said) < 400


def test_a_mapping_of_20_000_keys(file, capfd, monkeypatch):
    file.write_text("study: toy\ndomains:\n" + "".join(f"  d{i}: {{}}\n" for i in range(20_000)))
    assert str(file) in refusal(capfd, monkeypatch, "study", "create", file, lines=3)  # all else is missing

"""Mutants of a valid study file and of a valid result: whatever they say, they are read, or refused in one line."""

import copy
import json
from pathlib import Path

import yaml
from hypothesis import example, given, settings, strategies as st

from mixopt.errors import MixoptError
from mixopt.study.plan import checked_spec
from mixopt.trainers.contract import Request, Result, TrialFailed
from tests.support.toy_study import toy_data

SETTINGS = {
    "constraints": ["a + b <= 0.9"],
    "at_least": {"steps": 2, "prompts": 8},
    "candidates": [[0.5, 0.3, 0.2], {"a": 0.2, "b": 0.3, "c": 0.5}],
    "silence": 9.5,
    "cost": {"seconds": 4, "megabytes": 2},
    "budget": {"trials": 9, "hours": 3},
    "stop": {"gain": 0.01, "probability": 0.1},
    "train_seed": 7,
}
STUDY = toy_data(**SETTINGS)
REQUEST = Request("toy", 3, 42, {"a": 0.5, "b": 0.5}, {"a": 9, "b": 9}, {"x": 9, "y": 9}, [2, 4], {})
RESULT = {
    "evaluations": [{"step": step, "scores": {"x": 0.5, "y": 0.25}, "carried": False} for step in (2, 4)],
    **{"steps": 4, "stopped": "finished", "draws": {"a": 2}, "seconds": 1.5, "exhausted": [], "trial": 3},
}


def nested(depth: int) -> list:
    return [nested(depth - 1)] if depth else []


WORDS = [None, True, "", "a", "0.5", "\x00", "é\n", "\ud800", "x" * 99, "<<", "=", b"bytes"]
NUMBERS = [0, -1, 1.5, 2**63, 10**400, 1e308, -1e-320, float("nan"), float("inf")]
TREES = [[], {}, {"a": 1}, {1: 2}, [[]], nested(300)]
ODD = st.sampled_from([*WORDS, *NUMBERS, *TREES]) | st.text(max_size=4)


def places(tree: object, path: tuple = ()) -> list[tuple]:
    """The paths of all values of a tree of mappings and lists."""
    below = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    return [path, *(deeper for key, value in below for deeper in places(value, (*path, key)))]


@st.composite
def mutants(draw, tree):
    """A tree of which one to three values were dropped, replaced, doubled or given another key."""
    tree = {"root": copy.deepcopy(tree)}
    for _ in range(draw(st.integers(1, 3))):
        *path, last = draw(st.sampled_from(places(tree)[1:]))
        at = tree
        for key in path:
            at = at[key]
        match draw(st.sampled_from(["drop", "replace", "replace", "double", "rename"])):
            case "drop" if path:
                at.pop(last)
            case "double" if isinstance(at, list):
                at.insert(last, copy.deepcopy(at[last]))
            case "rename" if isinstance(at, dict) and path:
                at[draw(st.text(max_size=3) | st.integers() | st.none())] = at.pop(last)
            case _:
                at[last] = copy.deepcopy(draw(ODD))
    return tree["root"]


def one_line(message: str) -> None:
    assert message.strip() and len(message.splitlines()) == 1, message


def each_one_line(error: MixoptError, without: str = "") -> None:
    assert error.problems and str(error) == "\n".join(error.problems)
    for problem in error.problems:
        one_line(problem.replace(without, ""))


@settings(max_examples=250)
@given(mutants(STUDY))
def test_a_mutant_of_a_study_file(tmp_path_factory, data):
    file = Path(tmp_path_factory.getbasetemp()) / "mutant.yaml"
    file.write_text(yaml.safe_dump(data, sort_keys=False, allow_unicode=False), errors="surrogatepass")
    try:
        checked_spec(file)
    except MixoptError as error:
        each_one_line(error)


@settings(max_examples=150)
@given(st.binary(max_size=60), st.integers(0, 10**6), st.booleans())
@example(b"{{[&!*|>%@`'\"", 0, True)
def test_bytes_thrown_into_a_study_file(tmp_path_factory, noise, place, instead):
    text = yaml.safe_dump(STUDY, sort_keys=False).encode()
    place %= len(text)
    file = Path(tmp_path_factory.getbasetemp()) / "noise.yaml"
    file.write_bytes(text[:place] + noise + text[place + len(noise) * instead :])
    try:
        checked_spec(file)
    except MixoptError as error:
        each_one_line(error, without=str(file))


@settings(max_examples=250)
@given(mutants(RESULT))
def test_a_mutant_of_a_result(tmp_path_factory, data):
    file = Path(tmp_path_factory.getbasetemp()) / "result.json"
    try:
        file.write_text(json.dumps(data))
    except (TypeError, RecursionError):
        return  # no trainer could write it
    try:
        Result.read(file, REQUEST)
    except TrialFailed as failure:
        one_line(str(failure))


def test_the_originals_are_in_order(tmp_path):
    (tmp_path / "toy.yaml").write_text(yaml.safe_dump(STUDY, sort_keys=False))
    assert checked_spec(tmp_path / "toy.yaml").study == "toy"
    (tmp_path / "result.json").write_text(json.dumps(RESULT))
    assert Result.read(tmp_path / "result.json", REQUEST).steps == 4

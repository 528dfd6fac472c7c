"""Errors of a study file: all at once, one line each, with the key, the value, the fix, and what was meant."""

import pytest
import yaml

from mixopt.errors import StudyFileError, did_you_mean
from mixopt.study.spec import read_spec
from mixopt.study.spec.error_messages import MOST
from tests.support.command_line import refusal
from tests.support.toy_study import toy_data, toy_file


def problems(file):
    """What is said of a file, without its name."""
    with pytest.raises(StudyFileError) as caught:
        read_spec(file)
    assert str(caught.value) == "\n".join(caught.value.problems)
    assert all(problem.startswith(f"{file}: ") for problem in caught.value.problems)
    return [problem.removeprefix(f"{file}: ") for problem in caught.value.problems]


def test_all_errors_are_said_at_once_and_unknown_keys_first(tmp_path):
    domains = {"a": {"size": 0, "uper": 0.5}, "b": {"size": "many"}, "c": {"size": 3, "lower": 2}}
    file = toy_file(tmp_path, trian_seed=1, domains=domains, strategy=[{"bays": {"trials": 2}}], silence=-1)
    assert problems(file) == [
        "domains.a.uper: unknown key; did you mean 'upper'? (given: 0.5)",
        "trian_seed: unknown key; did you mean 'train_seed'? (given: 1)",
        "domains.a.size: must be at least 1 (given: 0)",
        "domains.b.size: must be a whole number (given: 'many')",
        "domains.c.lower: must be at most 1 (given: 2)",
        "strategy.0: must be one of seed, heuristic, quadratic, bayes, regression or optuna, with its options after "
        "the colon; did you mean 'bayes'? (given: 'bays')",
        "silence: must be greater than 0 (given: -1)",
    ]


def test_all_that_keys_say_together_is_said_at_once(tmp_path):
    seed = ["all", "all", {"name": "mine", "weights": {"a": 0.5, "b": 0.5, "d": 0}}]
    changes = {"score": {"maximize": "yy", "steps": [2]}, "pruning": {"percentile": 50}}
    file = toy_file(tmp_path, strategy=[{"heuristic": ["alpha_in"]}, {"seed": seed}], **changes)
    assert problems(file) == [
        "cannot maximize 'yy': the study's scores are in_score, out_score, a_test, x, y; did you mean 'y'?",
        "score.steps: has no early step for `pruning`: give more, such as [20, 60, 80]",
        "strategy.0.heuristic: needs the scores of seed runs: put a seed phase before it",
        "strategy.1.seed: 'all' is named twice: name it once",
        "strategy.1.seed: mixture 'mine': unknown domain 'd': the domains are a, b, c",
    ]


def test_the_command_line_prints_all_of_them_with_exit_code_2(tmp_path, capfd, monkeypatch):
    file = toy_file(tmp_path, train_seed="x", silence=-1)
    said = refusal(capfd, monkeypatch, "study", "create", file, lines=2)
    assert said.splitlines() == [
        f"{file}: silence: must be greater than 0 (given: -1)",
        f"error: {file}: train_seed: must be a whole number (given: 'x')",
    ]


def test_a_misspelt_key_is_not_missing_too(tmp_path):
    assert problems(toy_file(tmp_path, score={"stesp": [2]})) == [
        "score.stesp: unknown key; did you mean 'steps'? (given: a list)"
    ]


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"backend": {"rvlr": {}}}, "did you mean 'rlvr'? (given: 'rvlr')"),
        ({"strategy": [{"seed": ["sinlge"]}]}, "did you mean 'single'? (given: 'sinlge')"),
        ({"strategy": [{"seed": [{"latice": 3}]}]}, "did you mean 'lattice'? (given: 'latice')"),
        ({"score": {"steps": [2], "use": "lst"}}, "score.use: must be 'last' or 'mean'; did you mean 'last'?"),
        ({"domains": {"coco": {"size": 9}, "lisa": {"size": 9}}, "constraints": "coca <= 0.5"}, "mean 'coco'?"),
        ({"domains": {"a": {"seize": 9}}}, "domains.a.seize: unknown key; did you mean 'size'? (given: 9)"),
        ({"domains": {"a": {"zzz": 9}}}, "domains.a.zzz: unknown key: take it out, or use size or lower or upper"),
        ({"strategy": [{"seed": ["all"], "bayes": {"trials": 2}}]}, "(given: 'seed, bayes')"),
        ({"tests": None}, "tests: is missing: add it"),
        ({"": 1}, "study file: unknown key: take it out, or use study or domains"),
        ({"(seed)": 1}, "(seed): unknown key"),
        ({"score": {"steps": None}}, "score.steps: is null, and a trainer must know them: give the training steps"),
        ({"score": {"steps": [4], "range": None}}, "score.range: must be a list (given: nothing)"),
        ({"domains": {"(a)": {"size": 9}, "b": {"size": 9}}}, "must be letters, digits"),
        ({"strategy": [{"bayes": {"trials": 2, "early": "soon"}}]}, "early: must be true or false (given: 'soon')"),
    ],
)
def test_what_was_meant_is_suggested_and_what_is_given_is_shown(tmp_path, changes, said):
    assert any(said in problem for problem in problems(toy_file(tmp_path, **changes)))


def test_more_errors_than_anyone_reads_are_counted(tmp_path):
    said = problems(toy_file(tmp_path, domains={f"d{i}": {"size": 0} for i in range(MOST + 5)}))
    assert len(said) == MOST + 1 and said[-1] == "and 5 more errors: fix these first"


def test_a_domain_may_be_called_as_a_key_is(tmp_path):
    domains = {"domains": {"size": 0}, "seed": {"size": 3}}
    assert problems(toy_file(tmp_path, domains=domains)) == ["domains.domains.size: must be at least 1 (given: 0)"]


def test_yaml_errors_have_the_line(tmp_path):
    file = toy_file(tmp_path)
    lines = yaml.safe_dump(toy_data()).splitlines()
    file.write_text("\n".join([*lines, "score: [2"]))
    [said] = problems(file)
    assert f"is not YAML at line {len(lines) + 2}" in said or f"is not YAML at line {len(lines) + 1}" in said


def test_a_suggestion_is_close_or_there_is_none():
    assert did_you_mean("x" * 10**6, ["size"]) == did_you_mean("q", ["size"]) == did_you_mean("size", []) == ""

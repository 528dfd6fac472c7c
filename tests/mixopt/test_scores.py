"""Scores: the paper's aggregates, and what a study maximises."""

import math

import pytest

from mixopt.errors import ScoresError
from mixopt.history.scores import Scoring, weighted_mean
from tests.support import modomodo

IN, OUT = {"refer": 300}, {"chart": 100, "math": 50}
EVALUATIONS = {
    80: {"refer": 0.5, "chart": 0.2, "math": 0.8},
    20: {"refer": 0.1, "chart": 0.4, "math": 0.4},
}


@pytest.mark.parametrize(("side", "sizes"), [("in_score", modomodo.IN_TESTS), ("out_score", modomodo.OUT_TESTS)])
def test_table_2_recomputes_from_its_tests(side, sizes):
    checked = 0
    for row in modomodo.rows():
        if any(row[test] == "" for test in sizes) or f"printed {side} disagrees" in row["note"]:
            continue
        mean = weighted_mean({test: modomodo.number(row, test) for test in sizes}, sizes)
        assert mean == pytest.approx(modomodo.number(row, side), abs=1.01e-4), row["experiment"]
        checked += 1
    assert checked >= 35


def test_flagged_aggregates_are_what_the_note_recomputes():
    flagged = [row for row in modomodo.rows() if "recomputed" in row["note"]]
    assert len(flagged) == 2
    for row in flagged:
        sizes = modomodo.IN_TESTS if "in_score" in row["note"] else modomodo.OUT_TESTS
        mean = weighted_mean({test: modomodo.number(row, test) for test in sizes}, sizes)
        assert f"recomputed {mean:.4f}" in row["note"]


@pytest.mark.parametrize(
    ("maximize", "use", "value"),
    [
        ("out_score", "last", (0.2 * 100 + 0.8 * 50) / 150),
        ("out_score", "mean", (0.3 * 100 + 0.6 * 50) / 150),
        ("in_score", "mean", 0.3),
        ("math", "last", 0.8),
        ({"blend": 0.25}, "last", 0.25 * 0.5 + 0.75 * 0.4),
        ({"blend": 1.0}, "last", 0.5),
    ],
)
def test_values(maximize, use, value):
    assert Scoring(IN, OUT, maximize, use).value(EVALUATIONS) == pytest.approx(value)


def test_aggregate_has_both_sides_whatever_is_maximised():
    assert Scoring(IN, OUT, "math").aggregate(EVALUATIONS) == pytest.approx({"in_score": 0.5, "out_score": 0.4})
    assert math.isnan(Scoring({}, OUT).aggregate(EVALUATIONS)["in_score"])
    assert Scoring({}, OUT, {"blend": 0.0}).value(EVALUATIONS) == pytest.approx(0.4)


@pytest.mark.parametrize(
    ("evaluations", "names"),
    [
        ({}, "no evaluations"),
        ({20: {"refer": 0.1, "chart": 0.2}}, "'math' has no finite score at step 20"),
        ({20: {"refer": 0.1, "chart": math.nan, "math": 0.1}}, "'chart' has no finite score"),
    ],
)
def test_evaluations_that_lack_something(evaluations, names):
    with pytest.raises(ScoresError, match=names):
        Scoring(IN, OUT).value(evaluations)


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        ((IN, {"refer": 10}), "both an in-test and an out-test"),
        ((IN, {"chart": 0}), "size 0"),
        ((IN, {"in_score": 5}), "not a score's"),
        ((IN, OUT, "chess"), "cannot maximize 'chess'"),
        (({}, OUT, "in_score"), "cannot maximize 'in_score'"),
        (({}, OUT, {"blend": 0.5}), "cannot maximize 'in_score'"),
        ((IN, OUT, {"blend": 1.5}), "alpha in"),
        ((IN, OUT, {"mix": 0.5}), "a blend is"),
        ((IN, OUT, "math", "best"), "use 'last' or 'mean'"),
    ],
)
def test_scorings_that_cannot_be(arguments, names):
    with pytest.raises(ScoresError, match=names):
        Scoring(*arguments)


def test_a_test_without_a_score():
    with pytest.raises(ScoresError, match="'math'"):
        Scoring(IN, OUT).out_score({"chart": 0.2})

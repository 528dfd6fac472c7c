"""Domain effects: what more of a domain, or none of it, does to each test."""

import json
import re

import numpy as np
import pytest

from mixopt.errors import StrategyError
from mixopt.history.runs import Runs
from mixopt.inference.domain_effects import STEP, domain_effects
from mixopt.io.manual import ask_manual, tell_manual
from mixopt.reporting.report.facts import Facts
from mixopt.reporting.report.sections import sections
from mixopt.space.mixture_space import MixtureSpace
from tests.support.command_line import mixopt, refusal
from tests.support.simulated_study import simulated_study
from tests.support.toy_study import bare_study

SPACE = MixtureSpace(["a", "b", "c"])
CENTRE = np.array([0.5, 0.3, 0.2])


def runs_of(space=SPACE, n=60, noise=0.005, truth=None):
    """Test x grows with a; test y falls with b. Returns the runs and their scores (n, 2)."""
    rng = np.random.default_rng(0)
    weights, unknown = space.sample(n, rng), np.full(n, np.nan)
    scores = np.column_stack([0.2 + 0.5 * weights[:, 0], 0.9 - 0.4 * weights[:, 1]]) + rng.normal(0, noise, (n, 2))
    labels = ("run",) * n
    runs = Runs(space, weights, scores.mean(axis=1), unknown, unknown, np.arange(n), ("seed",) * n, labels)
    return runs, scores


def test_effects_are_changes_with_the_others_in_proportion():
    runs, scores = runs_of()
    found = domain_effects(SPACE, runs, ["x", "y"], scores, CENTRE)
    b_more = (1 - 0.3 - STEP) / (1 - 0.3)  # of the others' shares
    assert found.more.mean[0, 0] == pytest.approx(0.5 * STEP, abs=0.01)
    assert found.more.mean[1, 0] == pytest.approx(0.5 * 0.5 * (b_more - 1), abs=0.01)
    assert found.more.mean[1, 1] == pytest.approx(-0.4 * STEP, abs=0.01)
    assert found.without.mean[0, 0] == pytest.approx(-0.5 * 0.5, abs=0.02)
    assert found.without.mean[1, 1] == pytest.approx(0.4 * 0.3, abs=0.02)
    assert found.more.certain[0, 0] and found.without.certain[1, 1] and found.runs == (60, 60)
    assert (found.more.low < found.more.mean).all() and (found.more.mean < found.more.high).all()


def test_intervals_hold_the_truth():
    runs, scores = runs_of(noise=0.05)
    found = domain_effects(SPACE, runs, ["x", "y"], scores, CENTRE)
    true = np.array([0.5 * STEP, -0.4 * STEP])
    assert (found.more.low[[0, 1], [0, 1]] < true).all() and (true < found.more.high[[0, 1], [0, 1]]).all()


def test_changes_stay_in_the_space_and_impossible_ones_are_missing():
    space = MixtureSpace(["a", "b", "c"], upper={"a": 0.5}, lower={"b": 0.1})
    runs, scores = runs_of(space)
    found = domain_effects(space, runs, ["x", "y"], scores, np.array([0.5, 0.5, 0.0]))
    assert np.isnan(found.more.mean[0]).all() and np.isfinite(found.more.mean[2]).all()
    assert np.isfinite(found.without.mean[0]).all(), "b alone replaces a"
    assert np.isnan(found.without.mean[1:]).all(), "b has a lower bound, and c is out already"


def test_a_domain_alone_leaves_room_for_the_others_evenly():
    runs, scores = runs_of()
    found = domain_effects(SPACE, runs, ["x", "y"], scores, np.array([1.0, 0.0, 0.0]))
    assert np.isnan(found.more.mean[0]).all() and found.without.mean[0, 0] == pytest.approx(-0.5, abs=0.03)


def test_tests_that_runs_lack_or_that_never_vary():
    runs, scores = runs_of()
    table = np.column_stack([scores, np.full(60, 0.5), np.full(60, np.nan)])
    table[:40, 1] = np.nan
    found = domain_effects(SPACE, runs, ["x", "y", "flat", "never"], table, CENTRE)
    assert found.tests == ("x", "y", "flat") and found.runs == (60, 20, 60)
    assert found.constant == ("flat",) and found.left_out == ("never",)
    assert found.more.mean[:, 2] == pytest.approx(0, abs=1e-6)
    with pytest.raises(StrategyError, match="no test has scores in 2 of 60 runs"):
        domain_effects(SPACE, runs, ["never"], table[:, 3:], CENTRE)


@pytest.fixture
def study(tmp_path):
    tests = {"out": {"x": 10, "y": 10}}
    made = bare_study(tmp_path, tests=tests, strategy=[{"seed": ["all", "single"]}, {"bayes": {"trials": 22}}])
    rng = np.random.default_rng(0)
    for trial in range(24):
        asked = ask_manual(made)
        scores = {"x": 0.2 + 0.5 * asked.request.weights["a"] + rng.normal(0, 0.003), "y": 0.5}
        tell_manual(made, asked.number, scores if trial else {"out_score": 0.45})
    return made


def test_the_command_shows_effects_with_intervals(study):
    where = ("--folder", study.folder.path)
    said = mixopt("study", "effects", "toy", "--from", "uniform", *where)
    assert said.startswith("from the uniform mixture: a 33.3 %, ") and "\n+10 points of a domain, the others" in said
    more, without = re.findall(r"^  x +a ([+-]0\.\d{4}) ±0\.\d{4}", said, re.MULTILINE)
    assert float(more) == pytest.approx(0.05, abs=0.02) and float(without) == pytest.approx(-0.17, abs=0.05)
    assert re.search(r"^  y +no clear effect$", said, re.MULTILINE)
    assert "Not all 24 runs have a score of x (23), y (23): known ones count." in said
    assert "All runs score the same on y: nothing can be learnt about it yet." in said
    found = json.loads(mixopt("study", "effects", "toy", "--json", *where))
    assert found["from"] == study.recommend().weights and found["runs"] == {"x": 23, "y": 23, "out_score": 24}
    low, high = found["more"]["b"]["x"]["interval"]
    assert low < found["more"]["b"]["x"]["mean"] < high and found["constant"] == ["y"]


def test_a_study_without_runs_is_refused_with_one_line(tmp_path, capfd, monkeypatch):
    study = bare_study(tmp_path)
    for way in ("uniform", "recommended"):
        said = refusal(capfd, monkeypatch, "study", "effects", "toy", "--from", way, "--folder", study.folder.path)
        assert said.startswith({"uniform": "no test has scores in 2 of 0 runs"}.get(way, "0 finished runs are too few"))


def test_effects_are_listed_by_size(tmp_path):
    study = simulated_study(tmp_path, domains=12, trials=100)
    said = mixopt("study", "effects", "toy", "--from", "uniform", "--folder", study.folder.path).split("left out:")[0]
    lines = [line for line in said.splitlines() if line.startswith("  ")]
    assert len(lines) == 8, "seven tests and the out-score"
    for line in lines:
        sizes = [abs(float(size)) for size in re.findall(r" ([+-]\d\.\d{4}) ±", line)]
        assert sizes == sorted(sizes, reverse=True) and len(sizes) <= 8


def test_the_report_has_a_table_of_effects(study):
    [section] = [section for section in sections(Facts.of(study)) if section.key == "effects"]
    assert "if a domain gets 10 points more" in section.words and "All runs score the same on y." in section.words
    texts = {text.get_text(): text.get_fontweight() for text in section.figure.axes[0].texts}
    assert len(section.figure.axes) == 2 and "bold" in texts.values() and "normal" in texts.values()


def test_a_study_without_scores_by_test_has_none(tmp_path):
    study = bare_study(tmp_path, tests={"out": {"x": 10, "y": 10}})
    for score in (0.3, 0.5, 0.4):
        tell_manual(study, ask_manual(study).number, {"out_score": score})
    [section] = [section for section in sections(Facts.of(study)) if section.key == "effects"]
    assert section.figure is None and section.words == "The runs have no scores by test."

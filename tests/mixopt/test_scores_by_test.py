"""The scores of runs by test, as arrays."""

import numpy as np
import pytest

from mixopt.errors import ScoresError
from mixopt.history.runs import Runs
from mixopt.io.manual import ask_manual, tell_manual
from mixopt.space.mixture_space import MixtureSpace
from tests.support.toy_study import bare_study, finished_study

SPACE = MixtureSpace(["a", "b"])


def runs_of(evaluations, at_end=()):
    n, unknown = len(evaluations), np.full(len(evaluations), np.nan)
    weights = np.tile([0.5, 0.5], (n, 1))
    labels = ("",) * n
    return Runs(SPACE, weights, np.zeros(n), unknown, unknown, np.arange(n), ("seed",) * n, labels, evaluations, at_end)


@pytest.mark.parametrize(
    ("use", "x", "y"), [("last", [0.4, 0.7], [0.8, np.nan]), ("mean", [0.3, np.nan], [0.5, np.nan])]
)
def test_scores_are_those_that_count_and_nan_where_unknown(use, x, y):
    runs = runs_of(({20: {"x": 0.2, "y": 0.2}, 80: {"x": 0.4, "y": 0.8}}, {}), ({}, {"x": 0.7}))
    assert np.allclose(runs.test_scores(["y", "x"], use), np.column_stack([y, x]), equal_nan=True)
    assert runs.select(np.array([False, True])).test_scores(["x"], use)[0, 0] == pytest.approx(x[1], nan_ok=True)


def test_a_step_that_lacks_a_test_has_no_mean_of_it():
    runs = runs_of(({20: {"x": 0.2}, 80: {"x": 0.4, "y": 0.8}},))
    assert np.allclose(runs.test_scores(["x", "y"], "mean"), [[0.3, np.nan]], equal_nan=True)
    assert runs.test_scores(["y", "other"]).tolist()[0][0] == 0.8 and np.isnan(runs.test_scores(["other"])).all()


def test_runs_without_scores_by_test_have_none():
    assert np.isnan(runs_of(({}, {})).test_scores(["x"])).all() and runs_of(()).test_scores(["x"]).shape == (0, 1)
    with pytest.raises(ScoresError, match="2 runs have 1 at_end"):
        runs_of(({}, {}), ({},))


def test_studies_keep_what_trainers_and_people_tell(tmp_path):
    study = finished_study(tmp_path)
    weights = study.runs().weights[:, 1]
    assert np.allclose(study.runs().test_scores(["x", "a_test"]), 0.5 * weights[:, None])
    by_hand = bare_study(tmp_path / "hand")
    tell_manual(by_hand, ask_manual(by_hand).number, {"x": 0.4, "y": 0.5})  # no in-test
    assert np.allclose(by_hand.runs().test_scores(["x", "y", "a_test"]), [[0.4, 0.5, np.nan]], equal_nan=True)

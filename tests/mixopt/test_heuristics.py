"""Heuristics: docs/paper.md's check numbers on Table 2's seed runs, and what they refuse."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays

from mixopt.designs import seed_design
from mixopt.designs.heuristics import HEURISTICS, alpha, collinearity, even_runs, leave_one_out
from mixopt.errors import StrategyError
from mixopt.history.runs import Runs
from mixopt.space.mixture_space import MixtureSpace
from tests.support import modomodo

SEEDS = modomodo.seed_runs()
LEGIBLE = SEEDS.select(~np.isnan(SEEDS.in_scores))


def with_scores(scores: np.ndarray) -> Runs:
    return Runs(SEEDS.space, SEEDS.weights, scores, scores, scores, SEEDS.numbers, SEEDS.strategies, SEEDS.labels)


@pytest.mark.parametrize(
    ("name", "weights"),
    [
        ("alpha_out", [0.0685, 0.0642, 0.3308, 0.5364, 0]),
        ("collinearity", [0.1839, 0.1833, 0.2161, 0.2413, 0.1754]),
        ("leave_one_out", [0.1255, 0.2327, 0.2014, 0.2510, 0.1893]),
    ],
)
def test_check_numbers(name, weights):
    assert HEURISTICS[name](SEEDS).round(4).tolist() == pytest.approx(weights, abs=1e-9)


@given(arrays(float, 11, elements=st.floats(0, 1)))
@pytest.mark.filterwarnings("ignore:.*falls back")
def test_every_heuristic_is_a_mixture(scores):
    for name, heuristic in HEURISTICS.items():
        weights = heuristic(with_scores(scores))
        assert SEEDS.space.contains(weights), name


def test_alpha_blends_between_its_ends():
    ends = alpha(LEGIBLE, 0.0), alpha(LEGIBLE, 1.0)
    assert all(end.min() == 0 for end in ends)
    middle = alpha(LEGIBLE, 0.5)
    assert ((middle >= np.minimum(*ends) - 1e-12) & (middle <= np.maximum(*ends) + 1e-12)).all()


def test_alpha_single_weighs_the_single_runs():
    mixed = SEEDS.select(SEEDS.membership().sum(axis=1) > 1)
    exclude_ones = mixed.select(mixed.membership().sum(axis=1) == 4)  # "all" adds the same to every domain
    assert np.allclose(alpha(SEEDS, 0.0, alpha_single=0.0), alpha(exclude_ones, 0.0))


def test_leave_one_out_averages_replicates():
    doubled = Runs(
        SEEDS.space,
        *(np.concatenate([a, a]) for a in (SEEDS.weights, SEEDS.values, SEEDS.in_scores, SEEDS.out_scores)),
        numbers=np.arange(22),
        strategies=SEEDS.strategies * 2,
        labels=SEEDS.labels * 2,
    )
    assert np.allclose(leave_one_out(doubled), leave_one_out(SEEDS))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("alpha_in", "the in-scores single out no domain"),
        ("alpha_balanced", "the in-scores single out no domain"),
        ("alpha_out", "the out-scores single out no domain"),
        ("leave_one_out", "the out-scores of the exclude-one runs are all the same"),
    ],
)
def test_a_zero_range_falls_back_to_equal_weights(name, why):
    with pytest.warns(UserWarning, match=f"heuristic {name} falls back to equal weights: {why}"):
        assert HEURISTICS[name](with_scores(np.full(11, 0.3))).tolist() == [0.2] * 5


def test_a_zero_sum_falls_back_to_equal_weights():
    with pytest.warns(UserWarning, match="no domain has a positive share"):
        assert collinearity(with_scores(np.zeros(11))).tolist() == [0.2] * 5


def test_missing_designs_are_refused_with_the_reason():
    counts = SEEDS.membership().sum(axis=1)
    with pytest.raises(StrategyError, match="all domains but COCO"):
        leave_one_out(SEEDS.select(counts == 1))
    for heuristic in (HEURISTICS["alpha_out"], collinearity):
        with pytest.raises(StrategyError, match="with and without COCO"):
            heuristic(SEEDS.select(~SEEDS.membership()[:, 0]))
        with pytest.raises(StrategyError, match="with and without COCO"):
            heuristic(SEEDS.select(SEEDS.membership()[:, 0]))
    with pytest.raises(StrategyError, match="run 5 has no known in-score"):
        HEURISTICS["alpha_in"](SEEDS)


def runs_on(space: MixtureSpace, weights: np.ndarray) -> Runs:
    scores = np.linspace(0.1, 0.9, len(weights))
    n = len(weights)
    return Runs(space, weights, scores, scores, scores, np.arange(n), ("seed",) * n, ("",) * n)


def test_only_even_runs_count():
    space = MixtureSpace(list("abc"))
    design = seed_design(space, ["single", "exclude_one", "all"]).weights
    uneven = seed_design(space, [{"space_filling": 5}]).weights[1:]
    assert (even_runs(runs_on(space, np.vstack([design, uneven]))).weights == design).all()
    for heuristic in HEURISTICS.values():
        with pytest.raises(StrategyError, match="a, b, c"):
            heuristic(even_runs(runs_on(space, uneven)))


def test_even_runs_on_a_space_that_moves_them():
    bounded = MixtureSpace(list("abc"), lower={"a": 0.2})
    moved = seed_design(bounded, ["single", "exclude_one"]).weights
    assert len(even_runs(runs_on(bounded, moved))) == len(moved)
    constrained = MixtureSpace(list("abc"), constraints=["a <= 0.5"])
    runs = runs_on(constrained, seed_design(constrained, ["single", "exclude_one", "all"]).weights)
    assert np.isclose(runs.weights[0], [0.5, 0.25, 0.25]).all()  # "single:a" is no run on a alone
    assert len(even_runs(runs)) == len(runs) - 1


def test_alpha_does_not_count_a_failed_run_against_its_domain():
    best = with_scores(np.where(SEEDS.membership()[:, 2], 0.51, 0.5))
    failed = np.flatnonzero(SEEDS.membership()[:, 2])[0]
    assert alpha(best, 0.0).argmax() == alpha(best.select(np.arange(11) != failed), 0.0).argmax() == 2


def test_two_domains():
    space, scores = MixtureSpace(["a", "b"]), np.array([0.2, 0.6])
    runs = Runs(space, np.eye(2), scores, scores, scores, np.arange(2), ("seed",) * 2, ("single:a", "single:b"))
    assert alpha(runs, 0.0).tolist() == [0, 1]
    assert np.allclose(leave_one_out(runs), [1 / 3, 2 / 3])  # excluding a scores .6, so a counts for less

"""The recommendation: near the optimum, a posterior statement, and frank where the data cannot tell."""

from dataclasses import replace

import numpy as np
import optuna
import pytest

from mixopt.errors import StrategyError
from mixopt.history.runs import Runs
from mixopt.inference.recommendation import Recommendation, recommend_from_runs
from mixopt.space.mixture_space import MixtureSpace
from mixopt.study.recommend import recommend
from tests.support.synthetic_objectives import Quadratic, simplex


def runs_of(weights: np.ndarray, values: np.ndarray) -> Runs:
    n, m = weights.shape
    unknown = np.full(n, np.nan)
    labels = tuple(str(i) for i in range(n))
    return Runs(simplex(m), weights, values, unknown, unknown, 100 + np.arange(n), ("model-based",) * n, labels)


def noisy_runs(objective: Quadratic, n: int, noise: float, seed: int = 0) -> Runs:
    rng = np.random.default_rng(seed)
    weights = simplex(len(objective.best)).sample(n, rng)
    return runs_of(weights, objective(weights) + noise * rng.normal(size=n))


CORNER = Quadratic(np.array([0.7, 0.2, 0.1, 0.0]), 0.5 * np.eye(4))


def test_it_lands_near_the_optimum_and_says_so():
    got = recommend_from_runs(simplex(4), noisy_runs(CORNER, 40, 0.02))
    weights = np.array(list(got.weights.values()))
    at_uniform = CORNER(np.full((1, 4), 0.25))[0]
    regret = CORNER.level - CORNER(weights[None])[0]
    assert regret < 0.2 * (CORNER.level - at_uniform)
    assert got.interval[0] < got.mean < got.interval[1]
    assert got.gain_interval[0] < got.gain_over_uniform < got.gain_interval[1]
    assert got.beats_uniform > 0.95 and "favour this mixture" in got.note


def held_truths(runs: int, seeds: int) -> list[bool]:
    """Whether the intervals of score and gain hold the truth, on a quadratic over 4 domains for each seed."""
    held = []
    for seed in range(seeds):
        objective = Quadratic.random(4, seed)
        got = recommend_from_runs(simplex(4), noisy_runs(objective, runs, 0.02, seed))
        true, at_uniform = objective(np.array([list(got.weights.values()), [0.25] * 4]))
        held.append(got.interval[0] < true < got.interval[1])
        held.append(got.gain_interval[0] < true - at_uniform < got.gain_interval[1])
    return held


def test_intervals_cover_more_often_than_not():
    assert np.mean(held_truths(runs=40, seeds=10)) >= 0.75


def test_intervals_hold_after_few_runs_too():
    """With 8 runs the model alone is overconfident; 90 % intervals hold because they are widened."""
    assert np.mean(held_truths(runs=8, seeds=12)) >= 0.85


def test_it_is_no_winners_curse():
    """With scores that are noise alone it neither promises the best one nor a gain."""
    flat = Quadratic(np.full(4, 0.25), np.zeros((4, 4)))
    runs = noisy_runs(flat, 30, 0.05, seed=1)
    got = recommend_from_runs(simplex(4), runs)
    assert got.mean < runs.values.max() - 0.02
    assert got.beats_uniform < 0.95 and "cannot tell" in got.note


def test_uniform_itself_can_be_recommended():
    best = Quadratic(np.full(3, 1 / 3), np.eye(3))
    got = recommend_from_runs(
        MixtureSpace(["d0", "d1", "d2"], upper={"d0": 1 / 3, "d1": 1 / 3, "d2": 1 / 3}),
        noisy_runs(best, 10, 0.01),
    )
    assert got.gain_over_uniform == 0 and got.gain_interval == (0, 0) and got.beats_uniform == 0.5
    assert got.note.startswith("These 10 runs favour uniform weights themselves; noise of one trial 0.0")


def test_best_trained_is_the_best_by_the_posterior():
    objective = Quadratic(np.array([0.5, 0.3, 0.2]), np.eye(3))
    runs = noisy_runs(objective, 30, 0.01)
    lucky = runs.values.copy()
    worst = int(np.argmin(objective(runs.weights)))
    lucky[worst] = lucky.max() + 0.01
    got = recommend_from_runs(simplex(3), runs.with_values(lucky)).best_trained
    assert got.number != 100 + worst
    assert got.weights == simplex(3).as_dict(runs.weights[got.number - 100])
    assert got.interval[0] < got.mean < got.interval[1]


def test_bounds_and_determinism():
    space = MixtureSpace(["d0", "d1", "d2", "d3"], lower={"d3": 0.1}, upper={"d0": 0.4})
    first = recommend_from_runs(space, noisy_runs(CORNER, 20, 0.02))
    assert isinstance(first, Recommendation) and first == recommend_from_runs(space, noisy_runs(CORNER, 20, 0.02))
    assert space.contains(space.as_array(first.weights)) and first.weights["d0"] == pytest.approx(0.4)


def test_runs_that_all_score_the_same_are_no_ground_for_a_recommendation():
    runs = noisy_runs(CORNER, 20, 0.02)
    with pytest.raises(StrategyError, match=r"all 20 finished runs score 0\.5: check that they are scored"):
        recommend_from_runs(simplex(4), runs.with_values(np.full(20, 0.5)))


def test_too_few_runs():
    with pytest.raises(StrategyError, match=r"2 finished runs are too few .* train 3"):
        recommend_from_runs(simplex(4), noisy_runs(CORNER, 2, 0.02))
    assert "no more mixtures than domains" in recommend_from_runs(simplex(4), noisy_runs(CORNER, 3, 0.02)).note


def test_seed_mixtures_are_beaten_or_said_not_to_be():
    seeds = np.vstack([np.eye(4), np.full((1, 4), 0.25)])
    runs = noisy_runs(CORNER, 30, 0.02)
    weights = np.vstack([seeds, runs.weights])
    values = np.append(CORNER(seeds), runs.values)
    labelled = replace(
        runs_of(weights, values),
        strategies=("seed",) * 5 + ("model-based",) * 30,
        labels=("single:d0", "single:d1", "single:d2", "single:d3", "all", *runs.labels),
    )
    got = recommend_from_runs(simplex(4), labelled)
    assert set(got.beats_seeds) == set(labelled.labels[:5])
    assert got.beats_seeds["single:d3"] > 0.99 and got.beats_seeds["all"] == pytest.approx(got.beats_uniform)
    assert got.best_trained.beats_seeds["single:d3"] > 0.99


def test_the_credible_set_holds_the_optimum_and_shrinks():
    sizes = []
    for n in (12, 60):
        got = recommend_from_runs(simplex(4), noisy_runs(CORNER, n, 0.02)).credible
        assert simplex(4).contains(got.weights).all() and got.probabilities.sum() >= 0.9
        assert (np.diff(got.probabilities) <= 0).all()
        assert got.ranges["d0"][0] <= 0.75 and got.ranges["d0"][1] >= 0.65
        sizes.append(np.ptp(got.weights, axis=0).sum())
    assert sizes[1] < sizes[0]


def test_a_finite_space_recommends_one_of_its_mixtures():
    pool = simplex(4).sample(40, np.random.default_rng(5))
    space = MixtureSpace(["d0", "d1", "d2", "d3"], candidates=pool)
    got = recommend_from_runs(space, noisy_runs(CORNER, 30, 0.005))
    assert list(got.weights.values()) == pytest.approx(pool[CORNER(pool).argmax()])


def test_seeds_that_share_a_label_are_told_apart_by_their_trials():
    runs = noisy_runs(CORNER, 30, 0.02)
    strategies = ("seed",) * 3 + ("model-based",) * 27
    runs = replace(runs, strategies=strategies, labels=("enqueued",) * 30)
    assert set(recommend_from_runs(simplex(4), runs).beats_seeds) == {f"enqueued (trial {100 + i})" for i in range(3)}


def test_the_best_trained_mixture_is_one_of_the_space():
    runs = noisy_runs(CORNER, 30, 0.02)
    cut = MixtureSpace(["d0", "d1", "d2", "d3"], upper={"d0": 0.3})
    assert recommend_from_runs(cut, runs).best_trained.weights["d0"] <= 0.3
    nowhere = MixtureSpace(["d0", "d1", "d2", "d3"], lower={"d0": 0.999})
    assert recommend_from_runs(nowhere, runs).best_trained is None


def test_trials_that_cannot_be_learnt_from_are_left_out_with_a_warning():
    study = optuna.create_study(direction="maximize")
    for mixture, value in [(w, CORNER(np.array([w]))[0]) for w in simplex(4).sample(8, np.random.default_rng(0))]:
        params = dict(zip(["d0", "d1", "d2", "d3"], mixture))
        boxes = dict.fromkeys(params, optuna.distributions.FloatDistribution(0, 1))
        study.add_trial(optuna.trial.create_trial(params=params, distributions=boxes, value=value))
    study.add_trial(optuna.trial.create_trial(params=params, distributions=boxes, value=float("inf")))
    off = dict.fromkeys(params, 0.9)
    study.add_trial(optuna.trial.create_trial(params=off, distributions=boxes, value=0.5))
    with pytest.warns(UserWarning, match=r"trial (8|9) is left out"):
        assert np.isfinite(recommend(study, simplex(4)).mean)

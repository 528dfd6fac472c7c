"""Scores at early steps: evidence where they say something, nothing where they do not, and sums that add up."""

import numpy as np
import pytest

from mixopt.errors import StrategyError
from mixopt.models.gp import GPSurrogate
from mixopt.models.multi_step_gp import MultiStepGP
from tests.support.objectives import Quadratic

WHOLE, SHORT, NOISE = 12, 20, 0.005
GRID = np.random.default_rng(9).dirichlet(np.ones(4), 200)


def curves(seed: int, informative: bool, lasting: bool = True) -> tuple[np.ndarray, np.ndarray, Quadratic]:
    """Weights and scores at three steps, those of short runs at the first one alone, and what the last step measures.

    Where the early steps are not informative they are noise. Noise is a random walk, or new at every step.
    """
    rng = np.random.default_rng(seed)
    objective, other = Quadratic.random(4, seed), Quadratic.random(4, seed + 1000)
    weights = rng.dirichlet(np.ones(4), WHOLE + SHORT)
    noise = NOISE * rng.normal(size=(len(weights), 3))
    if lasting:
        noise = noise.cumsum(axis=1) / np.sqrt([1, 2, 3])
    last, early = objective(weights), other(weights)
    scores = np.column_stack([0.6 * last + 0.2 * early, 0.9 * last + 0.05 * early, last]) + noise
    if not informative:
        scores[:, :2] = rng.normal(size=(len(weights), 2)) * last.std()
    scores[WHOLE:, 1:] = np.nan
    return weights, scores, objective


def errors(seeds: int, **world: bool) -> np.ndarray:
    """Held-out errors (seeds, 2) from whole runs alone, and with the early scores."""
    found = []
    for seed in range(seeds):
        weights, scores, objective = curves(seed, **world)
        values_by_step = MultiStepGP().fit(weights, scores)
        plain = GPSurrogate().fit(weights[:WHOLE], scores[:WHOLE, 2])
        found.append([np.sqrt(np.mean((model.mean(GRID) - objective(GRID)) ** 2)) for model in (plain, values_by_step)])
    return np.array(found)


@pytest.mark.parametrize("lasting", [True, False])
def test_informative_early_scores_lower_the_held_out_error(lasting):
    plain, values_by_step = errors(6, informative=True, lasting=lasting).mean(axis=0)
    assert values_by_step < 0.85 * plain


def test_early_scores_that_are_noise_do_no_harm():
    """Most often they are left out altogether, and what is left is the plain surrogate."""
    plain, values_by_step = errors(5, informative=False).T
    assert values_by_step.mean() < 1.05 * plain.mean() and np.isclose(plain, values_by_step).sum() >= 3


def test_moments_are_those_of_the_levels():
    weights, scores, _ = curves(1, informative=True)
    values_by_step = MultiStepGP().fit(weights, scores)
    assert len(values_by_step.levels) > 1
    mean, covariance = values_by_step.joint(GRID[:5])
    np.testing.assert_allclose(mean, sum(a.share * a.model.mean(GRID[:5]) for a in values_by_step.levels))
    parts = [a.share**2 * a.model.joint(GRID[:5])[1] for a in values_by_step.levels]
    np.testing.assert_allclose(covariance, sum(parts))
    predicted, sd = values_by_step.until(0).predict(GRID[:5])
    np.testing.assert_allclose(predicted, mean)
    np.testing.assert_allclose(sd**2, np.diagonal(covariance), rtol=1e-6)


def test_a_longer_run_tells_more_and_a_believed_one_no_more():
    weights, scores, _ = curves(1, informative=True)
    values_by_step = MultiStepGP().fit(weights, scores)
    first = values_by_step.levels[0].step
    short, whole = (values_by_step.until(reach).joint_prediction(GRID[:4], GRID[:4]) for reach in (first, 2))
    assert (np.diagonal(short.covariance) < np.diagonal(whole.covariance)).all()
    np.testing.assert_allclose(short.mean, whole.mean)
    sure = values_by_step.until(first).conditioned_on(GRID[:1]).until(2)
    surer = values_by_step.conditioned_on(GRID[:1])
    sds = [model.predict(GRID[:1])[1][0] for model in (values_by_step, sure, surer)]
    assert sds[0] > sds[1] > sds[2]
    np.testing.assert_allclose(sure.mean(GRID), values_by_step.mean(GRID))
    assert [len(model.weights) for model in (values_by_step, sure, surer, sure.until(first))] == [12, 12, 13, 33]


def test_units_do_not_matter():
    weights, scores, _ = curves(2, informative=True)
    values_by_step, scaled = MultiStepGP().fit(weights, scores), MultiStepGP().fit(weights, 100 * scores - 7)
    assert [level.share for level in values_by_step.levels] == [level.share for level in scaled.levels]
    np.testing.assert_allclose(scaled.mean(GRID), 100 * values_by_step.mean(GRID) - 7, rtol=1e-6)
    np.testing.assert_allclose(scaled.noise_at(GRID), 100 * values_by_step.noise_at(GRID), rtol=1e-6)


def test_a_mixture_whose_data_ran_out_keeps_its_score():
    """Carried scores: the first twelve mixtures stop growing after the first step, the rest grow by 0.2."""
    rng = np.random.default_rng(0)
    weights = rng.dirichlet(np.ones(4), 30)
    first = Quadratic.random(4, 0)(weights) + 0.005 * rng.normal(size=30)
    out = weights[:, 0] > 0.4
    scores = np.column_stack([first, first + np.where(out, 0.0, 0.2)])
    values_by_step = MultiStepGP().fit(weights, scores)
    assert np.abs(values_by_step.mean(weights[out]) - scores[out, 1]).mean() < 0.08


def test_few_finished_runs_leave_early_scores_aside():
    weights, scores, _ = curves(0, informative=True)
    scores[2:, 1:] = np.nan
    values_by_step = MultiStepGP().fit(weights, scores)
    assert [level.step for level in values_by_step.levels] == [2] and len(values_by_step.weights) == 2


@pytest.mark.parametrize("gap", [[np.nan, 0.5, 0.5], [0.5, np.nan, 0.5]])
def test_gaps_are_refused(gap):
    weights, scores, _ = curves(0, informative=True)
    scores[0] = gap
    with pytest.raises(StrategyError, match="score every step, or leave it out"):
        MultiStepGP().fit(weights, scores)

"""Scores at early steps: evidence where they say something, nothing where they do not, and sums that add up."""

import numpy as np
import pytest

from mixopt.errors import StrategyError
from mixopt.models.gp import GPSurrogate
from mixopt.models.multi_step_gp import MultiStepGP
from tests.support.synthetic_objectives import WHOLE, Quadratic, scores_by_step

GRID = np.random.default_rng(9).dirichlet(np.ones(4), 200)


def errors(seeds: int, **world: bool) -> np.ndarray:
    """Held-out errors (seeds, 2) from whole runs alone, and with the early scores."""
    found = []
    for seed in range(seeds):
        weights, scores, objective = scores_by_step(seed, **world)
        multi_step = MultiStepGP().fit(weights, scores)
        plain = GPSurrogate().fit(weights[:WHOLE], scores[:WHOLE, 2])
        found.append([np.sqrt(np.mean((model.mean(GRID) - objective(GRID)) ** 2)) for model in (plain, multi_step)])
    return np.array(found)


@pytest.mark.parametrize("lasting", [True, False])
def test_informative_early_scores_lower_the_held_out_error(lasting):
    plain, multi_step = errors(6, informative=True, lasting=lasting).mean(axis=0)
    assert multi_step < 0.85 * plain


def test_early_scores_that_are_noise_do_no_harm():
    """Most often they are left out altogether, and what is left is the plain surrogate."""
    plain, multi_step = errors(5, informative=False).T
    assert multi_step.mean() < 1.05 * plain.mean() and np.isclose(plain, multi_step).sum() >= 3


def test_moments_are_those_of_the_levels():
    weights, scores, _ = scores_by_step(1, informative=True)
    multi_step = MultiStepGP().fit(weights, scores)
    assert len(multi_step.levels) > 1
    mean, covariance = multi_step.joint(GRID[:5])
    np.testing.assert_allclose(mean, sum(a.share * a.model.mean(GRID[:5]) for a in multi_step.levels))
    parts = [a.share**2 * a.model.joint(GRID[:5])[1] for a in multi_step.levels]
    np.testing.assert_allclose(covariance, sum(parts))
    predicted, sd = multi_step.until(0).predict(GRID[:5])
    np.testing.assert_allclose(predicted, mean)
    np.testing.assert_allclose(sd**2, np.diagonal(covariance), rtol=1e-6)


def test_a_longer_run_tells_more_and_a_believed_one_no_more():
    weights, scores, _ = scores_by_step(1, informative=True)
    multi_step = MultiStepGP().fit(weights, scores)
    first = multi_step.levels[0].step
    short, whole = (multi_step.until(reach).joint_prediction(GRID[:4], GRID[:4]) for reach in (first, 2))
    assert (np.diagonal(short.covariance) < np.diagonal(whole.covariance)).all()
    np.testing.assert_allclose(short.mean, whole.mean)
    sure = multi_step.until(first).conditioned_on(GRID[:1]).until(2)
    surer = multi_step.conditioned_on(GRID[:1])
    sds = [model.predict(GRID[:1])[1][0] for model in (multi_step, sure, surer)]
    assert sds[0] > sds[1] > sds[2]
    np.testing.assert_allclose(sure.mean(GRID), multi_step.mean(GRID))
    assert [len(model.weights) for model in (multi_step, sure, surer, sure.until(first))] == [12, 12, 13, 33]


def test_units_do_not_matter():
    weights, scores, _ = scores_by_step(2, informative=True)
    multi_step, scaled = MultiStepGP().fit(weights, scores), MultiStepGP().fit(weights, 100 * scores - 7)
    assert [level.share for level in multi_step.levels] == [level.share for level in scaled.levels]
    np.testing.assert_allclose(scaled.mean(GRID), 100 * multi_step.mean(GRID) - 7, rtol=1e-6)
    np.testing.assert_allclose(scaled.noise_at(GRID), 100 * multi_step.noise_at(GRID), rtol=1e-6)


def test_a_mixture_whose_data_ran_out_keeps_its_score():
    """Carried scores: the first twelve mixtures stop growing after the first step, the rest grow by 0.2."""
    rng = np.random.default_rng(0)
    weights = rng.dirichlet(np.ones(4), 30)
    first = Quadratic.random(4, 0)(weights) + 0.005 * rng.normal(size=30)
    out = weights[:, 0] > 0.4
    scores = np.column_stack([first, first + np.where(out, 0.0, 0.2)])
    multi_step = MultiStepGP().fit(weights, scores)
    assert np.abs(multi_step.mean(weights[out]) - scores[out, 1]).mean() < 0.08


def test_few_finished_runs_leave_early_scores_aside():
    weights, scores, _ = scores_by_step(0, informative=True)
    scores[2:, 1:] = np.nan
    multi_step = MultiStepGP().fit(weights, scores)
    assert [level.step for level in multi_step.levels] == [2] and len(multi_step.weights) == 2


@pytest.mark.parametrize("gap", [[np.nan, 0.5, 0.5], [0.5, np.nan, 0.5]])
def test_gaps_are_refused(gap):
    weights, scores, _ = scores_by_step(0, informative=True)
    scores[0] = gap
    with pytest.raises(StrategyError, match="score every step, or leave it out"):
        MultiStepGP().fit(weights, scores)

"""The evidence surrogate: closed-form numbers, coverage, replicates, pending runs, units."""

import numpy as np
import optuna
import pytest

from mixopt import BayesSampler, MixtureSpace, recommend, suggest_mixture
from mixopt.errors import StrategyError
from mixopt.models.gp import GPSurrogate
from mixopt.models.gp_coordinates import Coordinates, standardised, standardised_with_slope
from mixopt.models.gp_evidence import evaluated
from mixopt.models.gp_prior import SHAPES, Products
from mixopt.models.noise import NoiseModel
from tests.support.synthetic_objectives import Quadratic, simplex


def noisy(m: int, n: int, seed: int, noise: float) -> tuple[Quadratic, np.ndarray, np.ndarray]:
    objective, rng = Quadratic.random(m, seed), np.random.default_rng(seed)
    weights = simplex(m).sample(n, rng)
    return objective, weights, objective(weights) + noise * rng.normal(size=n)


@pytest.mark.parametrize("power", [1.0, 0.5, 0.2])
def test_z_has_unit_length_on_average(power):
    for m in (2, 5, 17):
        z = standardised(simplex(m).sample(20_000, np.random.default_rng(0)), power)
        assert (z**2).sum(axis=1).mean() == pytest.approx(1, abs=0.03)
        assert np.allclose(standardised(np.full((1, m), 1 / m), power), 0)


def test_the_slope_of_z_in_the_power_is_that_of_finite_differences():
    weights = np.vstack([simplex(5).sample(10, np.random.default_rng(0)), np.eye(5)])
    z, slope = standardised_with_slope(weights, 0.4)
    above, below = (standardised(weights, 0.4 + step) for step in (1e-6, -1e-6))
    assert np.allclose(z, standardised(weights, 0.4)) and np.allclose(slope, (above - below) / 2e-6, atol=1e-6)


def test_the_evidence_is_that_of_the_normal_distribution():
    """Without the mean's curvature it is the log density of N(0, s^2 K), up to its constant, plus the log-priors."""
    weights = simplex(3).sample(12, np.random.default_rng(1))
    points = Coordinates().of(weights)
    values = points.bend  # convex, so c is 0
    values = (values - values.mean()) / values.std()
    shape, noise = SHAPES[7], NoiseModel.ESTIMATED.hypotheses[5]
    products = Products(points.seen, points.seen)
    (fit,) = evaluated(Coordinates(), points, values, products, [(shape, noise)])
    assert fit.curvature == 0
    covariance = fit.scale**2 * (shape.covariance(products) + np.diag(noise.variance(weights)))
    density = -0.5 * (np.linalg.slogdet(covariance)[1] + values @ np.linalg.solve(covariance, values))
    assert fit.evidence == pytest.approx(density - np.log(fit.scale) ** 2 / 2 + noise.log_prior)


def test_noise_that_grows_towards_corners_is_found():
    rng = np.random.default_rng(0)
    weights = rng.dirichlet(np.full(4, 0.5), 150)
    sd = 0.02 + 0.3 * ((weights**2).sum(axis=1) - 0.25)
    fit = GPSurrogate().fit(weights, Quadratic.random(4, 1)(weights) + sd * rng.normal(size=150))
    assert fit.noise_at(np.eye(4))[0] > 2 * fit.noise_at(np.full((1, 4), 0.25))[0]


def test_values_that_do_not_vary_give_that_constant_with_a_warning():
    with pytest.warns(UserWarning, match="all 4 runs score the same"):
        fit = GPSurrogate().fit(np.eye(4), np.full(4, 0.3))
    mean, sd = fit.predict(np.full((1, 4), 0.25))
    assert mean == pytest.approx([0.3]) and sd < 1e-6


def test_what_cannot_be_learnt_from_is_refused():
    with pytest.raises(StrategyError, match="2 runs with finite values"):
        GPSurrogate().fit(np.eye(5)[:1], np.array([0.1]))
    with pytest.raises(StrategyError, match="finite"):
        GPSurrogate().fit(np.eye(2), np.array([0.1, np.nan]))


def test_outlook_joint_mean_and_predict_agree():
    _, weights, values = noisy(m=4, n=15, seed=2, noise=0.02)
    fit = GPSurrogate().fit(weights, values)
    elsewhere = simplex(4).sample(7, np.random.default_rng(1))
    mean, sd = fit.predict(elsewhere)
    joint_mean, covariance = fit.joint(elsewhere)
    assert np.allclose(mean, joint_mean) and np.allclose(mean, fit.mean(elsewhere))
    assert np.allclose(sd**2, np.diag(covariance)) and np.allclose(covariance, covariance.T)
    assert (np.linalg.eigvalsh(covariance) > -1e-12).all()


def test_pending_runs_lower_the_variance_and_leave_the_mean():
    _, weights, values = noisy(m=4, n=15, seed=2, noise=0.02)
    fit = GPSurrogate().fit(weights, values)
    pending, elsewhere = np.eye(4)[:2], simplex(4).sample(7, np.random.default_rng(1))
    conditioned_on = fit.conditioned_on(pending)
    assert np.allclose(conditioned_on.mean(elsewhere), fit.mean(elsewhere))
    assert np.allclose(conditioned_on.predict(elsewhere)[0], fit.predict(elsewhere)[0])
    assert (conditioned_on.predict(pending)[1] < 0.8 * fit.predict(pending)[1]).all()
    assert fit.conditioned_on(pending[:0]) is fit


def test_replicates_narrow_the_score_of_their_mixture():
    _, weights, values = noisy(m=4, n=20, seed=3, noise=0.05)
    rng = np.random.default_rng(0)
    here = np.full((1, 4), 0.25)
    often = np.vstack([weights, np.repeat(here, 8, axis=0)])
    scores = np.append(values, values.mean() + 0.05 * rng.normal(size=8))
    once = GPSurrogate().fit(often[:21], scores[:21]).predict(here)[1]
    assert GPSurrogate().fit(often, scores).predict(here)[1] < once


def test_it_commutes_with_the_units_of_the_values_and_repeats():
    _, weights, values = noisy(m=4, n=15, seed=2, noise=0.02)
    mean, sd = GPSurrogate().fit(weights, values).predict(weights)
    again = GPSurrogate().fit(weights, values).predict(weights)
    assert (mean == again[0]).all() and (sd == again[1]).all()
    in_percent = GPSurrogate().fit(weights, 100 * values - 7).predict(weights)
    assert np.allclose(100 * mean - 7, in_percent[0]) and np.allclose(100 * sd, in_percent[1])


def test_deterministic_scores_are_taken_at_their_word():
    """A mixture that stands out is believed where there is no noise, wherever else the model is smooth."""
    _, weights, values = noisy(m=4, n=20, seed=3, noise=0.0)
    values[7] += 0.3  # what no smooth surface explains
    fit, noisy_fit = (
        GPSurrogate(NoiseModel.DETERMINISTIC).fit(weights, values),
        GPSurrogate().fit(weights, values),
    )
    mean, sd = fit.predict(weights)
    assert np.allclose(mean, values, atol=1e-4) and (sd < 0.01).all() and fit.noise_sd < 1e-3
    assert noisy_fit.predict(weights[7:8])[0] < values[7] - 0.05
    elsewhere = simplex(4).sample(7, np.random.default_rng(1))
    assert (fit.predict(elsewhere)[1] > 0.01).all()  # each has something of its own
    joint_mean, covariance = fit.joint(elsewhere)
    assert np.allclose(joint_mean, fit.mean(elsewhere)) and np.allclose(
        np.diag(covariance), fit.predict(elsewhere)[1] ** 2
    )


def test_a_deterministic_pool_keeps_its_best_row():
    """In a table the row that was seen to be best is recommended, unless the model expects more of another."""
    weights = simplex(6).sample(40, np.random.default_rng(5))
    scores = 0.1 * Quadratic.random(6, 2)(weights)
    scores[3] = scores.max() + 0.2
    space = MixtureSpace(simplex(6).domains, candidates=weights)
    study = optuna.create_study(direction="maximize", sampler=BayesSampler(space, deterministic=True))
    for row in range(12):
        study.enqueue_trial(space.as_dict(weights[row]))
    study.optimize(
        lambda trial: scores[((weights - list(suggest_mixture(trial, space).values())) ** 2).sum(1).argmin()], 20
    )
    found = recommend(study, space, deterministic=True)
    assert np.allclose(list(found.weights.values()), weights[3]) and found.mean == pytest.approx(scores[3], abs=1e-3)

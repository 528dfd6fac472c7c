"""Surrogates: exact recovery of what they can represent, and honest uncertainty."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from botorch.exceptions import ModelFittingError

from mixopt.errors import StrategyError
from mixopt.models import LinearSurrogate, QuadraticSurrogate, botorch_gp
from mixopt.models.botorch_gp import BoTorchGPSurrogate
from mixopt.models.gp import GPSurrogate
from tests.support import modomodo
from tests.support.synthetic_objectives import Quadratic, simplex

PROCESSES = pytest.mark.parametrize("process", [BoTorchGPSurrogate, GPSurrogate])


def noisy(m: int, n: int, seed: int, noise: float) -> tuple[Quadratic, np.ndarray, np.ndarray]:
    objective, rng = Quadratic.random(m, seed), np.random.default_rng([seed, n])
    weights = simplex(m).sample(n, rng)
    return objective, weights, objective(weights) + noise * rng.normal(size=n)


def test_quadratic_recovers_an_exact_quadratic():
    objective, weights, values = noisy(m=4, n=40, seed=0, noise=0.0)
    fit = QuadraticSurrogate().fit(weights, values)
    elsewhere = np.vstack([simplex(4).sample(100, np.random.default_rng(9)), np.eye(4)])
    mean, sd = fit.predict(elsewhere)
    assert np.allclose(mean, objective(elsewhere), atol=1e-9)
    assert fit.r2_test == pytest.approx(1) and fit.r2_train == pytest.approx(1) and sd.max() < 1e-9
    assert fit.coefficients.shape == (1 + 4 + 16,)


def test_quadratic_keeps_the_best_split():
    _, weights, values = noisy(m=5, n=30, seed=1, noise=0.02)
    fit = QuadraticSurrogate(seed=3).fit(weights, values)
    assert len(fit.test_index) == 6
    assert sorted([*fit.train_index, *fit.test_index]) == list(range(30))
    assert fit.r2_test >= QuadraticSurrogate(splits=1, seed=3).fit(weights, values).r2_test
    misses = values[fit.test_index] - fit.predict(weights[fit.test_index])[0]
    assert fit.predict(weights)[1] == pytest.approx(np.sqrt((misses**2).mean()))


def test_quadratic_is_underdetermined_on_the_papers_16_runs():
    """80 % of 16 runs are 12 rows for rank 15: the fit goes through all of them, whatever they are."""
    rng = np.random.default_rng(0)
    weights = np.vstack([modomodo.seed_runs().weights, rng.dirichlet(np.ones(5), 5)])
    fit = QuadraticSurrogate().fit(weights, rng.random(16))
    assert len(fit.train_index) == 12 and fit.r2_train == pytest.approx(1)


def test_linear_recovers_a_linear_score_and_fails_on_a_quadratic():
    weights = simplex(4).sample(30, np.random.default_rng(0))
    slope = np.array([0.1, 0.4, -0.2, 0.0])
    fit = LinearSurrogate().fit(weights, 0.5 + weights @ slope)
    assert np.allclose(fit.predict(np.eye(4))[0], 0.5 + slope) and fit.r2_train == pytest.approx(1)
    _, weights, values = noisy(m=4, n=60, seed=0, noise=0.0)
    assert LinearSurrogate().fit(weights, values).r2_train < QuadraticSurrogate().fit(weights, values).r2_test


def test_too_few_runs_are_refused():
    with pytest.raises(StrategyError, match="R\\^2 needs 2"):
        QuadraticSurrogate().fit(np.eye(5), np.arange(5.0))
    with pytest.raises(StrategyError, match="needs 6 runs, got 5"):
        LinearSurrogate().fit(np.eye(5), np.arange(5.0))
    with pytest.raises(StrategyError, match="a Gaussian process over 5 domains needs 2 runs, got 1"):
        BoTorchGPSurrogate().fit(np.eye(5)[:1], np.array([0.1]))


@PROCESSES
def test_gps_interpolate_where_there_is_no_noise(process):
    objective, weights, values = noisy(m=3, n=25, seed=0, noise=0.0)
    fit = process().fit(weights, values)
    elsewhere = simplex(3).sample(50, np.random.default_rng(5))
    assert np.abs(fit.predict(elsewhere)[0] - objective(elsewhere)).max() < 0.1 * values.std()
    least = 0.1 if process is BoTorchGPSurrogate else 0.15  # the other's grid of noises ends at .004 s^2
    assert fit.noise_sd < least * values.std()


@PROCESSES
def test_gp_intervals_cover_and_noise_is_found(process):
    covered, noise = [], []
    for seed in range(6):
        objective, weights, values = noisy(m=5, n=40, seed=seed, noise=0.03)
        fit = process().fit(weights, values)
        elsewhere = simplex(5).sample(200, np.random.default_rng(5))
        mean, sd = fit.predict(elsewhere)
        covered.append(np.mean(np.abs(mean - objective(elsewhere)) < 1.645 * sd))
        noise.append(fit.noise_sd)
    assert 0.8 < np.mean(covered) <= 1
    assert 0.02 < np.mean(noise) < 0.045


@pytest.mark.parametrize("noise", [0.0, 1e-4])
def test_gp_on_the_seed_design_alone(noise):
    weights = modomodo.seed_runs().weights
    values = Quadratic.random(5, 0)(weights) + noise * np.random.default_rng(0).normal(size=11)
    mean, sd = BoTorchGPSurrogate().fit(weights, values).predict(weights)
    assert np.isfinite(mean).all() and (sd > 0).all()
    assert np.abs(mean - values).max() < 0.5 * values.std()


def test_gp_on_values_that_do_not_vary():
    mean, sd = BoTorchGPSurrogate().fit(np.eye(4), np.full(4, 0.3)).predict(np.full((1, 4), 0.25))
    assert np.isfinite(sd).all() and np.isfinite(mean).all()


def test_gp_joint_agrees_with_predict():
    _, weights, values = noisy(m=4, n=15, seed=2, noise=0.02)
    fit = BoTorchGPSurrogate().fit(weights, values)
    mean, sd = fit.predict(weights)
    joint_mean, covariance = fit.joint(weights)
    assert np.allclose(mean, joint_mean) and np.allclose(sd**2, np.diag(covariance), rtol=1e-4)
    assert np.allclose(covariance, covariance.T)


def test_gp_commutes_with_the_units_of_the_values():
    _, weights, values = noisy(m=4, n=15, seed=2, noise=0.02)
    mean, sd = BoTorchGPSurrogate().fit(weights, values).predict(weights)
    mean_in_percent, sd_in_percent = BoTorchGPSurrogate().fit(weights, 100 * values - 7).predict(weights)
    assert np.allclose(100 * mean - 7, mean_in_percent, atol=1e-3) and np.allclose(100 * sd, sd_in_percent, atol=1e-3)


def test_gp_is_deterministic_and_leaves_torch_as_it_was():
    _, weights, values = noisy(m=4, n=12, seed=3, noise=0.02)
    state, threads = torch.random.get_rng_state(), torch.get_num_threads()
    first = BoTorchGPSurrogate(seed=1).fit(weights, values).predict(weights)
    torch.rand(3)
    second = BoTorchGPSurrogate(seed=1).fit(weights, values).predict(weights)
    assert (first[0] == second[0]).all() and (first[1] == second[1]).all()
    torch.random.set_rng_state(state)
    BoTorchGPSurrogate(seed=1).fit(weights, values)
    assert (torch.random.get_rng_state() == state).all() and torch.get_num_threads() == threads


def test_gp_keeps_its_priors_where_the_fit_fails(monkeypatch):
    def fail(mll):
        raise ModelFittingError("All attempts failed.")

    monkeypatch.setattr(botorch_gp, "fit_gpytorch_mll", fail)
    objective, weights, values = noisy(m=4, n=20, seed=4, noise=0.01)
    with pytest.warns(UserWarning, match="keeps the modes of its priors"):
        mean, _ = BoTorchGPSurrogate().fit(weights, values).predict(weights)
    assert np.corrcoef(mean, objective(weights))[0, 1] > 0.9


def test_everything_but_the_gp_loads_without_torch():
    names = [
        "acquisition.cma_es",
        "acquisition.gaussian",
        "designs.heuristics",
        "inference.recommendation",
        "models.boosting",
        "models.cross_validation",
        "models.mixing_law",
        "models.scheffe",
        "samplers.regression",
        "samplers.stock",
        "space.mixture_space",
        "tables.read_runs",
    ]
    code = f"import sys, {', '.join('mixopt.' + name for name in names)}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0

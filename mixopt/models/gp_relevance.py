"""Relevance of each domain: the most probable power, relevances, kernel and noise of the Gaussian process.

The grid of gp_evidence.py treats all domains alike. A single test often depends on a few of them: a loss on code on the
share of code. And some domains make runs noisier than others. Here the relevances r of the domains, one power p for all
of them, the four parameters of the kernel and the noise, also by domain, are fitted together: they maximise the
evidence times a prior, by L-BFGS with exact gradients. The means and widths of the prior follow roughly what five
tables of measured runs say at 80 runs; the noise is a priori as large as in the grid, since those tables have little.
"""

import math

import numpy as np
import scipy
from scipy.linalg import lapack

from mixopt.models.gp_coordinates import Coordinates, standardised, standardised_with_slope
from mixopt.models.gp_evidence import evaluated_setting
from mixopt.models.gp_member import Setting, log_scale
from mixopt.models.gp_prior import LEVEL, SQUARES, Shape
from mixopt.models.noise import Noise, NoiseModel
from mixopt.typing import FloatArray

RELEVANCE_SD = 0.4  # of each ln r, whose mean is 0
NOISE_SD = 0.7  # of each ln g of the noise by domain, whose mean is 0
POWER, POWER_SD = math.log(0.45), 0.3  # of ln p
SHAPE = np.array([-1.0, -3.5, -0.8, 0.45, -1.2, -0.7])  # means of ln vL, ln vQ, ln vR, ln l, ln tau and ln h
SHAPE_SD = np.array([1.2, 1.7, 1.0, 0.25, 1.5, 1.5])
REACH = np.array([3.0, 3.0, 3.0, 2.0, 3.0, 2.0])  # standard deviations of these from their means, at most
ITERATIONS = 20


def most_probable(weights: FloatArray, values: FloatArray, noise: NoiseModel) -> Setting:
    """Find the most probable setting.

    Args:
        weights: mixtures (n, m) of the runs.
        values: of the runs, (n,), standardised.
        noise: whether two runs of one mixture may score differently.

    Returns:
        The setting, with its evidence.
    """
    problem = _Posterior(weights, values)
    middle, reach = problem.prior_mean, problem.reach * problem.prior_sd
    highest = np.append((middle + reach)[:-1], 0.0)  # no power above 1
    bounds = list(zip(middle - reach, highest))
    found = scipy.optimize.minimize(
        problem, middle, jac=True, method="L-BFGS-B", bounds=bounds, options={"maxiter": ITERATIONS}
    ).x
    relevances, by_domain, (linear, quadratic, smooth, length, tau, growth, power) = problem.split(found)
    coordinates = Coordinates(float(power), tuple(relevances.tolist()))
    shape = Shape(float(linear), float(quadratic), float(smooth), float(length))
    fitted = Noise(float(tau), float(growth), by_domain=tuple(by_domain.tolist()))
    chosen = Noise(float(tau), 0.0, deterministic=True) if noise is NoiseModel.DETERMINISTIC else fitted
    return evaluated_setting(coordinates, shape, chosen, weights, values)


class _Posterior:
    """Minus the log posterior density of the parameters, and its gradient.

    The parameters are ln r (m), ln g (m), ln vL, ln vQ, ln vR, ln l, ln tau, ln h and ln p.
    """

    def __init__(self, weights: FloatArray, values: FloatArray) -> None:
        self.weights, self.values = weights, values
        self.corner = (standardised(weights) ** 2).sum(axis=1)
        m = weights.shape[1]
        self.prior_mean = np.concatenate([np.zeros(2 * m), SHAPE, [POWER]])
        self.prior_sd = np.concatenate([np.full(m, RELEVANCE_SD), np.full(m, NOISE_SD), SHAPE_SD, [POWER_SD]])
        self.reach = np.concatenate([np.full(m, 6.0), np.full(m, 3.0), REACH, [3.0]])

    def split(self, parameters: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
        """The relevances r (m), the noise by domain g (m), and vL, vQ, vR, l, tau, h and p."""
        m = self.weights.shape[1]
        relevances, by_domain, others = np.split(np.exp(parameters), [m, 2 * m])
        return relevances, by_domain, others

    def __call__(self, parameters: FloatArray) -> tuple[float, FloatArray]:
        n = len(self.weights)
        relevances, by_domain, (linear, quadratic, smooth, length, tau, h, power) = self.split(parameters)
        z, slope = standardised_with_slope(self.weights, power)
        x, bend = z * relevances, -(z**2).sum(axis=1)
        squares = x**2
        norm, dot = squares.sum(axis=1), x @ x.T
        bump = smooth * np.exp((dot - (norm[:, None] + norm) / 2) / length**2)
        curved = quadratic * (dot**2 + SQUARES * squares @ squares.T)
        covariance = bump + curved + linear * dot
        covariance += LEVEL
        by_corner, factor = (1 + h * self.corner) / (1 + h), self.weights @ by_domain
        noise = tau * by_corner * factor
        covariance[np.diag_indices(n)] += noise
        root, inverse = _inverse(covariance)
        by_value, by_bend = inverse @ self.values, inverse @ bend
        curve = max(float(self.values @ by_bend) / float(bend @ by_bend), 0.0)
        rest = float((self.values - curve * bend) @ (by_value - curve * by_bend))
        u = log_scale(n, rest)
        evidence = -n * u - rest * math.exp(-2 * u) / 2 - float(np.log(np.diagonal(root)).sum()) - u**2 / 2
        pull = (by_value - curve * by_bend) * math.exp(-u)
        # d evidence = 1/2 sum_ab by_covariance_ab d covariance_ab (Rasmussen and Williams 2006, equation 5.9)
        by_covariance = np.outer(pull, pull) - inverse
        by_bump, by_dot = by_covariance * bump, by_covariance * dot
        bumps = by_bump.sum(axis=1)
        by_x = linear * (by_covariance @ x) + quadratic * 2 * (by_dot @ x)
        by_x += quadratic * 2 * SQUARES * x * (by_covariance @ squares)
        by_x -= (bumps[:, None] * x - by_bump @ x) / length**2
        by_z = by_x * relevances - 2 * z * (curve * math.exp(-u) * pull)[:, None]
        by_length = 2 * (bumps @ norm - (by_bump * dot).sum()) / length**2
        by_shape = [linear * by_dot.sum(), (by_covariance * curved).sum(), bumps.sum(), by_length]
        by_noise = np.diagonal(by_covariance)
        by_shape += [by_noise @ noise, (by_noise * factor) @ (self.corner - 1) * tau * h / (1 + h) ** 2]
        by_domains = tau * ((by_noise * by_corner) @ self.weights) * by_domain
        by_power = [power * (by_z * slope).sum()]
        gradient = np.concatenate([(by_x * x).sum(axis=0), by_domains / 2, np.array(by_shape) / 2, by_power])
        away = (parameters - self.prior_mean) / self.prior_sd
        return float(away @ away) / 2 - evidence, away / self.prior_sd - gradient


def _inverse(covariance: FloatArray) -> tuple[FloatArray, FloatArray]:
    """The lower Cholesky factor (n, n) and the inverse (n, n) of a covariance."""
    root, failed = lapack.dpotrf(covariance, lower=1)
    if failed:
        raise np.linalg.LinAlgError("the covariance is not positive definite")
    inverse, _ = lapack.dpotri(root, lower=1)
    lower = np.tril(inverse)
    return root, lower + np.tril(lower, -1).T

"""One setting of the evidence surrogate's prior, conditioned on the runs: the exact Gaussian process."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from scipy.linalg import solve_triangular

from mixopt.models.gp_prior import Noise, Products, Shape
from mixopt.typing import FloatArray


@dataclass(frozen=True)
class Fit:
    """A setting of the prior with its log evidence, scale s and curvature c."""

    evidence: float
    shape: Shape
    noise: Noise
    scale: float
    curvature: float

    @classmethod
    def of(
        cls, setting: tuple[Shape, Noise], n: int, products: tuple[float, float, float], half_log_determinant: float
    ) -> Self:
        """From y'K^-1 y, y'K^-1 h and h'K^-1 h of n runs, and half the log determinant of K (in units of s^2)."""
        (shape, noise), (yy, yh, hh) = setting, products
        curve = max(yh / hh, 0.0) if hh > 0 else 0.0  # s c, by least squares, never convex
        u = _log_scale(n, yy - 2 * curve * yh + curve**2 * hh)
        rest = (yy - 2 * curve * yh + curve**2 * hh) * np.exp(-2 * u)
        evidence = -n * u - rest / 2 - half_log_determinant - u**2 / 2 + noise.log_prior
        return cls(float(evidence), shape, noise, float(np.exp(u)), float(curve * np.exp(-u)))


@dataclass(frozen=True, eq=False)
class Member:
    """One setting of the prior, conditioned on the runs; everything in units of the standardised values.

    `z` (n, m) and `root` (n, n), the Cholesky factor of K in units of s^2, are the runs'; `pull` (n,) is
    K^-1 (y - mean); `share` its part in the average.
    """

    shape: Shape
    noise: Noise
    scale: float
    curvature: float
    share: float
    z: FloatArray
    root: FloatArray
    pull: FloatArray

    @classmethod
    def of(cls, fit: Fit, share: float, z: FloatArray, values: FloatArray) -> Self:
        """Conditioned on values (n,) at z (n, m)."""
        root = root_of(fit.shape, fit.noise, z)
        away = values + fit.scale * fit.curvature * (z**2).sum(axis=1)
        pull = solve_triangular(root, solve_triangular(root, away, lower=True), lower=True, trans=1)
        return cls(fit.shape, fit.noise, fit.scale, fit.curvature, share, z, root, pull)

    def covariance(self, products: Products) -> FloatArray:
        """The prior covariance of scores, in units of s^2, of the shape of the products."""
        return covariance_of(self.shape, self.noise, products)

    def variance(self, z: FloatArray) -> FloatArray:
        """The prior variance of the score at z (k, m), (k,)."""
        return self.shape.variance(z) + self.noise.own_variance

    def mean(self, z: FloatArray, covariance: FloatArray) -> FloatArray:
        """Posterior mean (k,) at z (k, m), of their prior covariance (k, n) with the runs."""
        return covariance @ self.pull - self.scale * self.curvature * (z**2).sum(axis=1)

    def spread(self, covariance: FloatArray) -> FloatArray:
        """root^-1 of the prior covariance (k, n) with the runs, (n, k): what the runs explain of it."""
        return solve_triangular(self.root, covariance.T, lower=True, check_finite=False)

    def conditioned_on(self, z: FloatArray) -> Self:
        """With runs at z (p, m) that came out as expected: the mean stays, the variance falls."""
        both = np.vstack([self.z, z])
        root = root_of(self.shape, self.noise, both)
        return replace(self, z=both, root=root, pull=np.concatenate([self.pull, np.zeros(len(z))]))


def covariance_of(shape: Shape, noise: Noise, products: Products) -> FloatArray:
    covariance = shape.covariance(products)
    if noise.own:
        covariance += noise.own_variance * products.same
    return covariance


def root_of(shape: Shape, noise: Noise, z: FloatArray) -> FloatArray:
    """The Cholesky factor (n, n) of K, in units of s^2, of runs at z (n, m)."""
    covariance = covariance_of(shape, noise, Products(z, z)) + np.diag(noise.variance(z))
    return np.asarray(np.linalg.cholesky(covariance), dtype=float)


def _log_scale(n: int, rest: float) -> float:
    """ln s that maximises -n ln s - rest / (2 s^2) - ln(s)^2 / 2, by Newton's method (it is concave in ln s)."""
    u = 0.0
    for _ in range(50):
        pull = rest * np.exp(-2 * u)
        step = (pull - n - u) / (2 * pull + 1)
        u += float(np.clip(step, -1, 1))
        if abs(step) < 1e-9:
            break
    return u

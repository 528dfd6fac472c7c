"""One member of the averaged Gaussian process: a setting of the prior, conditioned on the runs (exact inference)."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from scipy.linalg import solve_triangular

from mixopt.models.gp_prior import Products, Shape
from mixopt.models.noise import Noise
from mixopt.typing import FloatArray


@dataclass(frozen=True)
class Setting:
    """A setting of the prior, with its evidence and the two parameters that follow from the runs.

    Attributes:
        evidence: log marginal likelihood plus log prior.
        shape: of the kernel.
        noise: of one run.
        scale: s.
        curvature: c of the mean.
    """

    evidence: float
    shape: Shape
    noise: Noise
    scale: float
    curvature: float

    @classmethod
    def of(
        cls,
        shape: Shape,
        noise: Noise,
        n: int,
        products: tuple[float, float, float],
        half_log_determinant: float,
    ) -> Self:
        """Evaluate a setting of the prior.

        Args:
            shape: of the kernel.
            noise: of one run.
            n: number of runs.
            products: y'K^-1 y, y'K^-1 h and h'K^-1 h, with y the values, h = -|z|^2, and K the covariance of the runs
                in units of s^2.
            half_log_determinant: half the log determinant of K.

        Returns:
            The setting, with its evidence.
        """
        yy, yh, hh = products
        curve = max(yh / hh, 0.0) if hh > 0 else 0.0  # s c, by least squares, never convex
        u = _log_scale(n, yy - 2 * curve * yh + curve**2 * hh)
        rest = (yy - 2 * curve * yh + curve**2 * hh) * np.exp(-2 * u)
        evidence = -n * u - rest / 2 - half_log_determinant - u**2 / 2 + noise.log_prior
        return cls(float(evidence), shape, noise, float(np.exp(u)), float(curve * np.exp(-u)))

    def residuals(self, z: FloatArray, values: FloatArray) -> FloatArray:
        """Values (n,) minus the prior mean at z (n, m)."""
        return values + self.scale * self.curvature * (z**2).sum(axis=1)


@dataclass(frozen=True, eq=False)
class Member:
    """A setting of the prior, conditioned on runs; everything in units of the standardised values.

    Attributes:
        setting: of the prior.
        share: its weight in the average.
        z: the runs' mixtures (n, m).
        root: Cholesky factor (n, n) of their covariance K, in units of s^2.
        pull: K^-1 (y - mean), (n,).
    """

    setting: Setting
    share: float
    z: FloatArray
    root: FloatArray
    pull: FloatArray

    @classmethod
    def of(cls, setting: Setting, share: float, z: FloatArray, values: FloatArray) -> Self:
        """Condition a setting on values (n,) at z (n, m)."""
        root = _root(setting, z)
        residuals = setting.residuals(z, values)
        pull = solve_triangular(root, solve_triangular(root, residuals, lower=True), lower=True, trans=1)
        return cls(setting, share, z, root, pull)

    def covariance(self, products: Products) -> FloatArray:
        """The prior covariance of scores, in units of s^2, with the shape of the products."""
        return _covariance(self.setting, products)

    def variance(self, z: FloatArray) -> FloatArray:
        """The prior variance (k,) of the score at z (k, m)."""
        return self.setting.shape.variance(z) + self.setting.noise.own_variance

    def mean(self, z: FloatArray, covariance: FloatArray) -> FloatArray:
        """Posterior mean (k,) at z (k, m), whose prior covariance with the runs is (k, n)."""
        return covariance @ self.pull - self.setting.scale * self.setting.curvature * (z**2).sum(axis=1)

    def explained(self, covariance: FloatArray) -> FloatArray:
        """A factor (n, k) of the covariance that the runs explain: root^-1 times the prior covariance (k, n)."""
        return solve_triangular(self.root, covariance.T, lower=True, check_finite=False)

    def conditioned_on(self, z: FloatArray) -> Self:
        """The member after runs at z (p, m) that scored as expected: same mean, smaller variance."""
        both = np.vstack([self.z, z])
        return replace(self, z=both, root=_root(self.setting, both), pull=np.concatenate([self.pull, np.zeros(len(z))]))


def _covariance(setting: Setting, products: Products) -> FloatArray:
    covariance = setting.shape.covariance(products)
    if setting.noise.deterministic:
        covariance += setting.noise.own_variance * products.same
    return covariance


def _root(setting: Setting, z: FloatArray) -> FloatArray:
    """The Cholesky factor (n, n) of K, in units of s^2, of runs at z (n, m)."""
    covariance = _covariance(setting, Products(z, z)) + np.diag(setting.noise.variance(z))
    return np.asarray(np.linalg.cholesky(covariance), dtype=float)


def _log_scale(n: int, rest: float) -> float:
    """The ln s that maximises -n ln s - rest / (2 s^2) - ln(s)^2 / 2, by Newton's method (it is concave in ln s)."""
    u = 0.0
    for _ in range(50):
        pull = rest * np.exp(-2 * u)
        step = (pull - n - u) / (2 * pull + 1)
        u += float(np.clip(step, -1, 1))
        if abs(step) < 1e-9:
            break
    return u

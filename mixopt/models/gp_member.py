"""One member of the averaged Gaussian process: a setting of the prior, conditioned on the runs (exact inference)."""

from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from scipy.linalg import solve_triangular

from mixopt.models.gp_coordinates import Coordinates, Points
from mixopt.models.gp_prior import Products, Shape
from mixopt.models.noise import Noise
from mixopt.typing import FloatArray


@dataclass(frozen=True)
class Setting:
    """A setting of the prior, with its evidence and the two parameters that follow from the runs.

    Attributes:
        evidence: log marginal likelihood plus log prior.
        coordinates: in which the weights are seen.
        shape: of the kernel.
        noise: of one run.
        scale: s.
        curvature: c of the mean.
    """

    evidence: float
    coordinates: Coordinates
    shape: Shape
    noise: Noise
    scale: float
    curvature: float

    @classmethod
    def of(
        cls,
        coordinates: Coordinates,
        shape: Shape,
        noise: Noise,
        n: int,
        products: tuple[float, float, float],
        half_log_determinant: float,
    ) -> Self:
        """Evaluate a setting of the prior.

        Args:
            coordinates: in which the weights are seen.
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
        u = log_scale(n, yy - 2 * curve * yh + curve**2 * hh)
        rest = (yy - 2 * curve * yh + curve**2 * hh) * np.exp(-2 * u)
        evidence = -n * u - rest / 2 - half_log_determinant - u**2 / 2 + noise.log_prior
        return cls(float(evidence), coordinates, shape, noise, float(np.exp(u)), float(curve * np.exp(-u)))

    def residuals(self, points: Points, values: FloatArray) -> FloatArray:
        """Values (n,) minus the prior mean at n points."""
        return values + self.scale * self.curvature * points.bend


@dataclass(frozen=True, eq=False)
class Member:
    """A setting of the prior, conditioned on runs; everything in units of the standardised values.

    Attributes:
        setting: of the prior.
        share: its weight in the average.
        points: the runs' mixtures (n).
        root: Cholesky factor (n, n) of their covariance K, in units of s^2.
        pull: K^-1 (y - mean), (n,).
    """

    setting: Setting
    share: float
    points: Points
    root: FloatArray
    pull: FloatArray

    @classmethod
    def of(cls, setting: Setting, share: float, weights: FloatArray, values: FloatArray) -> Self:
        """Condition a setting on values (n,) at weights (n, m)."""
        points = setting.coordinates.of(weights)
        root = _root(setting, points)
        residuals = setting.residuals(points, values)
        pull = solve_triangular(root, solve_triangular(root, residuals, lower=True), lower=True, trans=1)
        return cls(setting, share, points, root, pull)

    def covariance(self, products: Products) -> FloatArray:
        """The prior covariance of scores, in units of s^2, with the shape of the products."""
        return _covariance(self.setting, products)

    def variance(self, points: Points) -> FloatArray:
        """The prior variance (k,) of the score at k points."""
        return self.setting.shape.variance(points.seen) + self.setting.noise.own_variance

    def mean(self, points: Points, covariance: FloatArray) -> FloatArray:
        """Posterior mean (k,) at k points, whose prior covariance with the runs is (k, n)."""
        return covariance @ self.pull - self.setting.scale * self.setting.curvature * points.bend

    def explained(self, covariance: FloatArray) -> FloatArray:
        """A factor (n, k) of the covariance that the runs explain: root^-1 times the prior covariance (k, n)."""
        return solve_triangular(self.root, covariance.T, lower=True, check_finite=False)

    def left_out(self) -> tuple[FloatArray, FloatArray]:
        """Predict each run from all others, with this setting.

        Returns:
            The value minus its prediction (n,), and the standard deviation (n,) of this, in units of the values
            (Rasmussen and Williams 2006, Gaussian processes for machine learning, equations 5.12 and 5.13).
        """
        inverse = solve_triangular(self.root, np.eye(len(self.root)), lower=True, check_finite=False)
        precision = (inverse**2).sum(axis=0)
        return self.pull / precision, self.setting.scale / np.sqrt(precision)

    def conditioned_on(self, weights: FloatArray) -> Self:
        """The member after runs at weights (p, m) that scored as expected: same mean, smaller variance."""
        both = self.points.joined(self.setting.coordinates.of(weights))
        pull = np.concatenate([self.pull, np.zeros(len(weights))])
        return replace(self, points=both, root=_root(self.setting, both), pull=pull)


def _covariance(setting: Setting, products: Products) -> FloatArray:
    covariance = setting.shape.covariance(products)
    if setting.noise.deterministic:
        covariance += setting.noise.own_variance * products.same
    return covariance


def _root(setting: Setting, points: Points) -> FloatArray:
    """The Cholesky factor (n, n) of K, in units of s^2, of runs at n points."""
    covariance = _covariance(setting, Products(points.seen, points.seen))
    covariance += np.diag(setting.noise.variance(points.weights))
    return np.asarray(np.linalg.cholesky(covariance), dtype=float)


def log_scale(n: int, rest: float) -> float:
    """The ln s that maximises -n ln s - rest / (2 s^2) - ln(s)^2 / 2, by Newton's method (it is concave in ln s)."""
    u = 0.0
    for _ in range(50):
        pull = rest * np.exp(-2 * u)
        step = (pull - n - u) / (2 * pull + 1)
        u += float(np.clip(step, -1, 1))
        if abs(step) < 1e-9:
            break
    return u

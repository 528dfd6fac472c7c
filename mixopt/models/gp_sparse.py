"""Sparse Gaussian process for many runs: it represents them by a few inducing mixtures.

With u inducing mixtures and Q = K_nu K_uu^-1 K_un in place of K_nn, the evidence and the posterior of n runs cost
n u^2 instead of n^3. Smooth surfaces over a simplex need few inducing mixtures: their covariance has a small rank. The
evidence is the variational bound, which subtracts the variance that the inducing mixtures do not explain; otherwise it
would count as noise. The posterior is that of the deterministic training conditional.

References:
    Titsias (2009), Variational learning of inducing variables in sparse Gaussian processes, AISTATS, PMLR 5.
    Quinonero-Candela and Rasmussen (2005), A unifying view of sparse approximate Gaussian process regression,
    JMLR 6.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from scipy.linalg import solve_triangular

from mixopt.models.gp_member import Member, Setting
from mixopt.models.gp_prior import Products, Shape
from mixopt.typing import FloatArray, IntArray

INDUCING = 500  # mixtures, at most
JITTER = 1e-6  # variance, in units of s^2, that keeps K_uu invertible
NOTHING_LEFT = 1e-6  # variance, in units of s^2, below which another inducing mixture adds nothing


@dataclass(frozen=True, eq=False)
class SparseMember(Member):
    """A setting of the prior, conditioned on many runs through inducing mixtures.

    As in Member, but `points` (u) are the inducing mixtures, `root` (u, u) is the Cholesky factor L of K_uu, and `pull`
    (u,) is what the runs say of the score there.

    Attributes:
        inner: I + L^-1 K_un N^-1 K_nu L^-T, (u, u), with N the noise.
    """

    inner: FloatArray

    def covariance(self, products: Products) -> FloatArray:
        """The prior covariance with the inducing mixtures, without the variance that each mixture has on its own."""
        return self.setting.shape.covariance(products)

    def explained(self, covariance: FloatArray) -> FloatArray:
        """A factor (u, k) of the covariance that the runs explain, from the prior covariance (k, u)."""
        return self._explained_factor @ solve_triangular(self.root, covariance.T, lower=True, check_finite=False)

    @cached_property
    def _explained_factor(self) -> FloatArray:
        """A factor (u, u) of I - inner^-1."""
        values, vectors = np.linalg.eigh(self.inner)
        return np.sqrt((1 - 1 / values).clip(0))[:, None] * vectors.T

    def conditioned_on(self, weights: FloatArray) -> Self:
        """The member after runs at weights (p, m) that scored as expected: same mean, smaller variance."""
        points = self.setting.coordinates.of(weights)
        products = Products(self.points.seen, points.seen)
        more = solve_triangular(self.root, self.setting.shape.covariance(products), lower=True)
        more = more / np.sqrt(self.setting.noise.unexplained(points.weights))
        return replace(self, inner=self.inner + more @ more.T)


@dataclass(frozen=True, eq=False)
class SparseRuns:
    """Many runs, and the inducing mixtures that represent them.

    Attributes:
        weights: of the runs, (n, m).
        values: of the runs, (n,), standardised.
        inducing: the inducing mixtures, (u, m).
    """

    weights: FloatArray
    values: FloatArray
    inducing: FloatArray

    @classmethod
    def of(cls, weights: FloatArray, values: FloatArray, setting: Setting) -> Self:
        """Choose the inducing mixtures among weights (n, m) that explain most of the runs under a setting."""
        rows = inducing_rows(setting.coordinates.of(weights).seen, setting.shape)
        return cls(weights, values, weights[rows])

    def member(self, chosen: Setting, share: float) -> SparseMember:
        """Evaluate a setting, which some runs chose, on all runs, and condition it on them."""
        coordinates, shape, noise = chosen.coordinates, chosen.shape, chosen.noise
        runs, inducing = coordinates.of(self.weights), coordinates.of(self.inducing)
        own = shape.covariance(Products(inducing.seen, inducing.seen))
        root = np.asarray(np.linalg.cholesky(own + JITTER * np.eye(len(own))), dtype=float)
        sd = np.sqrt(noise.unexplained(runs.weights))
        known: FloatArray = solve_triangular(root, shape.covariance(Products(inducing.seen, runs.seen)), lower=True)
        known /= sd  # L^-1 K_un N^-1/2, (u, n)
        inner = np.eye(len(own)) + known @ known.T
        both = np.array([self.values, -runs.bend]) / sd
        told = solve_triangular(np.linalg.cholesky(inner), known @ both.T, lower=True)
        (yy, yh), (_, hh) = both @ both.T - told.T @ told
        unexplained = ((shape.variance(runs.seen) / sd**2).sum() - (known**2).sum()).clip(0)
        half_log_determinant = np.log(sd).sum() + np.linalg.slogdet(inner)[1] / 2 + unexplained / 2
        setting = Setting.of(coordinates, shape, noise, len(self.weights), (yy, yh, hh), half_log_determinant)
        residuals = np.linalg.solve(inner, known @ (setting.residuals(runs, self.values) / sd))
        pull = solve_triangular(root, residuals, lower=True, trans=1)
        return SparseMember(setting, share, inducing, root, pull, inner)


def inducing_rows(x: FloatArray, shape: Shape) -> IntArray:
    """Choose inducing mixtures: greedily those that leave the least variance unexplained.

    It is a partial Cholesky factorisation with pivots, without random numbers.

    Args:
        x: of the runs, (n, m), as the kernel sees them.
        shape: of the kernel.

    Returns:
        Rows of x, at most INDUCING.
    """
    left, rows = shape.variance(x), []
    factor = np.zeros((min(INDUCING, len(x)), len(x)))
    for k in range(len(factor)):
        row = int(left.argmax())
        if left[row] < NOTHING_LEFT:
            break
        rows.append(row)
        column = shape.covariance(Products(x[row : row + 1], x))[0] - factor[:k, row] @ factor[:k]
        factor[k] = column / np.sqrt(left[row])
        left = (left - factor[k] ** 2).clip(0)
    return np.array(rows)

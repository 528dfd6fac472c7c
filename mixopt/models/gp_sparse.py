"""The evidence surrogate on many runs: a Gaussian process that knows them by way of a few of their mixtures.

With u the inducing mixtures and Q = K_nu K_uu^-1 K_un in place of K_nn, the evidence and the posterior of n runs cost
n u^2 instead of n^3. Smooth surfaces over a simplex need few: their covariance has small rank. The evidence is the
variational bound, which takes what the inducing mixtures do not explain off, so that it is not taken for noise.

References:
    Titsias, Variational learning of inducing variables in sparse Gaussian processes, AISTATS 2009.
    Quinonero-Candela and Rasmussen, A unifying view of sparse approximate Gaussian process regression, JMLR 6 (2005):
    the deterministic training conditional.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Self

import numpy as np
from scipy.linalg import solve_triangular

from mixopt.models.gp_member import Fit, Member
from mixopt.models.gp_prior import Noise, Products, Shape
from mixopt.typing import FloatArray, IntArray

INDUCING = 500  # mixtures, at most
JITTER = 1e-6  # variance, in units of s^2, that keeps K_uu invertible
NOTHING_LEFT = 1e-6  # variance, in units of s^2, below which another inducing mixture adds nothing


@dataclass(frozen=True, eq=False)
class SparseMember(Member):
    """A Member whose `z` (u, m) are the inducing mixtures, `root` (u, u) is the Cholesky factor of K_uu, and `pull`
    (u,) is what the runs say of the score there.

    `inner` (u, u) is I + L^-1 K_un N^-1 K_nu L^-T, with L the root and N the noise.
    """

    inner: FloatArray

    def covariance(self, products: Products) -> FloatArray:
        """The prior covariance with the inducing mixtures; what is a mixture's own is not part of it."""
        return self.shape.covariance(products)

    def spread(self, covariance: FloatArray) -> FloatArray:
        """A factor (u, k) of what the runs explain, of the prior covariance (k, u)."""
        return self._explained @ solve_triangular(self.root, covariance.T, lower=True, check_finite=False)

    @cached_property
    def _explained(self) -> FloatArray:
        """A factor (u, u) of I - inner^-1."""
        values, vectors = np.linalg.eigh(self.inner)
        return np.sqrt((1 - 1 / values).clip(0))[:, None] * vectors.T

    def conditioned_on(self, z: FloatArray) -> Self:
        """With runs at z (p, m) that came out as expected: the mean stays, the variance falls."""
        more = solve_triangular(self.root, self.shape.covariance(Products(self.z, z)), lower=True)
        more = more / np.sqrt(_noise_of(self.noise, z))
        return replace(self, inner=self.inner + more @ more.T)


@dataclass(frozen=True, eq=False)
class Sparse:
    """Values (n,) at z (n, m), and the inducing ones of them (u, m)."""

    z: FloatArray
    values: FloatArray
    inducing: FloatArray

    @classmethod
    def of(cls, z: FloatArray, values: FloatArray, shape: Shape) -> Self:
        """With the inducing mixtures that tell most of all runs under a shape."""
        return cls(z, values, z[telling(z, shape)])

    def fit(self, shape: Shape, noise: Noise) -> Fit:
        """A setting with its evidence for all runs."""
        _, known, inner = self._parts(shape, noise)
        sd, h = np.sqrt(_noise_of(noise, self.z)), -(self.z**2).sum(axis=1)
        both = np.array([self.values, h]) / sd
        told = solve_triangular(np.linalg.cholesky(inner), known @ both.T, lower=True)
        (yy, yh), (_, hh) = both @ both.T - told.T @ told
        unexplained = ((shape.variance(self.z) / sd**2).sum() - (known**2).sum()).clip(0)
        half_log_determinant = np.log(sd).sum() + np.linalg.slogdet(inner)[1] / 2
        return Fit.of((shape, noise), len(self.z), (yy, yh, hh), half_log_determinant + unexplained / 2)

    def member(self, fit: Fit, share: float) -> SparseMember:
        """The setting conditioned on all runs."""
        root, known, inner = self._parts(fit.shape, fit.noise)
        away = self.values + fit.scale * fit.curvature * (self.z**2).sum(axis=1)
        told = np.linalg.solve(inner, known @ (away / np.sqrt(_noise_of(fit.noise, self.z))))
        pull = solve_triangular(root, told, lower=True, trans=1)
        return SparseMember(
            fit.shape, fit.noise, fit.scale, fit.curvature, share, self.inducing, root, pull, inner=inner
        )

    def _parts(self, shape: Shape, noise: Noise) -> tuple[FloatArray, FloatArray, FloatArray]:
        """The root of K_uu; L^-1 K_un N^-1/2, (u, n); and `inner`."""
        own = shape.covariance(Products(self.inducing, self.inducing))
        root = np.asarray(np.linalg.cholesky(own + JITTER * np.eye(len(own))), dtype=float)
        known: FloatArray = solve_triangular(root, shape.covariance(Products(self.inducing, self.z)), lower=True)
        known /= np.sqrt(_noise_of(noise, self.z))
        return root, known, np.eye(len(own)) + known @ known.T


def telling(z: FloatArray, shape: Shape) -> IntArray:
    """The rows of z (n, m), INDUCING at most, that one after another leave the least variance of all unexplained.

    It is a partial Cholesky factorisation with pivots, and so without random numbers.
    """
    left, rows = shape.variance(z), []
    factor = np.zeros((min(INDUCING, len(z)), len(z)))
    for k in range(len(factor)):
        row = int(left.argmax())
        if left[row] < NOTHING_LEFT:
            break
        rows.append(row)
        column = shape.covariance(Products(z[row : row + 1], z))[0] - factor[:k, row] @ factor[:k]
        factor[k] = column / np.sqrt(left[row])
        left = (left - factor[k] ** 2).clip(0)
    return np.array(rows)


def _noise_of(noise: Noise, z: FloatArray) -> FloatArray:
    """The variance (n,) at z of all that no smooth surface explains, in units of s^2."""
    return noise.variance(z) + noise.own_variance

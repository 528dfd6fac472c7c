"""Exponential data mixing law, y = c + k exp(t.w), fitted by least squares with priors.

As the weights sum to 1, |k| is part of t: y = c + s exp(a + d.w) with s = 1 or -1 and d about 0. Both signs are tried,
each from several starts. Departure from the reference: normal priors on a and d in units of the values' standard
deviation, so that the fit works with fewer runs than its m + 2 parameters. A score that is nearly linear in w is fitted
by a large a and a small d.

References:
    Ye et al. (2024), Data mixing laws, arXiv:2403.16952.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import OptimizeResult, least_squares

from mixopt.models.surrogate import centred_and_scaled, check_runs
from mixopt.typing import FloatArray

NOISE_VARIANCE = 0.3  # against which the priors are weighed, for values of variance 1
LEVEL_SD = 0.5  # of a
SLOPE_SD = 1.0  # of each of d
STARTS = (-1.0, 0.0, 1.0)  # of a
LARGEST_EXPONENT = 30.0  # larger ones are cut off, where a step of the search goes too far


@dataclass(frozen=True)
class MixingLawSurrogate:
    """One exponential of a linear form; its fit uses no random numbers."""

    def fit(self, weights: FloatArray, values: FloatArray) -> "FittedMixingLaw":
        """Fit on weights (n, m) and values (n,).

        Raises:
            StrategyError: fewer than 4 runs, or a value that is not finite.
        """
        check_runs(weights, values, 4, "a mixing law")
        z, mean, scale = centred_and_scaled(values)
        fits = [(sign, _fitted(weights, z, sign, start)) for sign in (1.0, -1.0) for start in STARTS]
        sign, best = min(fits, key=lambda fit: fit[1].cost)
        residuals, jacobian = best.fun[: len(z)], best.jac[: len(z)]
        inverse = np.linalg.inv(best.jac.T @ best.jac)
        freedom = len(z) - float(np.trace(jacobian @ inverse @ jacobian.T))
        variance = float((residuals**2).sum()) / max(freedom, 1.0)
        return FittedMixingLaw(
            constant=mean + scale * float(best.x[0]),
            sign=sign,
            level=float(best.x[1]),
            slopes=best.x[2:],
            unit=scale,
            covariance=variance * inverse,
            noise_sd=scale * float(np.sqrt(variance * NOISE_VARIANCE)),
        )


@dataclass(frozen=True, eq=False)
class FittedMixingLaw:
    """A fitted mixing law, y = constant + unit sign exp(level + slopes.w).

    Attributes:
        constant: c, in units of the values.
        sign: s, 1 or -1.
        level: a.
        slopes: d, (m,).
        unit: standard deviation of the values.
        covariance: of (c, a, d), (m + 2, m + 2), for standardised values.
        noise_sd: standard deviation of one run's noise.
    """

    constant: float
    sign: float
    level: float
    slopes: FloatArray
    unit: float
    covariance: FloatArray
    noise_sd: float

    @property
    def exponents(self) -> FloatArray:
        """The t (m,) of y = c + s exp(t.w)."""
        return np.asarray(self.level + self.slopes + (np.log(self.unit) if self.unit > 0 else -np.inf))

    def predict(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean (n,) and standard deviation (n,) of the noise-free score at weights (n, m).

        The standard deviation is that of the parameters, linearised at the fit. It does not count that the law itself
        may be wrong.
        """
        growth = self.sign * _exponential(weights, self.level, self.slopes)
        slope = _derivatives(weights, growth)
        variance = np.einsum("np,pq,nq->n", slope, self.covariance, slope)
        return self.constant + self.unit * growth, self.unit * np.sqrt(variance)


def _fitted(weights: FloatArray, z: FloatArray, sign: float, start: float) -> OptimizeResult:
    """Minimise the squared residuals and priors over (c, a, d), all in units of their standard deviations."""
    noise, m = NOISE_VARIANCE**0.5, weights.shape[1]
    priors = np.diag([0.0, 1 / LEVEL_SD, *[1 / SLOPE_SD] * m])

    def residuals(x: FloatArray) -> FloatArray:
        errors = x[0] + sign * _exponential(weights, x[1], x[2:]) - z
        return np.concatenate([errors / noise, priors @ x])

    def jacobian(x: FloatArray) -> FloatArray:
        growth = sign * _exponential(weights, x[1], x[2:])
        return np.vstack([_derivatives(weights, growth) / noise, priors])

    first = np.concatenate([[-sign * np.exp(start), start], np.zeros(m)])
    return least_squares(residuals, first, jac=jacobian, method="trf", max_nfev=200)


def _exponential(weights: FloatArray, level: float, slopes: FloatArray) -> FloatArray:
    return np.exp(np.minimum(level + weights @ slopes, LARGEST_EXPONENT))


def _derivatives(weights: FloatArray, growth: FloatArray) -> FloatArray:
    """The derivatives (n, m + 2) of the law in (c, a, d), where its exponential is `growth` (n,)."""
    return np.column_stack([np.ones(len(weights)), growth, growth[:, None] * weights])

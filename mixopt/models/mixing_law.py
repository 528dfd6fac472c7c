"""The exponential mixing law y = c + k exp(t.w) (Ye et al. 2024, Data Mixing Laws, arXiv 2403.16952).

As the weights sum to 1, |k| is part of t: y = c + s exp(a + d.w) with s = 1 or -1 and d about 0. Both signs are tried,
each from several starts, by least squares. Departure: normal priors on a and d in units of the values' sd, so that it
works with fewer runs than its m + 2 parameters; a score that is nearly linear in w is fitted by a large a and small d.
"""

from typing import Self

import numpy as np
from scipy.optimize import OptimizeResult, least_squares

from mixopt.models.surrogate import centred_and_scaled, check_runs
from mixopt.typing import FloatArray

NOISE_VARIANCE = 0.3  # that the priors are weighed against, for values of variance 1
LEVEL_SD = 0.5  # of a
SLOPE_SD = 1.0  # of each of d
STARTS = (-1.0, 0.0, 1.0)  # of a
MOST = 30.0  # exponents beyond this are cut off, where a step of the search goes astray


class MixingLawSurrogate:
    """One exponential of a linear form; deterministic.

    Attributes after `fit`: `constant` c, `sign` s, `exponents` t (m,) with y = c + s exp(t.w); `noise_sd`.
    """

    def fit(self, weights: FloatArray, values: FloatArray) -> Self:
        """Learn from weights (n, m) and values (n,). Raises StrategyError for fewer than 4 runs, or a NaN."""
        check_runs(weights, values, 4, "a mixing law")
        z, mean, scale = centred_and_scaled(values)
        self._scale = scale
        fits = [(sign, _fitted(weights, z, sign, start)) for sign in (1.0, -1.0) for start in STARTS]
        self.sign, best = min(fits, key=lambda fit: fit[1].cost)
        self._level, self._slopes = float(best.x[1]), best.x[2:]
        self.constant = mean + scale * float(best.x[0])
        self.exponents = self._level + self._slopes + (np.log(scale) if scale > 0 else -np.inf)
        residuals, jacobian = best.fun[: len(z)], best.jac[: len(z)]
        spread = np.linalg.inv(best.jac.T @ best.jac)
        freedom = len(z) - float(np.trace(jacobian @ spread @ jacobian.T))
        variance = float((residuals**2).sum()) / max(freedom, 1.0)
        self._covariance = variance * spread
        self.noise_sd = scale * float(np.sqrt(variance * NOISE_VARIANCE))
        return self

    def predict(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean (n,) and sd (n,) of the noise-free score at weights (n, m).

        The sd is that of the parameters, by the law's slope in them at the fit and the variance of the residuals; that
        the law itself may be wrong is not in it.
        """
        growth = self.sign * _exponential(weights, self._level, self._slopes)
        mean = self.constant + self._scale * growth
        slope = _slope(weights, growth)
        return mean, self._scale * np.sqrt(np.einsum("np,pq,nq->n", slope, self._covariance, slope))


def _fitted(weights: FloatArray, z: FloatArray, sign: float, start: float) -> OptimizeResult:
    """The least squares of residuals and priors over (c, a, d), all in units of their sd."""
    noise, m = NOISE_VARIANCE**0.5, weights.shape[1]
    priors = np.diag([0.0, 1 / LEVEL_SD, *[1 / SLOPE_SD] * m])

    def residuals(x: FloatArray) -> FloatArray:
        misses = x[0] + sign * _exponential(weights, x[1], x[2:]) - z
        return np.concatenate([misses / noise, priors @ x])

    def jacobian(x: FloatArray) -> FloatArray:
        growth = sign * _exponential(weights, x[1], x[2:])
        return np.vstack([_slope(weights, growth) / noise, priors])

    first = np.concatenate([[-sign * np.exp(start), start], np.zeros(m)])
    return least_squares(residuals, first, jac=jacobian, method="trf", max_nfev=200)


def _exponential(weights: FloatArray, level: float, slopes: FloatArray) -> FloatArray:
    return np.exp(np.minimum(level + weights @ slopes, MOST))


def _slope(weights: FloatArray, growth: FloatArray) -> FloatArray:
    """The derivatives (n, 2 + m) of the law in (c, a, d), its exponential being `growth` (n,)."""
    return np.column_stack([np.ones(len(weights)), growth, growth[:, None] * weights])

"""Coordinates of the Gaussian process: powers of the weights, so that returns diminish, and relevances of the domains.

Scores of real mixtures respond to a share steeply near nothing and hardly where the share is large. So the process sees
a power p <= 1 of each weight,

    z_i = s (w_i^p - (1/m)^p),    s such that |z|^2 is 1 on average over Dirichlet(1) mixtures

which is finite at exact zeros: corners and faces are ordinary points. With p = 1 it is the weight itself. Its kernel
sees r_i z_i, where the relevance r_i is how much domain i counts.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import digamma, gammaln

from mixopt.typing import FloatArray


def standardised(weights: FloatArray, power: float = 1.0) -> FloatArray:
    """The coordinates z (n, m) of weights (n, m)."""
    m = weights.shape[1]
    return (weights**power - m**-power) / np.sqrt(_spread(power, m))


def standardised_with_slope(weights: FloatArray, power: float) -> tuple[FloatArray, FloatArray]:
    """The coordinates z (n, m) of weights (n, m), and their derivatives (n, m) in the power."""
    m = weights.shape[1]
    logs = np.log(np.where(weights > 0, weights, 1.0))
    powers, centre, spread = weights**power, m**-power, _spread(power, m)
    slope = _moment_slope
    spread_slope = 2 * slope(2 * power, m) - 2 * centre * (slope(power, m) - np.log(m) * _moment(power, m))
    spread_slope = m * (spread_slope - 2 * np.log(m) * centre**2)
    z = (powers - centre) / np.sqrt(spread)
    return z, (powers * logs + np.log(m) * centre) / np.sqrt(spread) - z * spread_slope / (2 * spread)


def _spread(power: float, m: int) -> float:
    """The mean of sum_i (w_i^p - m^-p)^2 over Dirichlet(1) mixtures of m domains."""
    centre = m**-power
    return m * float(_moment(2 * power, m) - 2 * centre * _moment(power, m) + centre**2)


def _moment(q: float, m: int) -> float:
    """The mean of w_i^q over Dirichlet(1) mixtures, where w_i has the distribution Beta(1, m - 1)."""
    return float(np.exp(gammaln(1 + q) + gammaln(m) - gammaln(m + q)))


def _moment_slope(q: float, m: int) -> float:
    """The derivative of `_moment` in q."""
    return _moment(q, m) * float(digamma(1 + q) - digamma(m + q))


@dataclass(frozen=True, eq=False)
class Points:
    """Mixtures as the process sees them.

    Attributes:
        seen: r z (n, m), what the kernel sees.
        bend: |z|^2 (n,), with which the mean falls.
        weights: (n, m), on which the noise may depend.
    """

    seen: FloatArray
    bend: FloatArray
    weights: FloatArray

    def __len__(self) -> int:
        return len(self.seen)

    def joined(self, other: "Points") -> "Points":
        """These and others."""
        return Points(
            np.vstack([self.seen, other.seen]),
            np.concatenate([self.bend, other.bend]),
            np.vstack([self.weights, other.weights]),
        )


@dataclass(frozen=True)
class Coordinates:
    """How weights are seen.

    Attributes:
        power: p, above 0 and at most 1.
        relevances: r (m), or () where all are 1.
        bend_power: p of the coordinates in which the mean falls; None for `power`.
    """

    power: float = 1.0
    relevances: tuple[float, ...] = ()
    bend_power: float | None = None

    def of(self, weights: FloatArray) -> Points:
        """The points of weights (n, m)."""
        z = standardised(weights, self.power)
        bent = z if self.bend_power is None else standardised(weights, self.bend_power)
        return Points(z * np.array(self.relevances) if self.relevances else z, (bent**2).sum(axis=1), weights)

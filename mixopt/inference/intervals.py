"""Intervals of recommendations: their width, and how many replicates would tell two mixtures apart."""

import math

import numpy as np
from scipy.special import ndtri

INTERVAL = 0.90  # probability of all intervals
MOST_REPLICATES = 8  # more runs of each of two mixtures are not worth it


def widening(n: int) -> float:
    """The factor on posterior standard deviations after runs of n mixtures.

    The prior fits no objective exactly, and a recommended mixture is one where the model errs upwards, so intervals are
    widened, most where runs are few. The factor was chosen on problems that are kept for tuning; `mixopt benchmark`
    measures how often the intervals hold.

    Args:
        n: number of different mixtures. Replicates do not count: they say nothing of how well the prior fits.

    Returns:
        The factor, at least 1.3.
    """
    return float(np.hypot(1.3, 20 / n))


def interval(mean: float, sd: float) -> tuple[float, float]:
    """The central 90 % interval of a normal distribution; both ends are the mean where sd is 0."""
    low, high = mean + sd * ndtri([(1 - INTERVAL) / 2, (1 + INTERVAL) / 2])
    return float(low), float(high)


def replicates_to_distinguish(gain: float, sd: float, noise_sd: float) -> float:
    """How many more runs of each of two mixtures would show that one is better, if the predicted gain is right.

    k more runs of each measure the gain with variance 2 noise_sd^2 / k. Together with what is known already, the
    standard deviation of the gain becomes 1 / sqrt(1 / sd^2 + k / (2 noise_sd^2)). It must be so small that the 90 %
    interval of the gain ends at 0.

    Args:
        gain: predicted difference of the two scores.
        sd: standard deviation of the gain.
        noise_sd: standard deviation of one run's noise.

    Returns:
        A whole number from 1 on; infinity where the gain is not positive.
    """
    if gain <= 0:
        return math.inf
    wanted = (ndtri((1 + INTERVAL) / 2) / gain) ** 2 - 1 / sd**2
    return max(1, math.ceil(2 * noise_sd**2 * wanted))

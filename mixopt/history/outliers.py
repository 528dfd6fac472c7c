"""Outliers: scores that are far from all others, as of a run that diverged or a typing error.

One very bad score would bend all predictions of a model that is fitted to it. So models take an outlier for a little
worse than the worst of the other scores (clipping, also called winsorizing). It stays the worst, and the other scores
stay as they are.

A score is an outlier if it lies beyond the others by more than FAR times their range, and if its magnitude is more than
LARGER times that of any of them. So no score in [0, 1] is one, nor an accuracy of 0, nor the loss of a poor mixture. At
most a sixth of the runs are outliers, at least one can be, and only where LEAST other runs exist.
"""

import numpy as np

from mixopt.typing import BoolArray, FloatArray

FAR, LARGER, LEAST = 10.0, 3.0, 4
PART = 6  # one run in so many may be an outlier
MISTYPED = 50.0  # LARGER for better scores: a percentage in place of a share is 100 times as large
BEYOND = 0.25  # an outlier is taken to be worse than the worst other score by so many times their range


def far_below(values: FloatArray, larger: float = LARGER) -> BoolArray:
    """Find the values that are far worse than the others.

    Args:
        values: (n,), larger is better.
        larger: how many times as large as every other value an outlier is in magnitude.

    Returns:
        (n,) true for outliers.
    """
    order = np.argsort(values, kind="stable")
    found = np.zeros(len(values), dtype=bool)
    for count in range(max(1, len(values) // PART), 0, -1):
        low, others = values[order[:count]], values[order[count:]]
        if len(others) < LEAST:
            continue
        span, largest = np.ptp(others), np.abs(others).max()
        if span > 0 and low[-1] < others[0] - FAR * span and np.abs(low).min() > larger * largest:
            found[order[:count]] = True
            return found
    return found


def far_above(values: FloatArray) -> BoolArray:
    """Find the values (n,) that are so far better than the others that they may be mistyped; (n,) true for these."""
    return far_below(-values, MISTYPED)


def outliers_clipped(values: FloatArray) -> FloatArray:
    """Return the values (n,) with those that are far worse set to a little worse than the worst other value."""
    low = far_below(values)
    if not low.any():
        return values
    others = values[~low]
    return np.where(low, others.min() - BEYOND * np.ptp(others), values)

"""Scores that are far from all others: a run that diverged, a loss that blew up, a typing error.

How much worse a diverged run is says nothing of the others, but a model that is fitted on it bends all its predictions
towards it. So a model takes its score for a little worse than the worst of the others; it stays the worst, and runs
that are not far off stay as they are.

A score is far off if it lies more than FAR times the range of the others beyond them, and is more than LARGER times as
large as any of them: then no bounded score, no accuracy of 0 and no loss of a poor mixture is. At most a sixth of the
runs can be far off, at least one, and only where there are LEAST others.
"""

import numpy as np

from mixopt.typing import BoolArray, FloatArray

FAR, LARGER, LEAST = 10.0, 3.0, 4
PART = 6  # one run in so many may be far off
MISTYPED = 50.0  # as LARGER, of better scores: percent for a share are 100 times as large, and a find is not
BEYOND = 1.0  # times the range of the others that a diverged run is taken to be worse than the worst of them


def far_below(values: FloatArray, larger: float = LARGER) -> BoolArray:
    """Which of the values (n,), larger being better, are far worse than the others, (n,)."""
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
    """Which of the values (n,) are so far better than the others, (n,), that they may be mistyped."""
    return far_below(-values, MISTYPED)


def pulled_in(values: FloatArray) -> FloatArray:
    """The values (n,) with those that are far worse than the others a little worse than the worst of these."""
    low = far_below(values)
    if not low.any():
        return values
    others = values[~low]
    return np.where(low, others.min() - BEYOND * np.ptp(others), values)

"""Pareto dominance: which rows of scores are not dominated by others, and by how many they are.

A mixture dominates another where it is at least as good in every objective and better in one.
"""

import numpy as np

from mixopt.typing import BoolArray, FloatArray, IntArray

BLOCK = 500  # rows that are compared with all others at once


def undominated(values: FloatArray, by: FloatArray | None = None) -> BoolArray:
    """Find the rows that no row dominates.

    Args:
        values: scores (n, k), larger is better.
        by: scores (t, k) that may dominate; without it the values themselves.

    Returns:
        Whether each row of values is undominated, (n,).
    """
    return dominators(values, values if by is None else by) == 0


def dominators(values: FloatArray, by: FloatArray) -> IntArray:
    """Count how many rows of `by` (t, k) dominate each row of values (n, k), (n,)."""
    counts = np.zeros(len(values), dtype=int)
    for start in range(0, len(values), BLOCK):
        block = values[start : start + BLOCK, None]
        no_worse, better = np.all(by[None] >= block, axis=2), np.any(by[None] > block, axis=2)
        counts[start : start + BLOCK] = np.logical_and(no_worse, better).sum(axis=1)
    return counts

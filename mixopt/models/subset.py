"""The runs that an exact Gaussian process is fitted on: all, or a fixed random subset where they are many."""

import numpy as np

from mixopt.typing import IntArray

MOST_EXACT = 500  # runs; the cost of the exact Gaussian process grows with their cube


def subset_rows(n: int) -> IntArray:
    """The rows, rising, of at most MOST_EXACT of n runs; one more run changes at most one of them."""
    return np.sort(np.random.default_rng(0).random(n).argsort(kind="stable")[:MOST_EXACT])

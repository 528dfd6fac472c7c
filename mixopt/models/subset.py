"""The runs that a model is fitted on where all would take too long: a fixed random subset."""

import numpy as np

from mixopt.typing import IntArray

MOST_EXACT = 500  # runs; the cost of the exact Gaussian process grows with their cube
MOST_SEARCHED = 120  # runs that choose the hyperparameters: few decide them, and hundreds of settings are tried


def subset_rows(n: int) -> IntArray:
    """The rows, rising, of at most MOST_EXACT of n runs; one more run changes at most one of them."""
    return _rows(n, MOST_EXACT)


def searched_rows(n: int) -> IntArray:
    """The rows, rising, of at most MOST_SEARCHED of n runs; one more run changes at most one of them."""
    return _rows(n, MOST_SEARCHED)


def _rows(n: int, most: int) -> IntArray:
    return np.sort(np.random.default_rng(0).random(n).argsort(kind="stable")[:most])

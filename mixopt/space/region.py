"""The region interface: the geometry that a space of mixtures needs, and comparison of rows up to rounding."""

from abc import ABC, abstractmethod

import numpy as np

from mixopt.typing import BoolArray, FloatArray, IntArray

TIGHT = 1e-12  # slack or remainder below this is rounding
MOST_VERTICES = 100_000


class Region(ABC):
    """A closed, nonempty set of mixtures w (m,), sum w = 1."""

    @abstractmethod
    def project(self, points: FloatArray) -> FloatArray:
        """The nearest mixture (Euclidean) to each of points (n, m), (n, m); it sums to 1 within 1e-12."""

    @abstractmethod
    def contains(self, weights: FloatArray, atol: float) -> BoolArray:
        """Whether each of weights (n, m) is in the region within atol, (n,)."""

    @abstractmethod
    def sample(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Draw n mixtures uniformly, (n, m)."""

    @abstractmethod
    def vertices(self) -> FloatArray:
        """All vertices, (v, m).

        Raises:
            SpaceError: there are more than MOST_VERTICES.
        """

    @abstractmethod
    def corners(self) -> FloatArray:
        """For each domain a vertex that has most of it and one that has least, (c, m), distinct."""

    @abstractmethod
    def reach(self, weights: FloatArray, directions: FloatArray) -> FloatArray:
        """The largest t >= 0 with weights + t directions in the region.

        Args:
            weights: mixtures (n, m) of the region.
            directions: (n, m), each summing to 0.

        Returns:
            t (n,); infinity where the direction is 0.
        """


def same_rows(points: FloatArray, digits: int = 9) -> IntArray:
    """Number the rows of points (n, m) from 0, (n,); rows that agree to `digits` have the same number."""
    _, numbers = np.unique(points.round(digits) + 0.0, axis=0, return_inverse=True)
    return numbers.reshape(-1)


def first_rows(points: FloatArray, digits: int = 9) -> IntArray:
    """The indices, rising, of the rows of points (n, m) that differ from all rows before them by more than rounding."""
    return np.sort(np.unique(same_rows(points, digits), return_index=True)[1])


def distinct_rows(points: FloatArray) -> FloatArray:
    """The rows of points (n, m) that differ from all rows before them by more than rounding, (k, m)."""
    return points[first_rows(points)]


def ratio_reach(slack: FloatArray, rates: FloatArray) -> FloatArray:
    """The largest t >= 0 with rates * t <= slack, (n, c) -> (n,); rates within rounding of 0 do not count."""
    least = TIGHT * np.abs(rates).max(axis=1, keepdims=True, initial=0)
    using = rates > least
    return np.divide(slack.clip(0), rates, out=np.full(rates.shape, np.inf), where=using).min(axis=1, initial=np.inf)

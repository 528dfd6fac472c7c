"""Finite space: a list of mixtures, such as those that were measured or those that are available."""

import numpy as np
import scipy

from mixopt.space.region import Region, distinct_rows
from mixopt.typing import BoolArray, FloatArray


class FiniteRegion(Region):
    """The mixtures (k, m) and nothing between them."""

    def __init__(self, mixtures: FloatArray) -> None:
        """Take the mixtures (k, m)."""
        self.mixtures = mixtures

    def project(self, points: FloatArray) -> FloatArray:
        """The nearest mixture of the list to each of points (n, m), (n, m)."""
        return self.mixtures[scipy.spatial.distance.cdist(points, self.mixtures, "sqeuclidean").argmin(axis=1)]

    def contains(self, weights: FloatArray, atol: float) -> BoolArray:
        """Whether each of weights (n, m) is in the list within atol, (n,)."""
        return scipy.spatial.distance.cdist(weights, self.mixtures, "chebyshev").min(axis=1) <= atol

    def sample(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Draw n mixtures of the list uniformly, (n, m)."""
        return self.mixtures[rng.integers(len(self.mixtures), size=n)]

    def vertices(self) -> FloatArray:
        """All mixtures of the list, (k, m)."""
        return self.mixtures.copy()

    def corners(self) -> FloatArray:
        """For each domain a mixture that has most of it and one that has least, (c, m)."""
        ends = np.column_stack([self.mixtures.argmax(axis=0), self.mixtures.argmin(axis=0)])
        return distinct_rows(self.mixtures[ends.ravel()])

    def reach(self, weights: FloatArray, directions: FloatArray) -> FloatArray:
        """The step (n,) to the farthest mixture of the list in each direction (within 1e-9); 0 where there is none."""
        lengths = np.einsum("nm,nm->n", directions, directions)
        away = self.mixtures[None] - weights[:, None]  # (n, k, m)
        t = np.einsum("nkm,nm->nk", away, directions) / np.where(lengths > 0, lengths, 1)[:, None]
        on_line = np.abs(away - t[:, :, None] * directions[:, None]).max(axis=2) <= 1e-9
        return np.where(lengths > 0, np.where(on_line, t, 0).max(axis=1).clip(0), np.inf)

"""A finite list of mixtures as a region: what was measured, or what can be had."""

import numpy as np
import scipy

from mixopt.space.region import Region, distinct_rows
from mixopt.typing import BoolArray, FloatArray


class Finite(Region):
    """The mixtures (k, m) and nothing between them."""

    def __init__(self, mixtures: FloatArray) -> None:
        self.mixtures = mixtures

    def project(self, points: FloatArray) -> FloatArray:
        return self.mixtures[scipy.spatial.distance.cdist(points, self.mixtures, "sqeuclidean").argmin(axis=1)]

    def contains(self, weights: FloatArray, atol: float) -> BoolArray:
        return scipy.spatial.distance.cdist(weights, self.mixtures, "chebyshev").min(axis=1) <= atol

    def sample(self, n: int, rng: np.random.Generator) -> FloatArray:
        return self.mixtures[rng.integers(len(self.mixtures), size=n)]

    def vertices(self) -> FloatArray:
        return self.mixtures.copy()

    def corners(self) -> FloatArray:
        ends = np.column_stack([self.mixtures.argmax(axis=0), self.mixtures.argmin(axis=0)])
        return distinct_rows(self.mixtures[ends.ravel()])

    def reach(self, weights: FloatArray, directions: FloatArray) -> FloatArray:
        """The farthest mixture of the list that lies in that direction (within 1e-9); 0 where there is none."""
        lengths = np.einsum("nm,nm->n", directions, directions)
        away = self.mixtures[None] - weights[:, None]  # (n, k, m)
        t = np.einsum("nkm,nm->nk", away, directions) / np.where(lengths > 0, lengths, 1)[:, None]
        on_line = np.abs(away - t[:, :, None] * directions[:, None]).max(axis=2) <= 1e-9
        return np.where(lengths > 0, np.where(on_line, t, 0).max(axis=1).clip(0), np.inf)

"""Bounded simplex {w : lower <= w <= upper, sum w = 1}: projection, uniform draws and vertices in closed form.

References:
    Michelot (1986), A finite algorithm for finding the projection of a point onto the canonical simplex of R^n,
    doi:10.1007/BF00938486.
"""

import numpy as np

from mixopt.errors import SpaceError
from mixopt.space.region import MOST_VERTICES, TIGHT, Region, distinct_rows, ratio_reach
from mixopt.typing import BoolArray, FloatArray


class BoundedSimplex(Region):
    """Bounds (m,) with sum(lower) <= 1 <= sum(upper); or (n, m), for `project` and `gibbs_sample` of n rows."""

    def __init__(self, lower: FloatArray, upper: FloatArray) -> None:
        """Take lower and upper bounds (m,), or bounds of its own for each row, (n, m)."""
        self.lower, self.upper, self.m = lower, upper, lower.shape[-1]

    def project(self, points: FloatArray) -> FloatArray:
        """Project points (n, m); weights at a bound are there exactly."""
        lower, upper = self.lower, self.upper
        weights = np.clip(points - self.shift(points)[:, None], lower, upper)

        # The remainder from rounding goes to the weights inside their bounds: those at a bound stay exactly there.
        inside = (weights > lower) & (weights < upper)
        missing = (1 - weights.sum(axis=1)) / np.maximum(inside.sum(axis=1), 1)
        return np.clip(weights + inside * missing[:, None], lower, upper) + 0.0  # no -0.0

    def shift(self, points: FloatArray) -> FloatArray:
        """The t (n,) by which the weights of points (n, m) are lowered before they are clipped.

        The projection is clip(w - t, lower, upper) for the one t that makes it sum to 1 (Michelot 1986). The sum
        decreases piecewise linearly in t: a weight starts to decrease at the knot w - upper and stops at w - lower.
        """
        lower, upper = self.lower, self.upper
        knots = np.hstack([points - upper, points - lower])  # (n, 2m)
        order = np.argsort(knots, axis=1, kind="stable")
        knots = np.take_along_axis(knots, order, axis=1)
        falling = np.where(order < self.m, 1, -1).cumsum(axis=1)  # how many weights decrease after each knot
        falls = falling[:, :-1] * np.diff(knots, axis=1)
        sums = upper.sum(axis=-1, keepdims=True) - np.hstack([np.zeros((len(points), 1)), falls.cumsum(axis=1)])
        rows = np.arange(len(points))
        left = np.clip((sums >= 1).sum(axis=1) - 1, 0, None)
        return np.asarray(knots[rows, left] + (sums[rows, left] - 1) / np.maximum(falling[rows, left], 1))

    def contains(self, weights: FloatArray, atol: float) -> BoolArray:
        """Whether each of weights (n, m) is in the region within atol, (n,)."""
        within = ((weights >= self.lower - atol) & (weights <= self.upper + atol)).all(axis=1)
        return within & (np.abs(weights.sum(axis=1) - 1) <= atol)

    def sample(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Draw n mixtures uniformly, (n, m).

        Without the upper bounds the region is a scaled simplex, on which a scaled Dirichlet(1) is uniform. Draws above
        an upper bound are rejected; where too few survive, `gibbs_sample` draws.
        """
        draws = self.lower + (1 - self.lower.sum()) * rng.dirichlet(np.ones(self.m), size=4 * n + 1000)
        kept = draws[(draws <= self.upper).all(axis=1)]
        return kept[:n] if len(kept) >= n else self.gibbs_sample(n, rng)

    def gibbs_sample(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Draw n mixtures (n, m) by independent Gibbs chains, in which pairs of domains redistribute their weight.

        Given all others, w_i is uniform on [max(l_i, s - u_j), min(u_i, s - l_j)] with s = w_i + w_j, so the uniform
        distribution is invariant for any bounds. A sweep pairs all domains at random.
        """
        m = self.m
        weights = self.project(np.full((n, m), 1 / m))
        lower, upper = np.broadcast_to(self.lower, (n, m)), np.broadcast_to(self.upper, (n, m))
        rows = np.arange(n)[:, None]
        for _ in range(20 + 10 * m):
            order = rng.permuted(np.tile(np.arange(m), (n, 1)), axis=1)
            i, j = order[:, : m // 2], order[:, m // 2 : 2 * (m // 2)]
            common = weights[rows, i] + weights[rows, j]
            least = np.maximum(lower[rows, i], common - upper[rows, j])
            most = np.minimum(upper[rows, i], common - lower[rows, j])
            weights[rows, i] = least + rng.random(common.shape) * (most - least)
            weights[rows, j] = common - weights[rows, i]
        return np.clip(weights, lower, upper)

    def vertices(self) -> FloatArray:
        """All vertices, (v, m): at a vertex all weights but one are at a bound.

        It goes through the sets of domains at their upper bound and gives the remaining weight to one more domain.
        Without upper bounds there are m vertices; with tight ones their number is exponential in m.

        Raises:
            SpaceError: there are more than MOST_VERTICES.
        """
        room, found = self.upper - self.lower, list[FloatArray]()

        def fill(full: list[int], start: int, left: float) -> None:
            weights = self.lower.copy()
            weights[full] = self.upper[full]
            if left <= TIGHT:
                found.append(weights)
                return
            for last in set(range(self.m)) - set(full):
                if room[last] >= left - TIGHT:
                    vertex = weights.copy()
                    vertex[last] = min(self.lower[last] + left, self.upper[last])
                    found.append(vertex)
            if len(found) > MOST_VERTICES:
                raise SpaceError(f"the space has more than {MOST_VERTICES:,} vertices: use corners() instead")
            for extra in range(start, self.m):
                if TIGHT < room[extra] < left - TIGHT:
                    fill([*full, extra], extra + 1, left - room[extra])

        fill([], 0, float(1 - self.lower.sum()))
        return distinct_rows(np.array(found))  # a vertex may have several last domains

    def corners(self) -> FloatArray:
        """For each domain a vertex that has most of it and one that has least, (c, m).

        The weight that a domain leaves goes to the domains after it, cyclically, each filled up in turn.
        """
        found = []
        for i in range(self.m):
            after = [(i + step) % self.m for step in range(1, self.m)]
            found += [self._filled([i, *after]), self._filled([*after, i])]
        return distinct_rows(np.array(found))

    def _filled(self, order: list[int]) -> FloatArray:
        """The vertex (m,) at which domains get as much weight as there is, in the given order."""
        weights, left = self.lower.copy(), float(1 - self.lower.sum())
        for i in order:
            taken = min(self.upper[i] - self.lower[i], left)
            weights[i] = self.upper[i] if taken == self.upper[i] - self.lower[i] else self.lower[i] + taken
            left -= taken
        return weights

    def reach(self, weights: FloatArray, directions: FloatArray) -> FloatArray:
        """The largest step (n,) from weights (n, m) along directions (n, m)."""
        slack = np.hstack([self.upper - weights, weights - self.lower])
        return ratio_reach(slack, np.hstack([directions, -directions]))

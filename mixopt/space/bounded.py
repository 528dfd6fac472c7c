"""The bounded simplex {w : lower <= w <= upper, sum w = 1}: projection, uniform draws, vertices, in closed form."""

import numpy as np

from mixopt.errors import SpaceError
from mixopt.space.region import MOST_VERTICES, TIGHT, Region, distinct_rows, ratio_reach
from mixopt.typing import BoolArray, FloatArray


class Bounded(Region):
    """Bounds (m,) with sum(lower) <= 1 <= sum(upper)."""

    def __init__(self, lower: FloatArray, upper: FloatArray) -> None:
        self.lower, self.upper, self.m = lower, upper, len(lower)

    def project(self, points: FloatArray) -> FloatArray:
        """Weights at a bound are there exactly.

        The projection is clip(w - t, lower, upper) for the one t that makes it sum to 1 (KKT; Michelot 1986). The
        sum falls piecewise linearly in t: a weight starts to fall at the knot w - upper and stops at w - lower.
        """
        lower, upper = self.lower, self.upper
        knots = np.hstack([points - upper, points - lower])  # (n, 2m)
        order = np.argsort(knots, axis=1, kind="stable")
        knots = np.take_along_axis(knots, order, axis=1)
        falling = np.where(order < self.m, 1, -1).cumsum(axis=1)  # how many weights fall after each knot
        falls = falling[:, :-1] * np.diff(knots, axis=1)
        sums = upper.sum() - np.hstack([np.zeros((len(points), 1)), falls.cumsum(axis=1)])
        rows = np.arange(len(points))
        left = np.clip((sums >= 1).sum(axis=1) - 1, 0, None)
        shift = knots[rows, left] + (sums[rows, left] - 1) / np.maximum(falling[rows, left], 1)
        weights = np.clip(points - shift[:, None], lower, upper)

        # What rounding left over goes to the weights inside their bounds: those at a bound stay exactly there.
        inside = (weights > lower) & (weights < upper)
        missing = (1 - weights.sum(axis=1)) / np.maximum(inside.sum(axis=1), 1)
        return np.clip(weights + inside * missing[:, None], lower, upper) + 0.0  # no -0.0

    def contains(self, weights: FloatArray, atol: float) -> BoolArray:
        within = ((weights >= self.lower - atol) & (weights <= self.upper + atol)).all(axis=1)
        return within & (np.abs(weights.sum(axis=1) - 1) <= atol)

    def sample(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Without the upper bounds the region is a scaled simplex, so a scaled Dirichlet(1) is uniform on it.

        Draws above an upper bound are rejected. Where too few survive, `exchange` takes over.
        """
        draws = self.lower + (1 - self.lower.sum()) * rng.dirichlet(np.ones(self.m), size=4 * n + 1000)
        kept = draws[(draws <= self.upper).all(axis=1)]
        return kept[:n] if len(kept) >= n else self.exchange(n, rng)

    def exchange(self, n: int, rng: np.random.Generator) -> FloatArray:
        """n independent Gibbs chains: pairs of domains redraw how they share their common weight, (n, m).

        Given all others, w_i is uniform on [max(l_i, s - u_j), min(u_i, s - l_j)] with s = w_i + w_j, so the
        uniform distribution is invariant, whatever the widths of the bounds. A sweep pairs all domains at random.
        """
        m = self.m
        weights = np.repeat(self.project(np.full((1, m), 1 / m)), n, axis=0)
        rows = np.arange(n)[:, None]
        for _ in range(20 + 10 * m):
            order = rng.permuted(np.tile(np.arange(m), (n, 1)), axis=1)
            i, j = order[:, : m // 2], order[:, m // 2 : 2 * (m // 2)]
            common = weights[rows, i] + weights[rows, j]
            least = np.maximum(self.lower[i], common - self.upper[j])
            most = np.minimum(self.upper[i], common - self.lower[j])
            weights[rows, i] = least + rng.random(common.shape) * (most - least)
            weights[rows, j] = common - weights[rows, i]
        return np.clip(weights, self.lower, self.upper)

    def vertices(self) -> FloatArray:
        """At a vertex all weights but one are at a bound.

        Walks the sets of domains that are full (at their upper bound) and gives what remains to one more domain.
        There are m vertices without upper bounds, and exponentially many in m where upper bounds are tight.
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
        """What a domain leaves goes to those after it, in circle, each filled up in turn."""
        found = []
        for i in range(self.m):
            after = [(i + step) % self.m for step in range(1, self.m)]
            found += [self._filled([i, *after]), self._filled([*after, i])]
        return distinct_rows(np.array(found))

    def _filled(self, order: list[int]) -> FloatArray:
        """The vertex (m,) where domains get as much as there is, one after another."""
        weights, left = self.lower.copy(), float(1 - self.lower.sum())
        for i in order:
            taken = min(self.upper[i] - self.lower[i], left)
            weights[i] = self.upper[i] if taken == self.upper[i] - self.lower[i] else self.lower[i] + taken
            left -= taken
        return weights

    def reach(self, weights: FloatArray, directions: FloatArray) -> FloatArray:
        slack = np.hstack([self.upper - weights, weights - self.lower])
        return ratio_reach(slack, np.hstack([directions, -directions]))

"""Sparse simplex: the bounded simplex with at most k domains in use, and a least share for each that is used.

Such a mixture has a support, the domains of weight above 0. The mixtures of one support are a bounded simplex again,
with the least share as a lower bound. So the region is a union of faces, and not convex.
"""

from collections.abc import Iterator
from functools import cached_property
from itertools import combinations
from math import comb

import numpy as np

from mixopt.errors import SpaceError
from mixopt.space.bounded import BoundedSimplex
from mixopt.space.region import MOST_VERTICES, TIGHT, Region, distinct_rows, ratio_reach
from mixopt.typing import BoolArray, FloatArray, IntArray

IN_USE = 1e-9  # a weight up to this is 0
SUPPORTS = 5_000  # of which vertices are listed, at most
ENUMERATED = 200  # supports that are all tried for a projection, at most


class SparseSimplex(Region):
    """A bounded simplex of which only mixtures of few domains, each with enough weight, are left.

    Attributes:
        bounded: the bounds alone.
        floor: (m,) least weight of each domain that is used.
        forced: (m,) whether a domain has a lower bound above 0, and so is always used.
        most: number of domains that a mixture has at most; fewer than `at_most` where the least shares leave no more.
        fewest: number that it needs, because of the upper bounds. Where `fewest` > `most` the region is empty.
    """

    def __init__(self, bounded: BoundedSimplex, at_most: int, least_share: float) -> None:
        """Take the bounds, the number of domains in use and the least share of each."""
        self.bounded, self.upper, self.m = bounded, bounded.upper, bounded.m
        self.floor = np.maximum(bounded.lower, least_share)
        self.forced = bounded.lower > 0
        forced, left = int(self.forced.sum()), float(1 - self.floor[self.forced].sum())
        usable = int((self.upper > 0).sum()) - forced
        room = min(usable, at_most - forced)
        self.most = forced + (min(room, int((left + TIGHT) / least_share)) if least_share else room)
        reached = np.cumsum([self.upper[self.forced].sum(), *np.sort(self.upper[~self.forced])[::-1]])
        self.fewest = max(1, forced + int((reached < 1 - TIGHT).sum()))
        free = ~self.forced & (self.upper > 0)
        self._alike = not forced and bool((self.upper[free] >= 1).all())  # then larger weights always come first

    def face(self, support: BoolArray) -> BoundedSimplex:
        """The mixtures that use the domains of a support (m,), or of each row of (n, m)."""
        return BoundedSimplex(np.where(support, self.floor, 0.0), np.where(support, self.upper, 0.0))

    def project(self, points: FloatArray) -> FloatArray:
        """Move points (n, m) to the nearest mixtures, by enumeration where bounds differ and there are few supports."""
        weights = self.near(points)
        if self._alike or self._count > ENUMERATED:
            return weights
        distance = ((weights - points) ** 2).sum(axis=1)
        for face in self._every_face():
            tried = face.project(points)
            away = ((tried - points) ** 2).sum(axis=1)
            nearer = away < distance - TIGHT
            weights[nearer], distance[nearer] = tried[nearer], away[nearer]
        return weights

    def near(self, points: FloatArray) -> FloatArray:
        """Move points (n, m) to near mixtures; to the nearest ones where the domains have the same bounds.

        For each number of domains the support has those that gain most, and the number is changed as long as that
        brings the mixture nearer. Where bounds differ, the gain is estimated, from the nearest mixture of all domains
        and then once more from the one that was found.
        """
        weights = self._nearest(points, self._gains(points, self.bounded.shift(points)))
        if self._alike:
            return weights
        return self._nearest(points, self._gains(points, self.face(weights > 0).shift(points)))

    def _gains(self, points: FloatArray, shift: FloatArray) -> FloatArray:
        """How much nearer to points (n, m) a mixture is with each domain, where weight has the price `shift` (n,)."""
        over = points - shift[:, None]
        best = np.clip(over, np.maximum(self.floor, 1e-6), np.maximum(self.upper, 1e-6))
        gains = over if self._alike else 2 * over * best - best**2
        return np.where(self.forced, np.inf, np.where(self.upper > 0, gains, -np.inf))

    def _nearest(self, points: FloatArray, gains: FloatArray) -> FloatArray:
        """The nearest mixtures (n, m) to points (n, m) whose supports have the largest gains (n, m)."""
        least = float(self.floor[~self.forced].min(initial=1.0))
        wanted = (gains > (least / 2 if self._alike else 0)).sum(axis=1)
        count = np.clip(wanted, self.fewest, self.most) if least else np.full(len(points), self.most)
        rank = _rank(gains)
        weights = self.of_support(points, self._first(rank, count))
        if not least:
            return weights
        distance = ((weights - points) ** 2).sum(axis=1)
        for step in (-1, 1):
            rows = np.arange(len(points))
            while len(rows := rows[(count[rows] + step >= self.fewest) & (count[rows] + step <= self.most)]):
                tried = self.of_support(points[rows], self._first(rank[rows], count[rows] + step))
                away = ((tried - points[rows]) ** 2).sum(axis=1)
                nearer = away < distance[rows] - TIGHT
                rows, tried, away = rows[nearer], tried[nearer], away[nearer]
                weights[rows], distance[rows], count[rows] = tried, away, count[rows] + step
        return weights

    def support(self, keys: FloatArray, count: IntArray) -> BoolArray:
        """The `count` (n,) domains of largest keys (n, m) that make a support, (n, m)."""
        keys = np.where(self.forced, np.inf, np.where(self.upper > 0, keys, -np.inf))
        return self._first(_rank(keys), count)

    def _first(self, rank: IntArray, count: IntArray) -> BoolArray:
        """The `count` (n,) domains of lowest rank (n, m) whose upper bounds sum to 1 or more, (n, m).

        Where those of the lowest rank do not, each domain is taken only if those that may follow can fill the rest.
        """
        support = rank < count[:, None]
        short = np.flatnonzero(support @ self.upper < 1 - TIGHT)
        if not len(short):
            return support
        rank, count, taken = rank[short], count[short], np.zeros((len(short), self.m), dtype=bool)
        for place in range(int(count.max())):
            left = np.where(taken, 0.0, self.upper)
            after = np.sort(left, axis=1)[:, ::-1].cumsum(axis=1)  # of the largest 1, 2, ... that are left
            later = count - place - 1  # how many follow this one
            follow = np.where(later > 0, after[np.arange(len(short)), np.maximum(later - 1, 0)], 0.0)
            least = 1 - TIGHT - taken @ self.upper - follow
            fits = ~taken & (self.forced | (left >= least[:, None] - TIGHT))
            first = np.where(fits, rank, self.m).argmin(axis=1)
            open_rows = later >= 0
            taken[np.flatnonzero(open_rows), first[open_rows]] = True
        support[short] = taken
        return support

    def of_support(self, points: FloatArray, support: BoolArray) -> FloatArray:
        """The nearest mixtures (n, m) of given supports (n, m) to points (n, m)."""
        columns, face = self._compact(support)
        return self._spread(columns, face.project(np.take_along_axis(points, columns, axis=1)))

    def _compact(self, support: BoolArray) -> tuple[IntArray, BoundedSimplex]:
        """The columns (n, most) of supports (n, m), and their faces over these columns alone."""
        columns = np.argsort(~support, axis=1, kind="stable")[:, : self.most]
        used = np.take_along_axis(support, columns, axis=1)
        return columns, BoundedSimplex(
            np.where(used, self.floor[columns], 0.0), np.where(used, self.upper[columns], 0.0)
        )

    def _spread(self, columns: IntArray, weights: FloatArray) -> FloatArray:
        """Weights (n, m), with those given (n, most) in their columns and 0 elsewhere."""
        spread = np.zeros((len(weights), self.m))
        np.put_along_axis(spread, columns, weights, axis=1)
        return spread

    def contains(self, weights: FloatArray, atol: float) -> BoolArray:
        """Whether each of weights (n, m) is in the region within atol, (n,)."""
        used = weights > max(atol, IN_USE)
        enough = (~used | (weights >= self.floor - atol)).all(axis=1)
        return self.bounded.contains(weights, atol) & enough & (used.sum(axis=1) <= self.most)

    def sample(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Draw n mixtures (n, m): a number of domains, which ones, and a mixture of them, each uniformly."""
        count = rng.integers(self.fewest, self.most + 1, size=n)
        columns, face = self._compact(self.support(rng.random((n, self.m)), count))
        shares = rng.exponential(size=face.lower.shape) * (face.upper > 0)
        drawn = face.lower + (1 - face.lower.sum(axis=1, keepdims=True)) * shares / shares.sum(axis=1, keepdims=True)
        above = (drawn > face.upper).any(axis=1)
        if above.any():
            drawn[above] = BoundedSimplex(face.lower[above], face.upper[above]).gibbs_sample(int(above.sum()), rng)
        return self._spread(columns, drawn)

    def vertices(self) -> FloatArray:
        """All vertices of all faces, (v, m).

        Raises:
            SpaceError: there are too many.
        """
        if self._count > SUPPORTS:
            raise SpaceError(f"the space has more than {SUPPORTS:,} sets of domains to use: use corners() instead")
        found = []
        for face in self._every_face():
            found.append(face.vertices())
            if sum(map(len, found)) > MOST_VERTICES:
                raise SpaceError(f"the space has more than {MOST_VERTICES:,} vertices: use corners() instead")
        return distinct_rows(np.vstack(found))

    @property
    def _sizes(self) -> range:
        """The numbers of domains beside the forced ones."""
        return range(self.fewest - int(self.forced.sum()), self.most - int(self.forced.sum()) + 1)

    @cached_property
    def _count(self) -> int:
        """The number of supports, at least."""
        return sum(comb(int((~self.forced & (self.upper > 0)).sum()), size) for size in self._sizes)

    def _every_face(self) -> Iterator[BoundedSimplex]:
        """The face of every support."""
        free = np.flatnonzero(~self.forced & (self.upper > 0))
        for chosen in (chosen for size in self._sizes for chosen in combinations(free, size)):
            support = self.forced.copy()
            support[list(chosen)] = True
            face = self.face(support)
            if face.upper.sum() >= 1 - TIGHT:
                yield face

    def corners(self) -> FloatArray:
        """The nearest mixtures to the corners of the bounded simplex, (c, m), distinct."""
        return distinct_rows(self.project(self.bounded.corners()))

    def reach(self, weights: FloatArray, directions: FloatArray) -> FloatArray:
        """The largest step (n,) from weights (n, m) along directions (n, m) with the domains that are in use."""
        face = self.face(weights > IN_USE)
        slack = np.hstack([face.upper - weights, weights - face.lower])
        return ratio_reach(slack, np.hstack([directions, -directions]))


def _rank(keys: FloatArray) -> IntArray:
    """The rank (n, m) of each column in its row of keys (n, m), 0 for the largest."""
    order = np.argsort(-keys, axis=1, kind="stable")
    rank = np.empty_like(order)
    np.put_along_axis(rank, order, np.broadcast_to(np.arange(keys.shape[1]), keys.shape), axis=1)
    return rank

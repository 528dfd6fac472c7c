"""Sparse polytope: the sparse simplex cut by inequalities a w <= b.

The mixtures of one support (the domains in use) are a polytope, so projection onto them is exact. Supports that are
possible come from vertices of the convex polytope, which have few weights above 0; an integer program decides where
these show none.
"""

from collections.abc import Iterator
from functools import cached_property

import numpy as np
import scipy

from mixopt.errors import SpaceError
from mixopt.space.polytope import ROUNDS, Polytope, conflicting
from mixopt.space.region import TIGHT, Region, distinct_rows, ratio_reach
from mixopt.space.sparse_simplex import SparseSimplex
from mixopt.typing import BoolArray, FloatArray

FACES = 2_000  # polytopes of supports that are kept
TRIES = 10  # vertices that are looked at before an integer program is solved
INSIDE = 5  # projections whose mean is a mixture inside
SECONDS = 20  # that it may take


class SparsePolytope(Region):
    """The mixtures of a sparse simplex with a w <= b.

    Attributes:
        some: the polytope of a support that is possible; None where there is none, and the region is empty.
    """

    def __init__(self, simplex: SparseSimplex, convex: Polytope) -> None:
        """Keep the mixtures that are in a sparse simplex and in a polytope of the same bounds."""
        self.simplex, self.convex, self.a, self.b, self.m = simplex, convex, convex.a, convex.b, convex.m
        self._faces: dict[bytes, Polytope | None] = {}
        goals = np.random.default_rng(0).random((TRIES, self.m))
        self.some = next(filter(None, map(self._along, goals)), None) or self._face(self._by_integer_program())

    @property
    def most(self) -> int:
        """The number of domains that a mixture has at most."""
        return self.simplex.most

    def project(self, points: FloatArray) -> FloatArray:
        """Move points (n, m) to near mixtures of the domains that the bounds suggest, or else of others."""
        weights = self.simplex.near(points)
        for row in np.flatnonzero(self._breaks(weights)):
            face = self._face(weights[row] > 0) or self._along(points[row]) or self.some
            assert face is not None
            weights[row] = face.project(points[row : row + 1])[0]
        return weights

    def near(self, mixtures: FloatArray) -> FloatArray:
        """Feasible mixtures (n, m) near mixtures (n, m) of the bounded simplex; much faster than `project`.

        Where an inequality breaks, the support is the one that holds most of the mixture, of those that are known, and
        the mixture is moved towards the inside until the inequality holds.
        """
        weights = self.simplex.near(mixtures)
        if len(rows := np.flatnonzero(self._breaks(weights))):
            supports, inside = self._known
            best = (mixtures[rows] @ supports.T).argmax(axis=1)
            moved, inside = self.simplex.of_support(mixtures[rows], supports[best]), inside[best]
            over, slack = moved @ self.a.T - self.b, self.b - inside @ self.a.T
            step = np.where(over > 0, over / np.maximum(over + slack.clip(0), TIGHT), 0).max(axis=1, keepdims=True)
            moved += step.clip(0, 1) * (inside - moved)
            weights[rows] = np.where(self._breaks(moved)[:, None], inside, moved)
        return weights

    def _breaks(self, weights: FloatArray) -> BoolArray:
        """Whether each of weights (n, m) breaks an inequality, (n,)."""
        return np.asarray((weights @ self.a.T > self.b + TIGHT).any(axis=1))

    def _face(self, support: BoolArray | None) -> Polytope | None:
        """The mixtures of a support (m,); None where there is none."""
        if support is None:
            return None
        key = support.tobytes()
        if key not in self._faces:
            if len(self._faces) >= FACES:
                self._faces.clear()
            bounded = self.simplex.face(support)
            possible = support.sum() <= self.simplex.most and bounded.lower.sum() <= 1 + TIGHT
            possible = possible and bounded.upper.sum() >= 1 - TIGHT and not conflicting(bounded, self.a, self.b)
            self._faces[key] = Polytope(bounded, self.a, self.b) if possible else None
        return self._faces[key]

    def _along(self, goal: FloatArray) -> Polytope | None:
        """The mixtures of a support that is possible and allows a large goal . w; None where it is not found."""
        return next(filter(None, map(self._face, self._supports(goal))), None)

    def _supports(self, goal: FloatArray) -> Iterator[BoolArray]:
        """The support of the vertex of the largest goal . w, first with as many further domains as there may be."""
        vertex = self.convex.vertex_along(goal) > TIGHT
        keys = goal + vertex * (np.ptp(goal) + 1)  # the vertex's domains first
        yield self.simplex.support(keys[None], np.array([self.simplex.most]))[0]
        yield vertex

    def _by_integer_program(self) -> BoolArray | None:
        """A support that is possible, (m,); None where there is none. Its variables are w (m,) and z (m,), the uses."""
        m, eye, most = self.m, np.eye(self.m), self.simplex.most
        rows = np.block(
            [
                [eye, -np.diag(self.simplex.upper)],
                [-eye, np.diag(self.simplex.floor)],
                [self.a, np.zeros_like(self.a)],
                [np.zeros((1, m)), np.ones((1, m))],
                [np.ones((1, m)), np.zeros((1, m))],
            ]
        )
        ends = np.concatenate([np.zeros(2 * m), self.b, [most, 1.0]])
        starts = np.append(np.full(len(ends) - 1, -np.inf), 1.0)
        solved = scipy.optimize.milp(
            np.zeros(2 * m),
            integrality=np.repeat([0, 1], m),
            bounds=scipy.optimize.Bounds(np.append(np.zeros(m), self.simplex.forced), 1.0),
            constraints=scipy.optimize.LinearConstraint(rows, starts, ends),
            options={"time_limit": SECONDS},
        )
        return None if solved.x is None else np.asarray(solved.x[m:] > 0.5)

    @cached_property
    def _known(self) -> tuple[BoolArray, FloatArray]:
        """Supports (s, m) of corners, and a mixture of each that is off the inequalities, (s, m)."""
        goals = np.eye(self.m) + np.random.default_rng(0).random((self.m, self.m)) / 2
        faces = {id(face): face for face in [self.some, *map(self._along, goals)] if face}.values()
        supports = np.array([face.bounded.upper > 0 for face in faces])
        inside = np.array([face.project(goals[:INSIDE]).mean(axis=0) for face in faces])
        return supports, inside

    def contains(self, weights: FloatArray, atol: float) -> BoolArray:
        """Whether each of weights (n, m) is in the region within atol, (n,)."""
        return self.simplex.contains(weights, atol) & (weights @ self.a.T <= self.b + atol).all(axis=1)

    def sample(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Draw n mixtures (n, m) as the sparse simplex does, and reject those that break an inequality.

        Where too few draws survive, the others are moved (`near`).
        """
        kept = np.empty((0, self.m))
        for _ in range(ROUNDS):
            draws = self.simplex.sample(n + 100, rng)
            kept = np.vstack([kept, draws[~self._breaks(draws)]])[:n]
            if len(kept) == n:
                return kept
        return np.vstack([kept, self.near(draws[: n - len(kept)])])

    def vertices(self) -> FloatArray:
        """Raise SpaceError: there are too many faces to cut."""
        raise SpaceError("the vertices of a space with constraints and few domains are not listed: use corners()")

    def corners(self) -> FloatArray:
        """Mixtures near the corners of the polytope, (c, m), distinct."""
        return self._corners.copy()

    @cached_property
    def _corners(self) -> FloatArray:
        return distinct_rows(self.project(self.convex.corners()))

    def reach(self, weights: FloatArray, directions: FloatArray) -> FloatArray:
        """The largest step (n,) from weights (n, m) along directions (n, m) with the domains that are in use."""
        within = ratio_reach(self.b - weights @ self.a.T, directions @ self.a.T)
        return np.minimum(self.simplex.reach(weights, directions), within)

"""Polytope: the bounded simplex cut by inequalities a w <= b, with exact projection, uniform draws and vertices.

References:
    Lawson and Hanson (1974), Solving least squares problems, chapter 23, doi:10.1137/1.9781611971217.
"""

from functools import cached_property

import numpy as np
import scipy
from scipy.linalg import null_space

from mixopt.space.bounded import BoundedSimplex
from mixopt.space.hit_and_run import hit_and_run
from mixopt.space.region import TIGHT, Region, distinct_rows, ratio_reach
from mixopt.space.vertices import cut_vertices
from mixopt.typing import BoolArray, FloatArray

NEAR = 1e-9  # precision of the solvers: weights nearer than this to a bound or a constraint are meant to be on it
MEETS = 1e-10  # slack that a linear program leaves between limits that just meet
ROUNDS = 30  # of rejection sampling, before hit and run


class Polytope(Region):
    """Bounds and inequalities a w <= b that some mixture satisfies together (`conflicting` checks that)."""

    def __init__(self, bounded: BoundedSimplex, a: FloatArray, b: FloatArray) -> None:
        """Cut the bounded simplex by a (k, m) and b (k,)."""
        self.bounded, self.a, self.b, self.m = bounded, a, b, bounded.m
        needed = bounded.upper < 1 - bounded.lower.sum() + bounded.lower  # the others follow from the lower bounds
        eye = np.eye(self.m)
        self.normals = np.vstack([eye, -eye[needed], -a])  # all of it as normals w >= offsets
        self.offsets = np.concatenate([bounded.lower, -bounded.upper[needed], -b])

    def project(self, points: FloatArray) -> FloatArray:
        """Project points (n, m): onto the bounds and, where that breaks an inequality, onto the polytope."""
        weights = self.bounded.project(points)
        outside = (weights @ self.a.T > self.b + TIGHT).any(axis=1)
        for row in np.flatnonzero(outside):
            weights[row] = self._settled(self._nearest(points[row]))
        return weights

    def _nearest(self, point: FloatArray) -> FloatArray:
        """The nearest mixture (m,) within rounding, by least-distance programming (Lawson and Hanson 1974).

        The step y along the hyperplane sum w = 1, of least |y| with G y >= h, follows from the nonnegative u that
        brings [G' h']' u nearest to (0, ..., 0, 1). In units of the distance to a feasible mixture |y| <= 1, so the
        problem is well conditioned. The limits are loosened by MEETS, because limits that just meet may miss each
        other by that much.
        """
        start = point + (1 - point.sum()) / self.m
        unit = max(float(np.linalg.norm(self._some_vertex - start)), NEAR)
        along = self._hyperplane  # (m, m - 1)
        system = np.vstack([(self.normals @ along).T, (self.offsets - MEETS - self.normals @ start) / unit])
        target = np.append(np.zeros(self.m - 1), 1.0)
        u, _ = scipy.optimize.nnls(system, target, maxiter=100 * system.shape[1])
        residual = system @ u - target
        return start - unit * along @ (residual[:-1] / residual[-1])

    def _settled(self, weights: FloatArray) -> FloatArray:
        """Weights (m,) within rounding of the region, moved exactly onto the bounds and inequalities they are near.

        The weights that are not at a bound take the least step that makes the sum 1 and the active inequalities
        equalities.
        """
        lower, upper = self.bounded.lower, self.bounded.upper
        weights = np.where(weights <= lower + NEAR, lower, np.where(weights >= upper - NEAR, upper, weights))
        free = (weights > lower) & (weights < upper)
        active = self.a @ weights >= self.b - NEAR
        equations = np.vstack([np.ones(self.m), self.a[active]])
        missing = np.append(1.0, self.b[active]) - equations @ weights
        weights[free] += np.linalg.lstsq(equations[:, free], missing)[0]
        return self.bounded.project(weights[None])[0]  # the sum exactly; a step within rounding

    def contains(self, weights: FloatArray, atol: float) -> BoolArray:
        """Whether each of weights (n, m) is in the polytope within atol, (n,)."""
        return self.bounded.contains(weights, atol) & (weights @ self.a.T <= self.b + atol).all(axis=1)

    def sample(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Draw n mixtures uniformly, (n, m), by rejection or, where too few draws survive, by hit and run."""
        kept = np.empty((0, self.m))
        for _ in range(ROUNDS):
            draws = self.bounded.sample(n + 1000, rng)
            kept = np.vstack([kept, draws[(draws @ self.a.T <= self.b).all(axis=1)]])
            if len(kept) >= n:
                return kept[:n]
        return self.hit_and_run_sample(n, rng)

    def hit_and_run_sample(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Draw n mixtures (n, m) by hit and run."""
        inside = self._extremes.mean(axis=0)  # off every bound and inequality that can be left
        tight = self.normals @ inside - self.offsets <= NEAR
        hull = null_space(np.vstack([np.ones(self.m), self.normals[tight]]))
        return self.project(hit_and_run(n, self._extremes, hull, self.reach, rng))

    def vertices(self) -> FloatArray:
        """All vertices, (v, m): those of the bounded simplex, cut by one inequality after another.

        Raises:
            SpaceError: there are too many.
        """
        return cut_vertices(self.bounded.vertices(), self.normals, self.offsets, first=len(self.normals) - len(self.b))

    def corners(self) -> FloatArray:
        """For each domain a vertex that has most of it and one that has least, (c, m)."""
        return self._corners.copy()

    def reach(self, weights: FloatArray, directions: FloatArray) -> FloatArray:
        """The largest step (n,) from weights (n, m) along directions (n, m)."""
        return ratio_reach(weights @ self.normals.T - self.offsets, -directions @ self.normals.T)

    def vertex_along(self, goal: FloatArray) -> FloatArray:
        """A vertex (m,) with the largest goal . w."""
        return self.project(self._settled(self._solved(goal))[None])[0]

    def _solved(self, goal: FloatArray) -> FloatArray:
        """The solution (m,) of that linear program, within 1e-7."""
        bounds = np.column_stack([self.bounded.lower, self.bounded.upper])
        return scipy.optimize.linprog(-goal, self.a, self.b, np.ones((1, self.m)), [1.0], bounds, method="highs-ds").x

    @cached_property
    def _corners(self) -> FloatArray:
        """The corners, by 2 m linear programs of about 2 ms each."""
        eye = np.eye(self.m)
        return distinct_rows(np.array([self.vertex_along(sign * goal) for goal in eye for sign in (1, -1)]))

    @cached_property
    def _extremes(self) -> FloatArray:
        """The corners, and the vertices farthest from each inequality, (e, m)."""
        return distinct_rows(np.vstack([self._corners, [self.vertex_along(-row) for row in self.a]]))

    @cached_property
    def _some_vertex(self) -> FloatArray:
        return self._solved(np.zeros(self.m))

    @cached_property
    def _hyperplane(self) -> FloatArray:
        """An orthonormal basis of {x : sum x = 0}, (m, m - 1)."""
        return null_space(np.ones((1, self.m)))


def conflicting(bounded: BoundedSimplex, a: FloatArray, b: FloatArray) -> list[int]:
    """Find inequalities that no mixture within the bounds satisfies together.

    Inequalities are dropped one by one as long as a conflict is left.

    Args:
        bounded: the bounds.
        a: coefficients (k, m) of a w <= b.
        b: right-hand sides (k,).

    Returns:
        The numbers of a minimal set of inequalities in conflict; empty where some mixture satisfies all.
    """
    conflict = list(range(len(b)))
    if _least_violation(bounded, a, b) <= MEETS:
        return []
    for i in range(len(b)):
        others = [j for j in conflict if j != i]
        if others and _least_violation(bounded, a[others], b[others]) > MEETS:
            conflict = others
    return conflict


def _least_violation(bounded: BoundedSimplex, a: FloatArray, b: FloatArray) -> float:
    """The least t for which some mixture within the bounds has a w <= b + t; above 0 if the region is empty."""
    m = bounded.m
    bounds = [*zip(bounded.lower, bounded.upper), (-1.0, None)]
    columns = np.column_stack([a, -np.ones(len(b))])
    goal, sums = np.append(np.zeros(m), 1.0), np.append(np.ones(m), 0.0)[None]
    solved = scipy.optimize.linprog(goal, columns, b, sums, [1.0], bounds, method="highs-ds")
    return float(solved.fun)

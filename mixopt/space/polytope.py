"""The bounded simplex cut by inequalities a w <= b: exact projection, uniform draws, vertices, corners."""

from functools import cached_property

import numpy as np
import scipy
from scipy.linalg import null_space

from mixopt.space.bounded import Bounded
from mixopt.space.hit_and_run import hit_and_run
from mixopt.space.region import TIGHT, Region, distinct_rows, ratio_reach
from mixopt.space.vertices import cut
from mixopt.typing import BoolArray, FloatArray

NEAR = 1e-9  # solvers are this exact: what is nearer to a bound or a constraint is meant to be on it
MEETS = 1e-10  # what a linear program leaves of limits that just meet
ROUNDS = 30  # of rejection, before draws come from chains


class Polytope(Region):
    """Bounds and inequalities a (k, m), b (k,) that some mixture satisfies together (`clashing` tells)."""

    def __init__(self, bounded: Bounded, a: FloatArray, b: FloatArray) -> None:
        self.bounded, self.a, self.b, self.m = bounded, a, b, bounded.m
        needed = bounded.upper < 1 - bounded.lower.sum() + bounded.lower  # the others follow from the lower bounds
        eye = np.eye(self.m)
        self.normals = np.vstack([eye, -eye[needed], -a])  # all of it as normals w >= offsets
        self.offsets = np.concatenate([bounded.lower, -bounded.upper[needed], -b])

    def project(self, points: FloatArray) -> FloatArray:
        """Where the projection on the bounds satisfies the inequalities it is the answer."""
        weights = self.bounded.project(points)
        outside = (weights @ self.a.T > self.b + TIGHT).any(axis=1)
        for row in np.flatnonzero(outside):
            weights[row] = self._settled(self._nearest(points[row]))
        return weights

    def _nearest(self, point: FloatArray) -> FloatArray:
        """The nearest mixture (m,) within rounding: least-distance programming (Lawson & Hanson 1974, ch. 23).

        Steps y along the hyperplane sum w = 1, least |y| with G y >= h, follow from the nonnegative u that brings
        [G' h']' u nearest to (0, ..., 0, 1). In units of the distance to a feasible mixture |y| <= 1, so this is
        well conditioned, and the limits are looser by what they may miss each other by.
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

        What is not at a bound takes the least step that makes the sum 1 and the active inequalities equalities.
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
        return self.bounded.contains(weights, atol) & (weights @ self.a.T <= self.b + atol).all(axis=1)

    def sample(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Draws within the bounds that break an inequality are rejected; where too few survive, by chains."""
        kept = np.empty((0, self.m))
        for _ in range(ROUNDS):
            draws = self.bounded.sample(n + 1000, rng)
            kept = np.vstack([kept, draws[(draws @ self.a.T <= self.b).all(axis=1)]])
            if len(kept) >= n:
                return kept[:n]
        return self.chains(n, rng)

    def chains(self, n: int, rng: np.random.Generator) -> FloatArray:
        """n draws (n, m) by hit and run."""
        inside = self._extremes.mean(axis=0)  # off every bound and inequality that can be left
        tight = self.normals @ inside - self.offsets <= NEAR
        hull = null_space(np.vstack([np.ones(self.m), self.normals[tight]]))
        return self.project(hit_and_run(n, self._extremes, hull, self.reach, rng))

    def vertices(self) -> FloatArray:
        """The vertices within the bounds, cut by one inequality after another."""
        return cut(self.bounded.vertices(), self.normals, self.offsets, first=len(self.normals) - len(self.b))

    def corners(self) -> FloatArray:
        return self._corners.copy()

    def reach(self, weights: FloatArray, directions: FloatArray) -> FloatArray:
        return ratio_reach(weights @ self.normals.T - self.offsets, -directions @ self.normals.T)

    def _most(self, goal: FloatArray) -> FloatArray:
        """A vertex (m,) with the largest goal . w."""
        return self.project(self._settled(self._solved(goal))[None])[0]

    def _solved(self, goal: FloatArray) -> FloatArray:
        """The same as the linear program has it, within 1e-7."""
        bounds = np.column_stack([self.bounded.lower, self.bounded.upper])
        return scipy.optimize.linprog(-goal, self.a, self.b, np.ones((1, self.m)), [1.0], bounds, method="highs-ds").x

    @cached_property
    def _corners(self) -> FloatArray:
        """By 2 m linear programs, some 2 ms each."""
        eye = np.eye(self.m)
        return distinct_rows(np.array([self._most(sign * goal) for goal in eye for sign in (1, -1)]))

    @cached_property
    def _extremes(self) -> FloatArray:
        """The corners, and the vertices farthest from each inequality, (e, m)."""
        return distinct_rows(np.vstack([self._corners, [self._most(-row) for row in self.a]]))

    @cached_property
    def _some_vertex(self) -> FloatArray:
        return self._solved(np.zeros(self.m))

    @cached_property
    def _hyperplane(self) -> FloatArray:
        """An orthonormal basis of {x : sum x = 0}, (m, m - 1)."""
        return null_space(np.ones((1, self.m)))


def clashing(bounded: Bounded, a: FloatArray, b: FloatArray) -> list[int]:
    """Inequalities that no mixture within the bounds satisfies together, none of them needless; none where all do.

    They are dropped one by one as long as a clash is left: what remains is what clashes.
    """
    clash = list(range(len(b)))
    if _least_violation(bounded, a, b) <= MEETS:
        return []
    for i in range(len(b)):
        others = [j for j in clash if j != i]
        if others and _least_violation(bounded, a[others], b[others]) > MEETS:
            clash = others
    return clash


def _least_violation(bounded: Bounded, a: FloatArray, b: FloatArray) -> float:
    """The least t for which a mixture within the bounds has a w <= b + t; at most 0 where there is a region."""
    m = bounded.m
    bounds = [*zip(bounded.lower, bounded.upper), (-1.0, None)]
    columns = np.column_stack([a, -np.ones(len(b))])
    goal, sums = np.append(np.zeros(m), 1.0), np.append(np.ones(m), 0.0)[None]
    solved = scipy.optimize.linprog(goal, columns, b, sums, [1.0], bounds, method="highs-ds")
    return float(solved.fun)

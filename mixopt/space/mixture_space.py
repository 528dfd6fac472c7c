"""MixtureSpace: the mixtures over named domains that are allowed.

They are {w : lower <= w <= upper, a w <= b, sum w = 1}, with the constraints a w <= b given as text, or a finite list
of such mixtures.
"""

import math
from collections.abc import Mapping, Sequence
from numbers import Real

import numpy as np

from mixopt.errors import SpaceError, WeightsError, did_you_mean
from mixopt.space.bounded import BoundedSimplex
from mixopt.space.constraints import inequalities
from mixopt.space.finite import FiniteRegion
from mixopt.space.limits import bounds_array, check_bounds, check_constraints, check_names
from mixopt.space.polytope import Polytope
from mixopt.space.region import Region, distinct_rows
from mixopt.typing import BoolArray, FloatArray

SUM_TOLERANCE = 1e-6  # for weights that people type or files round


class MixtureSpace:
    """The feasible part of the simplex over named domains.

    A space is immutable. Two spaces are equal if their domains and all limits are.

    >>> space = mixopt.MixtureSpace(["coco", "lisa", "sat"], lower={"lisa": 0.05}, constraints=["coco + sat <= 0.9"])
    >>> space.project([[0.6, 0.0, 0.4]]).round(2).tolist()  # the nearest feasible mixture
    [[0.55, 0.1, 0.35]]

    Args:
        domains: 2 to 64 distinct names; their order is the order of every weight array.
        lower: lower bounds in [0, 1] by domain; 0 for a domain that is not named.
        upper: upper bounds in [0, 1] by domain; 1 for a domain that is not named.
        constraints: linear inequalities as text (`mixopt.space.constraints`): "coco + sat <= 0.9", "coco <= 2*lisa".
        candidates: where only these mixtures are available, (k, m) or a list of `{domain: weight}`, each summing to 1
            within 1e-6 (and then divided by its sum). The space is then this list; repetitions are dropped.

    Attributes:
        domains: tuple of names.
        m: their number.
        lower: (m,), read-only.
        upper: (m,), read-only.
        constraints: tuple of text.
        inequalities: a (k, m) and b (k,) with a w <= b, read-only.
        candidates: (k, m), read-only, or None.

    Raises:
        SpaceError: a name, bound, constraint or candidate that is not possible, or limits that no mixture satisfies.
    """

    def __init__(
        self,
        domains: Sequence[str],
        lower: Mapping[str, float] | None = None,
        upper: Mapping[str, float] | None = None,
        *,
        constraints: Sequence[str] = (),
        candidates: FloatArray | Sequence[Sequence[float] | Mapping[str, float]] | None = None,
    ) -> None:
        self.domains = tuple(domains)
        check_names(self.domains)
        self.m = len(self.domains)
        self.lower = _read_only(bounds_array("lower", lower, self.domains, default=0.0))
        self.upper = _read_only(bounds_array("upper", upper, self.domains, default=1.0))
        check_bounds(self.domains, self.lower, self.upper)
        self.constraints = (constraints,) if isinstance(constraints, str) else tuple(constraints)
        a, b = self.inequalities = inequalities(self.constraints, self.domains)
        _read_only(a), _read_only(b)
        bounded = BoundedSimplex(self.lower, self.upper)
        self._region: Region = bounded
        if self.constraints:
            check_constraints(bounded, self.constraints, a, b)
            self._region = Polytope(bounded, a, b)
        self.candidates: FloatArray | None = None
        if candidates is not None:
            self.candidates = self._listed(candidates)
            self._region = FiniteRegion(self.candidates)

    def _listed(self, candidates: FloatArray | Sequence[Sequence[float] | Mapping[str, float]]) -> FloatArray:
        """The candidates as an array (k, m), checked row by row."""
        rows = []
        for number, row in enumerate(candidates, start=1):
            if not isinstance(row, Mapping):
                if np.shape(row) != (self.m,):
                    raise SpaceError(
                        f"candidate {number} has shape {np.shape(row)}: give {self.m} weights, one a domain"
                    )
                row = dict(zip(self.domains, row))
            try:
                rows.append(self.as_array(row))
            except WeightsError as error:
                raise SpaceError(f"candidate {number}: {error}") from None
        if not rows:
            raise SpaceError("the list of candidates is empty: name at least one mixture, or leave it out")
        array = np.array(rows).clip(0)
        return _read_only(distinct_rows(array / array.sum(axis=1, keepdims=True)))

    def uniform(self) -> FloatArray:
        """Return the nearest feasible mixture to equal weights, (m,)."""
        return self.project(np.full(self.m, 1 / self.m))

    def project(self, weights: FloatArray) -> FloatArray:
        """Project weights onto the space.

        Args:
            weights: (m,) or (n, m), any numbers.

        Returns:
            The nearest feasible mixtures (Euclidean), of the same shape. Weights at a bound are there exactly; the sum
            is 1 within 1e-12.
        """
        weights = np.asarray(weights, dtype=float)
        return self._region.project(np.atleast_2d(weights)).reshape(weights.shape)

    def contains(self, weights: FloatArray, atol: float = 1e-9) -> bool | BoolArray:
        """Check whether weights (m,) are feasible within atol; for (n, m) one answer for each row, (n,)."""
        weights = np.asarray(weights, dtype=float)
        answer = self._region.contains(np.atleast_2d(weights), atol)
        return bool(answer[0]) if weights.ndim == 1 else answer

    def sample(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Draw n mixtures uniformly, (n, m); approximately uniformly where constraints leave little of the space."""
        return self._region.sample(n, rng)

    def vertices(self) -> FloatArray:
        """Return all vertices, (v, m).

        Raises:
            SpaceError: there are too many, as with tight upper bounds; use `corners`.
        """
        return self._region.vertices()

    def corners(self) -> FloatArray:
        """Return for each domain a vertex that has most of it and one that has least, (c, m), distinct; c <= 2 m."""
        return self._region.corners()

    def reach(self, weights: FloatArray, directions: FloatArray) -> FloatArray:
        """Compute the largest t >= 0 for which weights + t directions is feasible.

        Args:
            weights: feasible mixtures (n, m).
            directions: (n, m), each summing to 0.

        Returns:
            t (n,); infinity where the direction is 0. Among candidates it leads to the farthest one in the direction.
        """
        return self._region.reach(weights, directions)

    def as_dict(self, weights: FloatArray) -> dict[str, float]:
        """Return weights (m,) as `{domain: weight}` with Python floats."""
        return dict(zip(self.domains, np.asarray(weights, dtype=float).tolist(), strict=True))

    def as_array(self, weights: Mapping[str, float]) -> FloatArray:
        """Return `{domain: weight}` as an array (m,), after checking it.

        Raises:
            WeightsError: a missing or unknown domain, a weight that is not finite or not within bounds, a sum that is
                not 1, a constraint that does not hold, or a mixture that is not a candidate; all within 1e-6.
        """
        for name in weights:
            if name not in self.domains:
                domains = ", ".join(self.domains) + did_you_mean(name, self.domains)
                raise WeightsError(f"unknown domain {name!r:.80}: the domains are {domains}")
        for name, low, high in zip(self.domains, self.lower, self.upper):
            if name not in weights:
                raise WeightsError(f"domain {name!r} has no weight: give one, 0 to leave it out")
            if not isinstance(weights[name], Real) or not math.isfinite(weights[name]):
                raise WeightsError(f"domain {name!r} has weight {weights[name]!r:.60}: give a finite number")
            if not low - SUM_TOLERANCE <= weights[name] <= high + SUM_TOLERANCE:
                raise WeightsError(
                    f"domain {name!r} has weight {weights[name]:g} outside its bounds [{low:g}, {high:g}]: "
                    "move it inside or widen the bounds"
                )
        array = np.array([float(weights[name]) for name in self.domains])
        if abs(array.sum() - 1) > SUM_TOLERANCE:
            raise WeightsError(f"the weights of {', '.join(self.domains)} sum to {array.sum():g}: make them sum to 1")
        for constraint, row, most in zip(self.constraints, *self.inequalities):
            if row @ array > most + SUM_TOLERANCE:
                raise WeightsError(f"the weights break the constraint {constraint!r}: move them inside or loosen it")
        if self.candidates is not None and not self.contains(array, SUM_TOLERANCE):
            raise WeightsError("the weights are not one of the space's candidates: choose one of its `candidates`")
        return array

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MixtureSpace) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[tuple[str, ...], tuple[bytes, ...]]:
        arrays = [self.lower, self.upper, *self.inequalities, *([] if self.candidates is None else [self.candidates])]
        return self.domains, tuple((array + 0.0).tobytes() for array in arrays)

    def __repr__(self) -> str:
        parts = [repr(list(self.domains))]
        for side, array, default in (("lower", self.lower, 0.0), ("upper", self.upper, 1.0)):
            given = {name: bound for name, bound in self.as_dict(array).items() if bound != default}
            parts += [f"{side}={given}"] if given else []
        parts += [f"constraints={list(self.constraints)}"] if self.constraints else []
        parts += [f"candidates={self.candidates.tolist()}"] if self.candidates is not None else []
        return f"MixtureSpace({', '.join(parts)})"


def _read_only(array: FloatArray) -> FloatArray:
    array.setflags(write=False)
    return array

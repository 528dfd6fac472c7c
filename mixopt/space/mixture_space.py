"""MixtureSpace: the mixtures over named domains that are allowed.

They are {w : lower <= w <= upper, a w <= b, sum w = 1}, with the constraints a w <= b given as text; of these only the
mixtures of few domains, each with a least share, where that is asked for; or a finite list of such mixtures.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property

import numpy as np

from mixopt.errors import SpaceError, WeightsError
from mixopt.space.bounded import BoundedSimplex
from mixopt.space.constraints import inequalities
from mixopt.space.finite import FiniteRegion
from mixopt.space.limits import bounds_array, check_bounds, check_constraints, check_names, check_sparsity
from mixopt.space.polytope import Polytope
from mixopt.space.region import Region, distinct_rows
from mixopt.space.sparse_regions import SparseRegion, sparse_region
from mixopt.space.weights_check import SUM_TOLERANCE as SUM_TOLERANCE, checked_weights
from mixopt.typing import BoolArray, FloatArray


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
        at_most: how many domains a mixture may use (have a weight above 0 of); None for all.
        least_share: least weight of a domain that is used at all, in [0, 1].

    Attributes:
        domains: tuple of names.
        m: their number.
        lower: (m,), read-only.
        upper: (m,), read-only.
        constraints: tuple of text.
        inequalities: a (k, m) and b (k,) with a w <= b, read-only.
        candidates: (k, m), read-only, or None.
        at_most: how many domains a mixture may use, m where that is not limited.
        least_share: least weight of a domain that is used.

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
        at_most: int | None = None,
        least_share: float = 0.0,
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
        check_sparsity(self.domains, self.upper, at_most, least_share)
        self.at_most, self.least_share = self.m if at_most is None else int(at_most), float(least_share)
        self.candidates: FloatArray | None = None
        if candidates is not None:
            self.candidates = self._listed(candidates)
            self._region = FiniteRegion(self.candidates)
        elif self.at_most < self.m or self.least_share > 0:
            self._region = sparse_region(self._region, self.at_most, self.least_share, self.domains, self.constraints)

    @property
    def most_used(self) -> int:
        """The number of domains that a mixture may use, fewer than `at_most` where the least shares leave no more."""
        region = self._region
        return self.at_most if not isinstance(region, SparseRegion) else region.most

    @cached_property
    def convex(self) -> "MixtureSpace":
        """The space without `at_most` and `least_share`; itself where it has neither, or is a list of candidates."""
        if not isinstance(self._region, SparseRegion):
            return self
        bounds = self.as_dict(self.lower), self.as_dict(self.upper)
        return MixtureSpace(self.domains, *bounds, constraints=self.constraints)

    def near(self, mixtures: FloatArray) -> FloatArray:
        """Return feasible mixtures (n, m) near those of the convex space; faster than `project`, less near."""
        region = self._region
        return region.near(mixtures) if isinstance(region, SparseRegion) else mixtures

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
            is 1 within 1e-12. With `at_most` or `least_share`, and bounds that differ or constraints, they may be near
            ones.
        """
        weights = np.asarray(weights, dtype=float)
        return self._region.project(np.atleast_2d(weights)).reshape(weights.shape)

    def contains(self, weights: FloatArray, atol: float = 1e-9) -> bool | BoolArray:
        """Check whether weights (m,) are feasible within atol; for (n, m) one answer for each row, (n,)."""
        weights = np.asarray(weights, dtype=float)
        answer = self._region.contains(np.atleast_2d(weights), atol)
        return bool(answer[0]) if weights.ndim == 1 else answer

    def sample(self, n: int, rng: np.random.Generator) -> FloatArray:
        """Draw n mixtures uniformly, (n, m); approximately uniformly where constraints leave little of the space.

        With `at_most` or `least_share` the number of domains is drawn first, then which ones, then their weights.
        """
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
            With `at_most` or `least_share` it is 0 where the step would use another domain.
        """
        return self._region.reach(weights, directions)

    def as_dict(self, weights: FloatArray) -> dict[str, float]:
        """Return weights (m,) as `{domain: weight}` with Python floats."""
        return dict(zip(self.domains, np.asarray(weights, dtype=float).tolist(), strict=True))

    def as_array(self, weights: Mapping[str, float]) -> FloatArray:
        """Return `{domain: weight}` as an array (m,), after checking it.

        Raises:
            WeightsError: a missing or unknown domain, a weight that is not finite or not within bounds, a sum that is
                not 1, a constraint that does not hold, too many domains or too small a share of one, or a mixture that
                is not a candidate; all within 1e-6.
        """
        return checked_weights(self, weights)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MixtureSpace) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[object, ...]:
        arrays = [self.lower, self.upper, *self.inequalities, *([] if self.candidates is None else [self.candidates])]
        return self.domains, self.at_most, self.least_share, *((array + 0.0).tobytes() for array in arrays)

    def __repr__(self) -> str:
        parts = [repr(list(self.domains))]
        for side, array, default in (("lower", self.lower, 0.0), ("upper", self.upper, 1.0)):
            given = {name: bound for name, bound in self.as_dict(array).items() if bound != default}
            parts += [f"{side}={given}"] if given else []
        parts += [f"constraints={list(self.constraints)}"] if self.constraints else []
        parts += [f"at_most={self.at_most}"] if self.at_most < self.m else []
        parts += [f"least_share={self.least_share}"] if self.least_share else []
        parts += [f"candidates={self.candidates.tolist()}"] if self.candidates is not None else []
        return f"MixtureSpace({', '.join(parts)})"


def _read_only(array: FloatArray) -> FloatArray:
    array.setflags(write=False)
    return array

"""The space: the mixtures over named domains that are allowed, {w : lower <= w <= upper, sum w = 1}."""

import math
from collections.abc import Mapping, Sequence

import numpy as np

from mixopt import polytope
from mixopt.arrays import BoolArray, FloatArray
from mixopt.errors import SpaceError, WeightsError

SUM_TOLERANCE = 1e-6  # weights that people type or files round are taken as they are within this


class MixtureSpace:
    """The feasible part of the simplex over named domains. Immutable; equal when domains and bounds are.

        space = MixtureSpace(["coco", "lisa", "sat"], lower={"lisa": 0.05}, upper={"sat": 0.6})

    Args:
        domains: at least two distinct names; their order is the order of every weight array.
        lower, upper: bounds in [0, 1] by domain; a domain that is not named has 0 and 1.

    Attributes: `domains` (tuple of names), `m` (their number), `lower` and `upper` ((m,) read-only arrays).

    Raises:
        SpaceError: a name or a bound that cannot hold, or bounds that no mixture satisfies together.
    """

    def __init__(
        self,
        domains: Sequence[str],
        lower: Mapping[str, float] | None = None,
        upper: Mapping[str, float] | None = None,
    ) -> None:
        self.domains = tuple(domains)
        self.m = len(self.domains)
        if self.m < 2:
            raise SpaceError(f"a mixture needs at least 2 domains, got {list(domains)}: add one")
        for name in self.domains:
            if self.domains.count(name) > 1:
                raise SpaceError(f"domain {name!r} is named twice: name each domain once")
        self.lower = self._bounds("lower", lower, default=0.0)
        self.upper = self._bounds("upper", upper, default=1.0)
        for name, low, high in zip(self.domains, self.lower, self.upper):
            if low > high:
                raise SpaceError(f"domain {name!r} has lower {low:g} above its upper {high:g}: swap or widen them")
        if self.lower.sum() > 1 + polytope.TIGHT:
            raise SpaceError(f"the lower bounds sum to {self.lower.sum():g}, above 1: lower some of them")
        if self.upper.sum() < 1 - polytope.TIGHT:
            raise SpaceError(f"the upper bounds sum to {self.upper.sum():g}, below 1: raise some of them")

    def _bounds(self, side: str, bounds: Mapping[str, float] | None, default: float) -> FloatArray:
        bounds = bounds or {}
        for name, bound in bounds.items():
            if name not in self.domains:
                raise SpaceError(f"{side} bound for unknown domain {name!r}: the domains are {', '.join(self.domains)}")
            if not 0 <= bound <= 1:  # NaN fails too
                raise SpaceError(f"{side} bound of domain {name!r} is {bound}: give a number from 0 to 1")
        array = np.array([float(bounds.get(name, default)) for name in self.domains])
        array.setflags(write=False)
        return array

    def uniform(self) -> FloatArray:
        """The nearest feasible mixture to equal weights, (m,)."""
        return self.project(np.full(self.m, 1 / self.m))

    def project(self, weights: FloatArray) -> FloatArray:
        """The nearest feasible mixture (Euclidean): (m,) -> (m,) or (n, m) -> (n, m).

        Weights at a bound are there exactly; the sum is 1 within 1e-12.
        """
        weights = np.asarray(weights, dtype=float)
        return polytope.project(np.atleast_2d(weights), self.lower, self.upper).reshape(weights.shape)

    def contains(self, weights: FloatArray, atol: float = 1e-9) -> bool | BoolArray:
        """Whether weights (m,) are feasible within atol; for (n, m) one answer a row, (n,)."""
        weights = np.asarray(weights, dtype=float)
        within = ((weights >= self.lower - atol) & (weights <= self.upper + atol)).all(axis=-1)
        answer = within & (np.abs(weights.sum(axis=-1) - 1) <= atol)
        return bool(answer) if weights.ndim == 1 else answer

    def sample(self, n: int, rng: np.random.Generator) -> FloatArray:
        """n mixtures drawn uniformly from the space, (n, m)."""
        return polytope.sample(n, self.lower, self.upper, rng)

    def vertices(self) -> FloatArray:
        """All vertices, (v, m); with tight upper bounds v grows exponentially in m, so keep m small."""
        return polytope.vertices(self.lower, self.upper)

    def as_dict(self, weights: FloatArray) -> dict[str, float]:
        """Weights (m,) as `{domain: weight}` with Python floats."""
        return dict(zip(self.domains, np.asarray(weights, dtype=float).tolist(), strict=True))

    def as_array(self, weights: Mapping[str, float]) -> FloatArray:
        """`{domain: weight}` as an array (m,), checked and otherwise as given.

        Raises:
            WeightsError: a missing or unknown domain, a weight that is not finite or not within bounds, or
                a sum that is not 1; bounds and sum are held within 1e-6.
        """
        for name in weights:
            if name not in self.domains:
                raise WeightsError(f"unknown domain {name!r}: the domains are {', '.join(self.domains)}")
        for name, low, high in zip(self.domains, self.lower, self.upper):
            if name not in weights:
                raise WeightsError(f"domain {name!r} has no weight: give one, 0 to leave it out")
            if not math.isfinite(weights[name]):
                raise WeightsError(f"domain {name!r} has weight {weights[name]}: give a finite number")
            if not low - SUM_TOLERANCE <= weights[name] <= high + SUM_TOLERANCE:
                raise WeightsError(
                    f"domain {name!r} has weight {weights[name]:g} outside its bounds [{low:g}, {high:g}]: "
                    "move it inside or widen the bounds"
                )
        array = np.array([float(weights[name]) for name in self.domains])
        if abs(array.sum() - 1) > SUM_TOLERANCE:
            raise WeightsError(f"the weights of {', '.join(self.domains)} sum to {array.sum():g}: make them sum to 1")
        return array

    def __eq__(self, other: object) -> bool:
        return isinstance(other, MixtureSpace) and self._key() == other._key()

    def __hash__(self) -> int:
        return hash(self._key())

    def _key(self) -> tuple[tuple[str, ...], bytes, bytes]:
        return self.domains, (self.lower + 0.0).tobytes(), self.upper.tobytes()

    def __repr__(self) -> str:
        parts = [repr(list(self.domains))]
        for side, array, default in (("lower", self.lower, 0.0), ("upper", self.upper, 1.0)):
            given = {name: bound for name, bound in self.as_dict(array).items() if bound != default}
            parts += [f"{side}={given}"] if given else []
        return f"MixtureSpace({', '.join(parts)})"

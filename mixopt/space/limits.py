"""Checks of a space's limits: names, bounds and constraints that some mixture satisfies."""

from collections.abc import Mapping, Sequence
from numbers import Real

import numpy as np

from mixopt.errors import SpaceError
from mixopt.space.bounded import BoundedSimplex
from mixopt.space.polytope import conflicting
from mixopt.space.region import TIGHT
from mixopt.typing import FloatArray

MOST_DOMAINS = 64


def check_names(domains: Sequence[str]) -> None:
    """Check that domains are 2 to 64 distinct names.

    Raises:
        SpaceError: they are not.
    """
    if len(domains) < 2:
        raise SpaceError(f"a mixture needs at least 2 domains, got {list(domains)}: add one")
    if len(domains) > MOST_DOMAINS:
        raise SpaceError(f"a mixture has at most {MOST_DOMAINS} domains, got {len(domains)}: merge some of them")
    for name in domains:
        if not isinstance(name, str):
            raise SpaceError(f"domain {name!r} is not text: name it as in '{name}'")
        if domains.count(name) > 1:
            raise SpaceError(f"domain {name!r} is named twice: name each domain once")


def bounds_array(side: str, bounds: Mapping[str, float] | None, domains: Sequence[str], default: float) -> FloatArray:
    """Make an array (m,) of bounds by domain.

    Args:
        side: "lower" or "upper".
        bounds: by domain.
        domains: names of all m domains.
        default: the bound of a domain that is not named.

    Returns:
        The bounds, in [0, 1].

    Raises:
        SpaceError: an unknown domain, or a bound that is not a number from 0 to 1.
    """
    bounds = bounds or {}
    for name, bound in bounds.items():
        if name not in domains:
            raise SpaceError(f"{side} bound for unknown domain {name!r}: the domains are {', '.join(domains)}")
        if not isinstance(bound, Real) or not 0 <= bound <= 1:  # NaN fails too
            raise SpaceError(f"{side} bound of domain {name!r} is {bound!r}: give a number from 0 to 1")
    return np.array([float(bounds.get(name, default)) for name in domains])


def check_bounds(domains: Sequence[str], lower: FloatArray, upper: FloatArray) -> None:
    """Check that some mixture is within bounds (m,) of domains (m).

    Raises:
        SpaceError: none is.
    """
    for name, low, high in zip(domains, lower, upper):
        if low > high:
            raise SpaceError(f"domain {name!r} has lower {low:g} above its upper {high:g}: swap or widen them")
    if lower.sum() > 1 + TIGHT:
        raise SpaceError(f"the lower bounds sum to {lower.sum():g}, above 1: lower some of them")
    if upper.sum() < 1 - TIGHT:
        raise SpaceError(f"the upper bounds sum to {upper.sum():g}, below 1: raise some of them")


def check_constraints(bounded: BoundedSimplex, constraints: Sequence[str], a: FloatArray, b: FloatArray) -> None:
    """Check that some mixture within the bounds satisfies all constraints.

    Args:
        bounded: the bounds.
        constraints: k of them, as text.
        a: their coefficients (k, m), a w <= b.
        b: their right-hand sides (k,).

    Raises:
        SpaceError: none does; the message names the constraints in conflict.
    """
    if conflict := conflicting(bounded, a, b):
        named = " and ".join(repr(constraints[i]) for i in conflict)
        loosen = "loosen it, or the bounds" if len(conflict) == 1 else "loosen one of them, or the bounds"
        raise SpaceError(f"no mixture within the bounds satisfies {named}: {loosen}")

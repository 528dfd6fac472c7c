"""Checks of a space's limits: names, bounds, constraints, the number of domains in use and their least share."""

from collections.abc import Mapping, Sequence
from numbers import Real

import numpy as np

from mixopt.errors import SpaceError
from mixopt.space.bounded import BoundedSimplex
from mixopt.space.polytope import conflicting
from mixopt.space.region import TIGHT
from mixopt.typing import FloatArray, is_count

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


def check_sparsity(domains: Sequence[str], upper: FloatArray, at_most: int | None, least_share: float) -> None:
    """Check the number of domains that a mixture may use, and the least share of each.

    Args:
        domains: names of all m domains.
        upper: their upper bounds (m,).
        at_most: how many a mixture may use; None for all.
        least_share: of each that it uses.

    Raises:
        SpaceError: they are out of range, contradict each other, or an upper bound is below the least share.
    """
    m = len(domains)
    if at_most is not None and (not is_count(at_most) or at_most > m):
        raise SpaceError(f"at_most is {at_most!r}: give a whole number from 1 to {m}, the number of domains")
    if isinstance(least_share, bool) or not isinstance(least_share, Real) or not 0 <= least_share <= 1:
        raise SpaceError(f"least_share is {least_share!r}: give a number from 0 to 1")
    if at_most is not None and at_most * least_share > 1 + TIGHT:
        raise SpaceError(
            f"at_most {at_most} domains with a least_share of {least_share:g} make {at_most * least_share:g}, above 1: "
            f"lower at_most to {int((1 + TIGHT) / least_share)}, or least_share to {1 / at_most:.3g}"
        )
    for name, high in zip(domains, upper):
        if 0 < high < least_share:
            raise SpaceError(
                f"domain {name!r} has upper {high:g} below the least_share {least_share:g}: raise it, lower "
                "least_share, or set upper to 0 to leave the domain out"
            )

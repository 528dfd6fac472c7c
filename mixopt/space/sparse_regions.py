"""Regions of few domains: made from a space's limits, and refused where no mixture satisfies them together."""

from collections.abc import Sequence

from mixopt.errors import SpaceError
from mixopt.space.bounded import BoundedSimplex
from mixopt.space.polytope import Polytope
from mixopt.space.region import TIGHT
from mixopt.space.sparse_polytope import SparsePolytope
from mixopt.space.sparse_simplex import SparseSimplex

SparseRegion = SparseSimplex | SparsePolytope


def sparse_region(
    convex: BoundedSimplex | Polytope,
    at_most: int,
    least_share: float,
    domains: Sequence[str],
    constraints: Sequence[str],
) -> SparseRegion:
    """Make the region of the mixtures of few domains.

    Args:
        convex: the mixtures within the bounds and constraints.
        at_most: how many domains a mixture may use.
        least_share: of each domain that it uses.
        domains: names of all m domains.
        constraints: as text.

    Returns:
        The region.

    Raises:
        SpaceError: no mixture satisfies all limits.
    """
    bounded = convex.bounded if isinstance(convex, Polytope) else convex
    simplex = SparseSimplex(bounded, at_most, least_share)
    _check_bounds(domains, simplex, at_most, least_share)
    if not isinstance(convex, Polytope):
        return simplex
    region = SparsePolytope(simplex, convex)
    if region.some is None:
        named = " and ".join(map(repr, constraints))
        raise SpaceError(
            f"no mixture with at_most {at_most} and least_share {least_share:g} satisfies {named}: raise at_most, "
            "lower least_share, or loosen a constraint"
        )
    return region


def _check_bounds(domains: Sequence[str], simplex: SparseSimplex, at_most: int, least_share: float) -> None:
    """Check that some mixture within the bounds uses at most `at_most` domains, each with the least share.

    Raises:
        SpaceError: none does.
    """
    limits = f"at_most {at_most} and least_share {least_share:g}"
    forced = [name for name, always in zip(domains, simplex.forced) if always]
    needed = simplex.floor[simplex.forced].sum()
    if len(forced) > at_most:
        raise SpaceError(
            f"{len(forced)} domains have a lower bound above 0 ({', '.join(forced)}) and at_most is {at_most}: raise "
            f"at_most to {len(forced)}, or set a lower bound to 0"
        )
    if needed > 1 + TIGHT:
        raise SpaceError(
            f"the domains with a lower bound ({', '.join(forced)}) need {needed:g} with a least_share of "
            f"{least_share:g}, above 1: lower least_share, or set a lower bound to 0"
        )
    if simplex.fewest > simplex.most:
        raise SpaceError(
            f"{limits} leave at most {simplex.most} domains, whose upper bounds sum to less than 1: raise at_most to "
            f"{simplex.fewest}, lower least_share, or raise upper bounds"
        )

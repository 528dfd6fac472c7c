"""Seed design: the designs of a study file's `seed` phase, projected onto the space and trimmed to a budget.

A mixture outside the space moves to the nearest feasible one, and a mixture that is in the design already drops out (at
m = 2, "exclude:a" is "single:b").
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mixopt.designs.classical import all_of, by_size, centroid, exclude_one, lattice, single
from mixopt.designs.d_optimal import best_subset, d_optimal
from mixopt.designs.design import Design
from mixopt.designs.space_filling import space_filling
from mixopt.errors import StrategyError
from mixopt.space.mixture_space import MixtureSpace
from mixopt.space.region import first_rows
from mixopt.typing import FloatArray, is_count

Kind = str | Mapping[Any, int]  # "single", or {"space_filling": 10}
KINDS = ("single", "exclude_one", "all", "lattice", "centroid", "proportional", "tempered")
NUMBERED = ("lattice", "space_filling", "d_optimal")  # those that take a number
CHOICES = ", ".join([*KINDS, *(f"{{{name}: NUMBER}}" for name in NUMBERED)]) + " (NUMBER is 1 or more, and whole)"
LATTICE = 2  # the default number of a lattice


def seed_design(
    space: MixtureSpace,
    kinds: Sequence[Kind],
    *,
    sizes: Mapping[str, int] | None = None,
    budget: int | None = None,
    seed: int = 0,
) -> Design:
    """Make a seed design of several kinds, in the order given.

    Args:
        space: the mixtures that are allowed.
        kinds: "single", "exclude_one", "all"; "lattice" (or {"lattice": q}; the default q is 2), "centroid";
            "proportional" to sizes and "tempered" (their square roots); {"space_filling": k} and {"d_optimal": k}, k
            mixtures that complement those of the kinds before.
        sizes: number of examples by domain, 1 or more, for "proportional" and "tempered".
        budget: the most mixtures. Of a larger design those are kept that are D-optimal for a linear model (for the
            quadratic where the budget has room for its m (m + 1) / 2 terms), and the uniform one.
        seed: the only source of randomness.

    Returns:
        The design.

    Raises:
        StrategyError: an unknown kind, or none; no sizes; a size, a number or a budget that is not 1, 2, 3, ...
    """
    if not kinds:
        raise StrategyError(f"no seed design is named: choose from {CHOICES}")
    if budget is not None and not is_count(budget):
        raise StrategyError(f"a seed design cannot have {budget} mixtures: give a budget of 1 or more")
    rng = np.random.default_rng(seed)
    labels: tuple[str, ...] = ()
    weights = np.empty((0, space.m))
    for kind in kinds:
        part = _part(space, kind, sizes, weights, rng)
        labels += part.labels
        weights = np.vstack([weights, space.project(part.weights)])
        kept = first_rows(weights)
        labels, weights = tuple(labels[i] for i in kept), weights[kept]
    design = Design(labels, weights)
    return design if budget is None or len(design) <= budget else _trimmed(space, design, budget)


def _part(
    space: MixtureSpace,
    kind: Kind,
    sizes: Mapping[str, int] | None,
    taken: FloatArray,
    rng: np.random.Generator,
) -> Design:
    """One design by its name; its mixtures may be outside the space."""
    name, number = _named(kind)
    match name:
        case "single":
            return single(space.domains)
        case "exclude_one":
            return exclude_one(space.domains)
        case "all":
            return all_of(space.domains)
        case "centroid":
            return centroid(space.domains)
        case "lattice":
            return lattice(space.domains, number)
        case "proportional":
            return by_size(name, _known(space, sizes, name), 1.0)
        case "tempered":
            return by_size(name, _known(space, sizes, name), 0.5)
        case "space_filling":
            return Design.numbered(name, space_filling(space, number, taken, rng))
        case _:
            return Design.numbered(name, d_optimal(space, number, taken, rng))


def _named(kind: Kind) -> tuple[str, int]:
    """A design's name and its number, LATTICE if none is given."""
    if isinstance(kind, str) and kind in KINDS:
        return kind, LATTICE
    if isinstance(kind, Mapping) and len(kind) == 1:
        [(name, number)] = kind.items()
        if name in NUMBERED and is_count(number):
            return name, int(number)
    raise StrategyError(f"seed design {kind!r}: choose from {CHOICES}")


def _known(space: MixtureSpace, sizes: Mapping[str, int] | None, name: str) -> FloatArray:
    if sizes is None or not all(is_count(sizes.get(domain)) for domain in space.domains):
        raise StrategyError(
            f"seed design {name!r} needs the number of examples of every domain, 1 or more: give `sizes`"
        )
    return np.array([sizes[domain] for domain in space.domains], dtype=float)


def _trimmed(space: MixtureSpace, design: Design, budget: int) -> Design:
    even = np.abs(design.weights - space.uniform()).max(axis=1) < 1e-9
    rest = np.flatnonzero(~even)
    quadratic = budget >= space.m * (space.m + 1) / 2
    chosen = best_subset(design.weights[rest], budget - int(even.sum()), design.weights[even], quadratic=quadratic)
    return design.rows(sorted([*np.flatnonzero(even), *rest[chosen]]))

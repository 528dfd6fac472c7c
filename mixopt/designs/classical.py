"""Classical designs, the same for every space: the paper's (docs/paper.md), Scheffé's, and those by dataset size.

References:
    Scheffé (1958), Experiments with mixtures, doi:10.1111/j.2517-6161.1958.tb00299.x.
    Scheffé (1963), The simplex-centroid design for experiments with mixtures,
    doi:10.1111/j.2517-6161.1963.tb00506.x.
"""

from collections.abc import Sequence
from itertools import combinations
from math import comb

import numpy as np

from mixopt.designs.design import Design
from mixopt.errors import StrategyError
from mixopt.typing import FloatArray

MOST = 100_000  # mixtures of a lattice
ALL_SUBSETS = 5  # domains up to which the centroid design has all their subsets


def single(domains: Sequence[str]) -> Design:
    """Train on each domain alone: m mixtures."""
    return Design(tuple(f"single:{name}" for name in domains), np.eye(len(domains)))


def exclude_one(domains: Sequence[str]) -> Design:
    """Train on all domains but one, evenly: m mixtures."""
    m = len(domains)
    return Design(tuple(f"exclude:{name}" for name in domains), (1 - np.eye(m)) / (m - 1))


def all_of(domains: Sequence[str]) -> Design:
    """Train on all domains evenly: one mixture."""
    m = len(domains)
    return Design(("all",), np.full((1, m), 1 / m))


def lattice(domains: Sequence[str], q: int) -> Design:
    """The simplex lattice {m, q}: all mixtures with weights 0, 1/q, ..., 1 (Scheffé 1958).

    Args:
        domains: names of the m domains.
        q: number of steps from 0 to 1.

    Returns:
        The design.

    Raises:
        StrategyError: it has more than 100,000 mixtures.
    """
    m = len(domains)
    if comb(m + q - 1, q) > MOST:
        raise StrategyError(f"lattice: {q} has {comb(m + q - 1, q):,} mixtures of {m} domains: choose a smaller number")
    bars = np.array(list(combinations(range(m + q - 1), m - 1)))  # stars between m - 1 bars
    ends = np.hstack([np.full((len(bars), 1), -1), bars, np.full((len(bars), 1), m + q - 1)])
    return Design.numbered("lattice", ((np.diff(ends, axis=1) - 1) / q)[::-1])


def centroid(domains: Sequence[str]) -> Design:
    """The simplex centroid: the even mixture of every subset of domains (Scheffé 1963), of at most 3 where m > 5."""
    m = len(domains)
    largest = m if m <= ALL_SUBSETS else 3
    subsets = [subset for size in range(1, largest + 1) for subset in combinations(range(m), size)]
    weights = np.zeros((len(subsets), m))
    for row, subset in enumerate(subsets):
        weights[row, list(subset)] = 1 / len(subset)
    return Design(tuple("centroid:" + "+".join(domains[i] for i in subset) for subset in subsets), weights)


def by_size(label: str, sizes: FloatArray, power: float) -> Design:
    """Weights in proportion to the sizes of the datasets, to a power: one mixture.

    Args:
        label: of the mixture.
        sizes: numbers of examples (m,).
        power: 1 shuffles all data together; 0.5 gives small datasets more.

    Returns:
        The design.
    """
    shares = sizes**power
    return Design((label,), (shares / shares.sum())[None])

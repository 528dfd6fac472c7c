"""Initial design of Bayesian search: uniform weights, and then equal mixtures of half of the domains.

With many domains a run near uniform weights says little about any of them, and a run on one domain says little about
the others. So each initial mixture is an equal mixture of half of the domains: of many random halves, the one at which
a linear trend that is learnt from the mixtures before is least certain (greedy D-optimality). No two domains stay
together for long.
"""

from collections.abc import Iterator
from itertools import islice

import numpy as np

from mixopt.acquisition.exclusion import Exclusion, nearest_allowed
from mixopt.models.gp_coordinates import standardised
from mixopt.typing import FloatArray

HALVES = 400  # random halves that are considered for each mixture
NOISE = 0.1  # variance of a run's noise, in units of the prior variance of a slope
TRIES = 20  # initial mixtures that are considered to find one that is new


def initial_size(m: int) -> int:
    """How many mixtures of m domains are tried before a model is asked."""
    return round(2 + m / 2)


def initial_mixture(exclusion: Exclusion, rank: int, seed: int) -> FloatArray:
    """Propose an initial mixture.

    Args:
        exclusion: the space, and what must not be proposed.
        rank: number of the mixture in the design, from 0 on.
        seed: of the design.

    Returns:
        The mixture (m,), or the next of the design that is not excluded. Halves are smaller where a mixture may not
        use so many domains.
    """
    space = exclusion.space
    size = max(1, min(space.m // 2, space.most_used))
    for mixture in islice(_halves(space.m, size, np.random.default_rng(seed)), rank, rank + TRIES):
        start = nearest_allowed(space, mixture, exclusion.tried)
        if exclusion.allows(start[None])[0]:
            return start
    drawn = space.sample(TRIES, np.random.default_rng([seed, rank, len(exclusion.failed)]))
    return nearest_allowed(space, exclusion.allowed(drawn)[0], exclusion.tried)


def _halves(m: int, size: int, rng: np.random.Generator) -> Iterator[FloatArray]:
    """Uniform weights, and then equal mixtures (m,) of `size` domains, without end."""
    yield np.full(m, 1 / m)
    halves = (rng.permuted(np.tile(np.arange(m), (HALVES, 1)), axis=1) < size).astype(float)
    halves /= halves.sum(axis=1, keepdims=True)
    z, covariance = standardised(halves), np.eye(m)  # of the slopes
    while True:
        chosen = int(np.einsum("ni,ij,nj->n", z, covariance, z).argmax())
        yield halves[chosen]
        along = covariance @ z[chosen]
        covariance -= np.outer(along, along) / (z[chosen] @ along + NOISE)

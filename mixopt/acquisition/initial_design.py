"""Where a search without any runs begins: uniform, and then halves of the domains.

At many domains a run near uniform says little about any of them, and a run on one domain little about the others. So
each start mixture is an equal mixture of half of the domains, of many random halves the one about which a linear trend,
learnt from those before it, is least sure (greedy D-optimality); no two domains stay together for long.
"""

from collections.abc import Iterator
from itertools import islice

import numpy as np

from mixopt.acquisition.exclusion import Exclusion, nearest_allowed
from mixopt.models.gp_prior import standardised
from mixopt.typing import FloatArray

HALVES = 400  # that are looked at for each mixture
NOISE = 0.1  # variance of a run's noise, in units of the prior variance of a slope
TRIES = 20  # start mixtures that are looked at for one that is new


def start_size(m: int) -> int:
    """How many mixtures are tried before a surrogate is asked."""
    return round(2 + m / 2)


def start_mixture(barred: Exclusion, rank: int, seed: int) -> FloatArray:
    """The start mixture (m,) of number `rank`, or the next one that is not barred."""
    space = barred.space
    for mixture in islice(_halves(space.m, np.random.default_rng(seed)), rank, rank + TRIES):
        start = nearest_allowed(space, mixture, barred.tried)
        if barred.allows(start[None])[0]:
            return start
    drawn = space.sample(TRIES, np.random.default_rng([seed, rank, len(barred.failed)]))
    return nearest_allowed(space, barred.allowed(drawn)[0], barred.tried)


def _halves(m: int, rng: np.random.Generator) -> Iterator[FloatArray]:
    """Uniform, and then equal mixtures (m,) of half of the domains, without end."""
    yield np.full(m, 1 / m)
    halves = (rng.permuted(np.tile(np.arange(m), (HALVES, 1)), axis=1) < max(1, m // 2)).astype(float)
    halves /= halves.sum(axis=1, keepdims=True)
    z, covariance = standardised(halves), np.eye(m)  # of the slopes
    while True:
        chosen = int(np.einsum("ni,ij,nj->n", z, covariance, z).argmax())
        yield halves[chosen]
        along = covariance @ z[chosen]
        covariance -= np.outer(along, along) / (z[chosen] @ along + NOISE)

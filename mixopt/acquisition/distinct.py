"""Distinct proposals: the best mixtures of a ranking that are far enough from each other and from tried ones."""

import numpy as np

from mixopt.errors import StrategyError
from mixopt.typing import FloatArray

LEAST = 1e-6  # L1 distance below which two mixtures are the same


def distinct(ranked: FloatArray, count: int, taken: FloatArray, min_distance: float = 0.05) -> FloatArray:
    """Take the first mixtures of a ranking that are far from each other and from those taken.

    Where too few are at least `min_distance` apart, the missing ones are taken with the distance halved, and halved
    again.

    Args:
        ranked: candidates (n, m), best first.
        count: how many mixtures to return.
        taken: mixtures (t, m) that must not be repeated, such as the observed ones; t may be 0.
        min_distance: L1 distance between two mixtures.

    Returns:
        Mixtures (count, m).

    Raises:
        StrategyError: fewer than `count` candidates differ at all.
    """
    clearance = np.full(len(ranked), np.inf)  # (n,) L1 distance of each candidate to what is taken
    for mixture in taken:
        clearance = np.minimum(clearance, np.abs(ranked - mixture).sum(axis=1))
    chosen: list[int] = []
    while len(chosen) < count:
        far = np.flatnonzero(clearance >= min_distance)
        if len(far):
            chosen.append(int(far[0]))
            clearance = np.minimum(clearance, np.abs(ranked - ranked[far[0]]).sum(axis=1))
        elif min_distance > LEAST:
            min_distance /= 2
        else:
            raise StrategyError(
                f"only {len(chosen)} of {count} proposals differ from each other and from what was "
                "tried: ask for fewer, or widen the bounds"
            )
    return ranked[chosen]

"""No proposal is repeated: going down a ranking and taking only mixtures that are apart."""

import numpy as np

from mixopt.errors import StrategyError
from mixopt.typing import FloatArray

LEAST = 1e-6  # L1 distance below which two mixtures are the same


def distinct(ranked: FloatArray, count: int, taken: FloatArray, min_distance: float = 0.05) -> FloatArray:
    """The first `count` mixtures of a ranking that are apart from each other and from those taken.

    Apart means an L1 distance of at least `min_distance`; where too few are, what is missing is filled with
    the distance halved, and halved again.

    Args:
        ranked: (n, m) candidates, best first.
        taken: (t, m) mixtures that must not be repeated (observed ones); t may be 0.

    Returns: (count, m).
    Raises StrategyError where fewer than `count` candidates differ at all.
    """
    clearance = np.full(len(ranked), np.inf)  # (n,) L1 distance of each candidate to what is taken
    for mixture in taken:
        clearance = np.minimum(clearance, np.abs(ranked - mixture).sum(axis=1))
    chosen: list[int] = []
    while len(chosen) < count:
        apart = np.flatnonzero(clearance >= min_distance)
        if len(apart):
            chosen.append(int(apart[0]))
            clearance = np.minimum(clearance, np.abs(ranked - ranked[apart[0]]).sum(axis=1))
        elif min_distance > LEAST:
            min_distance /= 2
        else:
            raise StrategyError(
                f"only {len(chosen)} of {count} proposals differ from each other and from what was "
                "tried: ask for fewer, or widen the bounds"
            )
    return ranked[chosen]

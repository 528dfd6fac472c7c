"""Where a proposal comes to lie: on the space, and never on a mixture that has been tried."""

import numpy as np
from scipy.spatial.distance import cdist

from mixopt.arrays import BoolArray, FloatArray
from mixopt.search.distinct import LEAST
from mixopt.space import MixtureSpace


def apart(mixtures: FloatArray, tried: FloatArray, least: float = LEAST) -> BoolArray:
    """Which of the mixtures (k, m) are farther than `least` (L1) from all that were tried (t, m), (k,)."""
    return cdist(mixtures, tried, "cityblock").min(axis=1, initial=np.inf) > least


def untried(mixtures: FloatArray, tried: FloatArray, least: float = LEAST) -> FloatArray:
    """The mixtures that are apart from those tried; all of them if none is."""
    new = apart(mixtures, tried, least)
    return mixtures[new] if new.any() else mixtures


def landed(space: MixtureSpace, weights: FloatArray, tried: FloatArray) -> FloatArray:
    """The nearest feasible mixture to weights (m,); in a finite space the nearest that is not among those tried."""
    if space.candidates is None:
        return space.project(weights)
    free = untried(space.candidates, tried)
    return free[int(((free - weights) ** 2).sum(axis=1).argmin())]

"""Where a proposal comes to lie: on the space, and neither on a mixture that was tried nor where trials fail."""

from dataclasses import dataclass

import numpy as np
import scipy

from mixopt.acquisition.distinct import LEAST
from mixopt.history.history import ATTEMPTS
from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import BoolArray, FloatArray

CLOSE = 0.01  # L1 distance below which a mixture is as good as tried
FAILING = 0.2  # L1 distance within which trials are taken to fail for the same reason


def apart(mixtures: FloatArray, tried: FloatArray, least: float = LEAST) -> BoolArray:
    """Which of the mixtures (k, m) are farther than `least` (L1) from all that were tried (t, m), (k,)."""
    return scipy.spatial.distance.cdist(mixtures, tried, "cityblock").min(axis=1, initial=np.inf) > least


def untried(mixtures: FloatArray, tried: FloatArray) -> FloatArray:
    """The mixtures that are apart from those tried; all of them if none is."""
    new = apart(mixtures, tried)
    return mixtures[new] if new.any() else mixtures


@dataclass(frozen=True, eq=False)
class Exclusion:
    """What must not be proposed: mixtures as good as tried (t, m), and where trials have failed (f, m) repeatedly.

    In a finite space only the very same mixtures are barred.
    """

    space: MixtureSpace
    tried: FloatArray
    failed: FloatArray

    def allows(self, mixtures: FloatArray) -> BoolArray:
        """Which of the mixtures (k, m) may be proposed, (k,)."""
        finite = self.space.candidates is not None
        distances = scipy.spatial.distance.cdist(mixtures, self.failed, "cityblock")
        failures = (distances <= (LEAST if finite else FAILING)).sum(axis=1)
        return apart(mixtures, self.tried, LEAST if finite else CLOSE) & (failures < ATTEMPTS)

    def allowed(self, mixtures: FloatArray) -> FloatArray:
        """Those that may be proposed; all of them if none may."""
        new = self.allows(mixtures)
        return mixtures[new] if new.any() else mixtures


def nearest_allowed(space: MixtureSpace, weights: FloatArray, tried: FloatArray) -> FloatArray:
    """The nearest feasible mixture to weights (m,); in a finite space the nearest that is not among those tried."""
    if space.candidates is None:
        return space.project(weights)
    free = untried(space.candidates, tried)
    return free[int(((free - weights) ** 2).sum(axis=1).argmin())]

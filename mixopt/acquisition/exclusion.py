"""Exclusion of mixtures from proposals: those that were tried, and those near which trials keep failing."""

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
    """Whether each of the mixtures (k, m) is farther than `least` (L1) from all of those tried (t, m), (k,)."""
    return scipy.spatial.distance.cdist(mixtures, tried, "cityblock").min(axis=1, initial=np.inf) > least


def untried(mixtures: FloatArray, tried: FloatArray) -> FloatArray:
    """The mixtures of (k, m) that differ from those tried (t, m); all of them where none does."""
    new = apart(mixtures, tried)
    return mixtures[new] if new.any() else mixtures


@dataclass(frozen=True, eq=False)
class Exclusion:
    """What must not be proposed. In a finite space only exactly the same mixtures are excluded.

    Attributes:
        space: the mixtures that are allowed.
        tried: mixtures (t, m); those closer than CLOSE are excluded too.
        failed: mixtures (f, m) of failed trials; near ATTEMPTS of them nothing is proposed.
    """

    space: MixtureSpace
    tried: FloatArray
    failed: FloatArray

    def allows(self, mixtures: FloatArray) -> BoolArray:
        """Whether each of the mixtures (k, m) may be proposed, (k,)."""
        finite = self.space.candidates is not None
        distances = scipy.spatial.distance.cdist(mixtures, self.failed, "cityblock")
        failures = (distances <= (LEAST if finite else FAILING)).sum(axis=1)
        return apart(mixtures, self.tried, LEAST if finite else CLOSE) & (failures < ATTEMPTS)

    def allowed(self, mixtures: FloatArray) -> FloatArray:
        """The mixtures of (k, m) that may be proposed; all of them where none may."""
        new = self.allows(mixtures)
        return mixtures[new] if new.any() else mixtures


def nearest_allowed(space: MixtureSpace, weights: FloatArray, tried: FloatArray) -> FloatArray:
    """Find the nearest feasible mixture.

    Args:
        space: the mixtures that are allowed.
        weights: (m,).
        tried: mixtures (t, m), which are left out in a finite space as long as others remain.

    Returns:
        The mixture (m,).
    """
    if space.candidates is None:
        return space.project(weights)
    free = untried(space.candidates, tried)
    return free[int(((free - weights) ** 2).sum(axis=1).argmin())]

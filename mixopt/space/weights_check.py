"""Check of weights that people type or files hold: are they a mixture of a space?"""

import math
from collections.abc import Mapping
from numbers import Real
from typing import TYPE_CHECKING

import numpy as np

from mixopt.errors import WeightsError, did_you_mean
from mixopt.typing import FloatArray

if TYPE_CHECKING:
    from mixopt.space.mixture_space import MixtureSpace

SUM_TOLERANCE = 1e-6  # for weights that people type or files round


def checked_weights(space: "MixtureSpace", weights: Mapping[str, float]) -> FloatArray:
    """Return `{domain: weight}` as an array (m,), after checking it; raises WeightsError as `MixtureSpace.as_array`."""
    for name in weights:
        if name not in space.domains:
            domains = ", ".join(space.domains) + did_you_mean(name, space.domains)
            raise WeightsError(f"unknown domain {name!r:.80}: the domains are {domains}")
    for name, low, high in zip(space.domains, space.lower, space.upper):
        if name not in weights:
            raise WeightsError(f"domain {name!r} has no weight: give one, 0 to leave it out")
        if not isinstance(weights[name], Real) or not math.isfinite(weights[name]):
            raise WeightsError(f"domain {name!r} has weight {weights[name]!r:.60}: give a finite number")
        if not low - SUM_TOLERANCE <= weights[name] <= high + SUM_TOLERANCE:
            raise WeightsError(
                f"domain {name!r} has weight {weights[name]:g} outside its bounds [{low:g}, {high:g}]: "
                "move it inside or widen the bounds"
            )
    array = np.array([float(weights[name]) for name in space.domains])
    if abs(array.sum() - 1) > SUM_TOLERANCE:
        raise WeightsError(f"the weights of {', '.join(space.domains)} sum to {array.sum():g}: make them sum to 1")
    for constraint, row, most in zip(space.constraints, *space.inequalities):
        if row @ array > most + SUM_TOLERANCE:
            raise WeightsError(f"the weights break the constraint {constraint!r}: move them inside or loosen it")
    _check_use(space, array)
    if space.candidates is not None and not space.contains(array, SUM_TOLERANCE):
        raise WeightsError("the weights are not one of the space's candidates: choose one of its `candidates`")
    return array


def _check_use(space: "MixtureSpace", weights: FloatArray) -> None:
    """Raise WeightsError where weights (m,) use too many domains, or one with too small a share."""
    used = np.flatnonzero(weights > SUM_TOLERANCE)
    if len(used) > space.at_most:
        names = ", ".join(space.domains[i] for i in used)
        raise WeightsError(f"the weights use {len(used)} domains ({names}), above at_most {space.at_most}: drop some")
    for i in used:
        if weights[i] < space.least_share - SUM_TOLERANCE:
            raise WeightsError(
                f"domain {space.domains[i]!r} has weight {weights[i]:g} below the least_share {space.least_share:g}: "
                "give it more, or 0"
            )

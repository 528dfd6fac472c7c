"""Search for the best predicted mixture among those that meet the floors of their tests."""

import numpy as np

from mixopt.acquisition.candidates import global_candidates
from mixopt.acquisition.feasibility import MET, Feasibility
from mixopt.acquisition.knowledge_gradient import KEPT, climb, maximize_mean
from mixopt.models.posterior import Posterior
from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray

BLOCK = 100  # mixtures whose probabilities are computed at once


def maximize_constrained_mean(
    space: MixtureSpace, posterior: Posterior, feasibility: Feasibility, rng: np.random.Generator
) -> FloatArray:
    """Find mixtures of large posterior mean that meet the floors with probability MET.

    Where none does, it finds those that meet them most probably.

    Args:
        space: the mixtures that are allowed.
        posterior: the fitted model.
        feasibility: the floors.
        rng: the only source of randomness.

    Returns:
        Mixtures (k, m), best first: all of a finite space, else KEPT that a search found.
    """
    if space.candidates is not None:
        means = posterior.mean(space.candidates)
        return space.candidates[feasibility.best_first(means, space.candidates)]
    points = np.vstack([global_candidates(space, rng), space.project(posterior.weights)])
    return climb(space, points, lambda found: _best(posterior, feasibility, found), rng)


def _best(posterior: Posterior, feasibility: Feasibility, points: FloatArray) -> FloatArray:
    """The KEPT best of points (k, m), best first, as `best_first` ranks them; it asks for few probabilities."""
    means = posterior.mean(points)
    order, found = np.argsort(-means, kind="stable"), np.empty(0, dtype=int)
    for start in range(0, len(order), BLOCK):
        block = order[start : start + BLOCK]
        found = np.concatenate([found, block[feasibility(points[block]) >= MET]])
        if len(found) >= KEPT:
            return points[found[:KEPT]]
    return points[feasibility.best_first(means, points)[:KEPT]]


def maximize(
    space: MixtureSpace, posterior: Posterior, feasibility: Feasibility | None, rng: np.random.Generator
) -> FloatArray:
    """Find mixtures of large posterior mean, best first, within the floors if there are any."""
    if feasibility is None:
        return maximize_mean(space, posterior, rng)
    return maximize_constrained_mean(space, posterior, feasibility, rng)

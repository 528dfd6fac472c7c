"""Search for the predicted Pareto front: mixtures whose posterior means no other mixture dominates."""

from collections.abc import Sequence

import numpy as np

from mixopt.acquisition.candidates import global_candidates, local_candidates
from mixopt.acquisition.feasibility import MET, Feasibility
from mixopt.acquisition.scalarisation import draw_trade_off, scalarise
from mixopt.inference.dominance import undominated
from mixopt.models.gp import FittedGP
from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray

SHOWN = 10  # mixtures of the predicted front, at most
TRADE_OFFS = 40  # draws of the trade-off with which the front is searched
ROUNDS = 3


def predicted_front(
    space: MixtureSpace,
    models: Sequence[FittedGP],
    rng: np.random.Generator,
    feasibility: Feasibility | None = None,
) -> FloatArray:
    """Find mixtures along the front of the posterior means, far apart in their scores.

    They are searched all over the space, and then near the best by many trade-offs.

    Args:
        space: the mixtures that are allowed.
        models: one for each objective (k).
        rng: the only source of randomness.
        feasibility: the floors; mixtures that are not likely to meet them are left out, unless all are.

    Returns:
        Mixtures (p, m), at most SHOWN.
    """
    k = len(models)
    trade_offs = np.unique([*np.eye(k), *(draw_trade_off(k, rng) for _ in range(TRADE_OFFS))], axis=0)
    if space.candidates is not None:
        points = space.candidates
    else:
        points = global_candidates(space, rng)
        for _ in range(ROUNDS):
            points = within_floors(points, feasibility)
            means = posterior_means(models, points)
            best = np.unique([scalarise(means, trade_off).argmax() for trade_off in trade_offs])
            points = np.vstack([points, local_candidates(space, points[best], rng, each=60)])
    points = within_floors(points, feasibility)
    means = posterior_means(models, points)
    points, means = points[undominated(means)], means[undominated(means)]
    return points[_farthest_apart(means, SHOWN)]


def within_floors(points: FloatArray, feasibility: Feasibility | None) -> FloatArray:
    """The mixtures of points (n, m) that are likely to meet the floors; where none is, the likeliest."""
    if feasibility is None:
        return points
    meets = feasibility(points)
    return points[meets >= min(MET, meets.max())]


def _farthest_apart(values: FloatArray, count: int) -> list[int]:
    """At most `count` rows of values (n, k): the best of each objective, then always the one farthest from those.

    Distances are in units of each objective's range.
    """
    scaled = values / np.where(np.ptp(values, axis=0) > 0, np.ptp(values, axis=0), 1.0)
    chosen = list(dict.fromkeys(int(row) for row in values.argmax(axis=0)))
    while len(chosen) < min(count, len(values)):
        distance = np.linalg.norm(scaled[:, None] - scaled[chosen], axis=2).min(axis=1)
        if distance.max() <= 0:
            break
        chosen.append(int(distance.argmax()))
    return chosen


def posterior_means(models: Sequence[FittedGP], weights: FloatArray) -> FloatArray:
    """Posterior means (n, k) at weights (n, m)."""
    return np.column_stack([model.mean(weights) for model in models])

"""Credible set: the mixtures that may be the best one, by draws from the posterior."""

from dataclasses import dataclass

import numpy as np

from mixopt.acquisition.candidates import global_candidates, local_candidates
from mixopt.acquisition.feasibility import Feasibility
from mixopt.inference.intervals import INTERVAL
from mixopt.models.posterior import Posterior, joint_draws
from mixopt.space.mixture_space import MixtureSpace
from mixopt.space.region import distinct_rows
from mixopt.typing import FloatArray

DRAWS = 2000
SELDOM = 0.05  # probability of meeting the floors below which a mixture is not considered
CONSIDERED = 600  # mixtures: those with the highest chance of being the best


@dataclass(frozen=True, eq=False)
class CredibleSet:
    """The mixtures that hold the best one with probability .9.

    Attributes:
        weights: (k, m), likeliest first.
        probabilities: (k,) of being the best of all mixtures that were considered.
        ranges: domain -> (least, most) weight in the set.
    """

    weights: FloatArray
    probabilities: FloatArray
    ranges: dict[str, tuple[float, float]]


def credible_set(
    space: MixtureSpace,
    posterior: Posterior,
    best: FloatArray,
    widen: float,
    rng: np.random.Generator,
    feasibility: Feasibility | None = None,
) -> CredibleSet:
    """Draw the score at mixtures all over the space and near the best, and count how often each is the best.

    Args:
        space: the mixtures that are allowed.
        posterior: the fitted model.
        best: mixtures (k, m) of large posterior mean, best first.
        widen: factor on standard deviations.
        rng: the only source of randomness.
        feasibility: the floors; in each draw only mixtures that meet them, in a draw of theirs, may be the best.

    Returns:
        The smallest set of mixtures that holds the best one with probability .9.
    """
    if space.candidates is None:
        trained = posterior.weights[space.contains(posterior.weights)]
        near = local_candidates(space, best[:1], rng)
        mixtures = np.vstack([best, near, global_candidates(space, rng), trained])
    else:
        mixtures = space.candidates
    mixtures = distinct_rows(mixtures)
    if feasibility:
        meets = feasibility(mixtures)
        mixtures = mixtures[meets >= min(SELDOM, meets.max())]
    mean, sd = posterior.predict(mixtures)
    mixtures = mixtures[np.argsort(-(mean + 3 * widen * sd), kind="stable")[:CONSIDERED]]
    scores = joint_draws(posterior, mixtures, DRAWS, widen, rng)
    if feasibility:
        allowed = feasibility.draws(mixtures, DRAWS, rng)
        possible = allowed.any(axis=1)
        scores = np.where(allowed, scores, -np.inf)[possible] if possible.any() else scores
    winners = scores.argmax(axis=1)
    probabilities = np.bincount(winners, minlength=len(mixtures)) / len(winners)
    order = np.argsort(-probabilities, kind="stable")
    size = int(np.searchsorted(probabilities[order].cumsum(), INTERVAL)) + 1
    held = mixtures[order[:size]]
    ranges = {name: (float(w.min()), float(w.max())) for name, w in zip(space.domains, held.T)}
    return CredibleSet(held, probabilities[order[:size]], ranges)

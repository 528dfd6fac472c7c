"""Stopping rule: the chance that one more run finds a better mixture than the recommended one.

    chance = max over mixtures x of P(f(x) > f(x*) + gain)

under the posterior of the recommendation, with x* the optimum of its mean, and its standard deviations widened as those
of the recommendation are. It is the chance of the single mixture that is most likely to be better, not the chance that
any mixture is better: a study that stops may have missed something that no single run was likely to find.
"""

import numpy as np
from scipy.special import ndtr

from mixopt.acquisition.candidates import global_candidates, local_candidates
from mixopt.acquisition.constrained import maximize
from mixopt.acquisition.feasibility import Feasibility
from mixopt.inference.intervals import widening
from mixopt.models.posterior import Posterior
from mixopt.space.mixture_space import MixtureSpace


def improvement_chance(
    space: MixtureSpace, posterior: Posterior, gain: float, seed: int = 0, feasibility: Feasibility | None = None
) -> float:
    """Compute the chance that one more run finds a mixture whose noise-free score is better by more than `gain`.

    Args:
        space: the mixtures that are allowed.
        posterior: fitted on the finished runs.
        gain: in the units of the runs' values, above 0. With 0 it would be useless: a neighbour of the optimum is
            better by a tiny amount with chance .5.
        seed: of the mixtures that are considered, about a thousand; all of a finite space.
        feasibility: the floors; the chance of each mixture is multiplied by that of meeting them.

    Returns:
        The chance, in [0, 1].
    """
    rng = np.random.default_rng(seed)
    best = maximize(space, posterior, feasibility, rng)
    if space.candidates is None:
        mixtures = np.vstack([global_candidates(space, rng), best, local_candidates(space, best[:1], rng)])
    else:
        mixtures = space.candidates
    joint = posterior.joint_prediction(mixtures, best[:1])
    variance = joint.variance + joint.target_variance - 2 * joint.covariance[:, 0]
    sd = widening(len(posterior.weights)) * np.sqrt(variance.clip(0))
    lead = joint.mean - joint.target_mean[0] - gain
    unsure = sd > 1e-9 * np.ptp(joint.mean)  # all but the recommended mixture itself
    chances = ndtr(lead[unsure] / sd[unsure])
    if feasibility:
        chances = chances * feasibility(mixtures[unsure])
    return float(chances.max(initial=0.0))

"""When to stop: the chance that one more run finds a better mixture than the recommended one.

    chance = max over mixtures x of P(f(x) > f(x*) + gain)

under the posterior of the recommendation, x* the optimum of its mean, its standard deviations widened as those of the
recommendation are. It is the chance for the one mixture that is likeliest to be better, and not that any is: a study
that stops may still have left something better behind, which no single run was likely to find.
"""

import numpy as np
from scipy.special import ndtr

from mixopt.acquisition.candidates import nearby, spread
from mixopt.acquisition.knowledge_gradient import climb
from mixopt.inference.recommendation import widening
from mixopt.models.posterior import Posterior
from mixopt.space.mixture_space import MixtureSpace


def improvement_chance(space: MixtureSpace, posterior: Posterior, gain: float, seed: int = 0) -> float:
    """The chance in [0, 1] that one more run finds a mixture whose noise-free score is better by more than `gain`.

    Args:
        posterior: fitted on the finished runs.
        gain: in the units of the runs' values, above 0: a neighbour of the optimum is better by a hair with chance
            .5.
        seed: of the mixtures that are looked at, about a thousand; all of a finite space.
    """
    rng = np.random.default_rng(seed)
    best = climb(space, posterior, rng)
    if space.candidates is None:
        looked_at = np.vstack([spread(space, rng), best, nearby(space, best[:1], rng)])
    else:
        looked_at = space.candidates
    joint, top = (
        posterior.joint_prediction(looked_at, best[:1]),
        posterior.joint_prediction(best[:1], best[:1]),
    )
    variance = joint.variance + top.variance - 2 * joint.covariance[:, 0]
    sd = widening(len(posterior.weights)) * np.sqrt(variance.clip(0))
    lead = joint.mean - joint.target_mean[0] - gain
    unsure = sd > 1e-9 * np.ptp(joint.mean)  # the recommended mixture itself is not
    return float(ndtr(lead[unsure] / sd[unsure]).max(initial=0.0))

"""Knowledge gradient per cost: which mixture to train on next, and at which evaluation step its run ends.

A run that ends early costs less and tells less. For each step the mixture with the largest knowledge gradient is found
as if every run ended there (knowledge_gradient.py), and the step with the largest gain per cost wins. Every third trial
is the expected best itself, in a whole run, so the search always measures to the end what it recommends.
"""

import numpy as np

from mixopt.acquisition.constrained import maximize
from mixopt.acquisition.exclusion import Exclusion
from mixopt.acquisition.feasibility import Feasibility
from mixopt.acquisition.knowledge_gradient import EXPLOIT_EVERY, maximize_knowledge_gradient, next_mixture
from mixopt.models.multi_step_posterior import FittedMultiStepGP
from mixopt.models.pull import PulledPosterior
from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray


def next_run(
    space: MixtureSpace,
    model: FittedMultiStepGP | PulledPosterior,
    costs: FloatArray,
    rng: np.random.Generator,
    number: int,
    failed: FloatArray | None = None,
    feasibility: Feasibility | None = None,
) -> tuple[FloatArray, int]:
    """Propose the mixture to train on next, and the step at which its run ends.

    Args:
        space: the mixtures that are allowed.
        model: conditioned on the trials that are running.
        costs: (T,) of a run until each step, rising, in any unit.
        rng: the only source of randomness.
        number: of the trial, from 0 on.
        failed: mixtures (f, m) of failed trials; where they fail repeatedly nothing is proposed.
        feasibility: the floors of single tests at the end of a run, if there are any.

    Returns:
        The mixture (m,), and the number of the step, from 0 on.
    """
    last, nothing = len(costs) - 1, np.empty((0, space.m))
    if number % EXPLOIT_EVERY == EXPLOIT_EVERY - 1:
        best = maximize(space, model, feasibility, rng) if feasibility else None
        return next_mixture(space, model.until(last), nothing, rng, number, failed, feasibility, best), last
    best, found, seed = maximize(space, model, feasibility, rng), [], int(rng.integers(2**63))
    for reach in range(model.levels[0].step, last + 1):
        short = model.until(reach)
        exclusion = Exclusion(space, short.weights, nothing if failed is None else failed)
        draws = np.random.default_rng(seed)
        mixture, gain = maximize_knowledge_gradient(space, short, exclusion, best, draws, feasibility)
        found.append((gain / costs[reach], reach, mixture))
    _, reach, mixture = max(found, key=lambda entry: entry[:2])
    return mixture, reach

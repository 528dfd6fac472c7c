"""Where to train next and for how long: the knowledge gradient per cost, over mixtures and evaluation steps.

A run that ends early costs less and tells less. For each step the most telling mixture is found as if every run ended
there (knowledge_gradient.py); the step with the most gain per cost wins. Every third trial is the expected best itself,
and that run is whole, so the search always finishes what it promises.
"""

import numpy as np

from mixopt.acquisition.exclusion import Exclusion
from mixopt.acquisition.knowledge_gradient import EXPLOIT_EVERY, climb, most_telling, next_mixture
from mixopt.models.multi_step_gp import MultiStepGP
from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray


def next_run(
    space: MixtureSpace,
    surrogate: MultiStepGP,
    costs: FloatArray,
    rng: np.random.Generator,
    number: int,
    failed: FloatArray | None = None,
) -> tuple[FloatArray, int]:
    """The mixture (m,) to train on as trial `number`, and the step (0 is the first) at which that run ends.

    Args:
        surrogate: believing in the trials that are running.
        costs: (T,) of a run until each step, rising, in any unit.
        rng: the only source of randomness.
        failed: (f, m) mixtures of failed trials; where they fail repeatedly nothing is proposed.
    """
    last, nothing = len(costs) - 1, np.empty((0, space.m))
    if number % EXPLOIT_EVERY == EXPLOIT_EVERY - 1:
        return next_mixture(space, surrogate.until(last), nothing, rng, number, failed), last
    best, found, seed = climb(space, surrogate, rng), [], int(rng.integers(2**63))
    for reach in range(surrogate.levels[0].step, last + 1):
        short = surrogate.until(reach)
        barred = Exclusion(space, short.weights, nothing if failed is None else failed)
        mixture, gain = most_telling(space, short, barred, best, np.random.default_rng(seed))
        found.append((gain / costs[reach], reach, mixture))
    _, reach, mixture = max(found, key=lambda entry: entry[:2])
    return mixture, reach

"""Where to train next and for how long: the knowledge gradient per cost, over mixtures and evaluation steps.

A run that ends early costs less and tells less. For each step the most telling mixture is found as if every run ended
there (search/bayesian.py); the step with the most gain per cost wins. Every third trial is the expected best itself,
and that run is whole, so the search always finishes what it promises.
"""

import numpy as np
import scipy

from mixopt.arrays import FloatArray, IntArray
from mixopt.search.bayesian import EXPLOIT_EVERY, climb, most_telling, next_mixture
from mixopt.search.landing import Barred
from mixopt.space import MixtureSpace
from mixopt.surrogates.staged import StagedSurrogate

LEAST_TIMED = 3  # runs from which on a cost is fitted


def next_run(
    space: MixtureSpace,
    surrogate: StagedSurrogate,
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
        barred = Barred(space, short.weights, nothing if failed is None else failed)
        mixture, gain = most_telling(space, short, barred, best, np.random.default_rng(seed))
        found.append((gain / costs[reach], reach, mixture))
    _, reach, mixture = max(found, key=lambda entry: entry[:2])
    return mixture, reach


def run_costs(steps: IntArray, timed_steps: FloatArray, seconds: FloatArray) -> FloatArray:
    """What a run until each of steps (T,) costs, (T,).

    Seconds, start-up and a part for each training step, by least squares without negative parts over the runs whose
    steps (n,) and seconds (n,) are known; the steps themselves where these are fewer than 3 or all of one length, which
    does not tell the two parts apart.
    """
    if len(seconds) < LEAST_TIMED or np.ptp(timed_steps) == 0:
        return np.asarray(steps, dtype=float)
    (start, each), _ = scipy.optimize.nnls(np.column_stack([np.ones(len(seconds)), timed_steps]), seconds)
    return np.asarray(start + each * steps) if each > 0 else np.asarray(steps, dtype=float)

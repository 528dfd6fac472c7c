"""Where the evidence surrogate says to train next: the knowledge gradient, and now and then the expected best.

The knowledge gradient of a mixture is how much the largest posterior mean is expected to rise by one noisy run
there (Frazier, Powell and Dayanik 2009); unlike expected improvement it asks what the run teaches about all other
mixtures. Where it comes to rest it forgets to look at the expected best itself, so every third proposal is that.
"""

import numpy as np

from mixopt.acquisition.candidates import nearby, spread
from mixopt.acquisition.exclusion import Exclusion
from mixopt.models.posterior import Posterior
from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray, IntArray

EXPLOIT_EVERY = 3
NO_GAIN = 1e-12  # of the range of the means: rounding
STEPS = (1.0, 1.0, 1.0, 0.3, 0.1, 0.03)  # of the climb, coarse to fine
LEAST_TARGETS, MOST_TARGETS = 150, 500
NODES = np.linspace(-4, 4, 17)  # of Z; a uniform grid sees the kinks in the tails, where small gains come from
NODE_WEIGHTS = np.exp(-(NODES**2) / 2) / np.exp(-(NODES**2) / 2).sum()


def next_mixture(
    space: MixtureSpace,
    surrogate: Posterior,
    pending: FloatArray,
    rng: np.random.Generator,
    number: int,
    failed: FloatArray | None = None,
) -> FloatArray:
    """The mixture (m,) to train on as trial `number`.

    Args:
        surrogate: fitted on the finished trials.
        pending: (p, m) mixtures of running trials, which count as if they had come out as expected; p may be 0.
        rng: the only source of randomness.
        failed: (f, m) mixtures of failed trials; where they fail repeatedly nothing is proposed.
    """
    barred = Exclusion(space, np.vstack([surrogate.weights, pending]), pending[:0] if failed is None else failed)
    best = climb(space, surrogate, rng)
    new = best[barred.allows(best)]
    if number % EXPLOIT_EVERY == EXPLOIT_EVERY - 1 and len(new):
        return new[0]
    return most_telling(space, surrogate.conditioned_on(pending), barred, best, rng)[0]


def most_telling(
    space: MixtureSpace, surrogate: Posterior, barred: Exclusion, best: FloatArray, rng: np.random.Generator
) -> tuple[FloatArray, float]:
    """The mixture (m,) of the largest knowledge gradient that is not barred, and its gain.

    Where all of a finite space is barred, it is the best of all; as it is where no run would teach anything.

    Args:
        surrogate: believing in the trials that are running.
        best: (k, m) what `climb` found.
    """
    candidates = _all_over(space, surrogate, best, rng)
    targets = candidates[_largest(surrogate.mean(candidates), target_count(space.m))]
    candidates = barred.allowed(candidates)
    gain = knowledge_gradient(surrogate, candidates, targets)
    if space.candidates is None:
        finalists = candidates[_largest(gain, 2)]
        candidates = np.vstack([finalists, barred.allowed(nearby(space, finalists, rng))])
        gain = knowledge_gradient(surrogate, candidates, targets)
    mean = surrogate.mean(candidates)
    chosen = int((gain if gain.max() > NO_GAIN * np.ptp(mean) else mean).argmax())
    return candidates[chosen], float(gain[chosen])


def target_count(m: int) -> int:
    """How many mixtures of largest mean stand for all that may be the best after the run.

    At 17 domains 150 are too few (on 28 problems kept for tuning, 500 lowered the regret after 20 / 40 / 80 runs by
    .035 / .014 / .019, with standard errors of .014); at 8 to 10 domains 240 and more were no better.
    """
    return round(min(max(1.75 * m**2, LEAST_TARGETS), MOST_TARGETS))


def _all_over(space: MixtureSpace, surrogate: Posterior, best: FloatArray, rng: np.random.Generator) -> FloatArray:
    """The mixtures (k, m) that are looked at: all of a finite space, else many, more of them round the best."""
    if space.candidates is not None:
        return space.candidates
    runs = surrogate.weights[_largest(surrogate.mean(surrogate.weights), 2)]
    around = np.vstack([best[:1], space.project(runs)])
    return np.vstack([spread(space, rng), best, around, nearby(space, around, rng, each=160)])


def climb(space: MixtureSpace, surrogate: Posterior, rng: np.random.Generator) -> FloatArray:
    """Mixtures (k, m) of large posterior mean, best first: all of a finite space, else those that a search found."""
    if space.candidates is not None:
        return space.candidates[np.argsort(-surrogate.mean(space.candidates), kind="stable")]
    runs = space.project(surrogate.weights[_largest(surrogate.mean(surrogate.weights), 3)])
    points = np.vstack([spread(space, rng), runs])
    for scale in STEPS:
        points = points[_largest(surrogate.mean(points), 4)]
        points = np.vstack([points, nearby(space, points, rng, each=160, scale=scale)])
    return points[_largest(surrogate.mean(points), 4)]


def knowledge_gradient(surrogate: Posterior, weights: FloatArray, targets: FloatArray) -> FloatArray:
    """How much the largest mean over targets (t, m) is expected to rise by one run at weights (k, m), (k,).

    The mean of a target moves along a line in the run's standardised outcome Z ~ N(0, 1), with slope
    cov(target, mixture) / sd(run); the expected maximum over the lines is taken on a grid of Z.
    """
    joint_prediction = surrogate.joint_prediction(weights, targets)
    slope = joint_prediction.covariance / np.sqrt(joint_prediction.variance + joint_prediction.noise)[:, None]
    risen = np.zeros(len(weights))
    for node, share in zip(NODES, NODE_WEIGHTS):
        risen += share * (joint_prediction.target_mean + node * slope).max(axis=1)
    return risen - joint_prediction.target_mean.max()


def _largest(values: FloatArray, count: int) -> IntArray:
    """Indices of the `count` largest values, largest first."""
    return np.argsort(-values, kind="stable")[:count]

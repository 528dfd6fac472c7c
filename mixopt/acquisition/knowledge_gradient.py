"""Knowledge gradient: the acquisition function of Bayesian search over mixtures, and the search that maximises it.

The knowledge gradient of a mixture is how much the largest posterior mean is expected to rise by one noisy run there.
Unlike expected improvement it counts what the run teaches about all other mixtures. Near the end it no longer proposes
the expected best itself, so every third proposal is that.

References:
    Frazier, Powell and Dayanik (2009), The knowledge-gradient policy for correlated normal beliefs,
    doi:10.1287/ijoc.1080.0314.
"""

from collections.abc import Callable

import numpy as np

from mixopt.acquisition.candidates import global_candidates, local_candidates
from mixopt.acquisition.exclusion import Exclusion
from mixopt.models.posterior import Posterior
from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray, IntArray

Feasible = Callable[[FloatArray], FloatArray]  # mixtures (k, m) -> probability (k,) of meeting the floors

EXPLOIT_EVERY = 3
BLOCK = 200  # mixtures whose probabilities are computed at once
TINY = 1e-300  # probability that is not 0
NO_GAIN = 1e-12  # share of the range of the means: rounding
KEPT = 4  # mixtures of largest mean from which the search goes on
STEPS = (1.0, 1.0, 1.0, 0.3, 0.1, 0.03)  # of the search for the largest mean, coarse to fine
MOST_PRODUCTS = 6e8  # for one round of knowledge gradients: about a third of a second
LEAST_CANDIDATES = 300
LEAST_TARGETS, MOST_TARGETS = 150, 500
NODES = np.linspace(-4, 4, 17)  # of Z; a uniform grid includes the tails, where small gains come from
NODE_WEIGHTS = np.exp(-(NODES**2) / 2) / np.exp(-(NODES**2) / 2).sum()


def next_mixture(
    space: MixtureSpace,
    posterior: Posterior,
    pending: FloatArray,
    rng: np.random.Generator,
    number: int,
    failed: FloatArray | None = None,
    feasible: Feasible | None = None,
    best: FloatArray | None = None,
) -> FloatArray:
    """Propose the mixture to train on next.

    Args:
        space: the mixtures that are allowed.
        posterior: fitted on the finished trials.
        pending: mixtures (p, m) of running trials, which count as if they had scored as expected; p may be 0.
        rng: the only source of randomness.
        number: of the trial, from 0 on; every third one is the expected best.
        failed: mixtures (f, m) of failed trials; where they fail repeatedly nothing is proposed.
        feasible: the probability (k,) that mixtures (k, m) meet the floors of their tests, if there are any.
        best: the expected best mixtures (k, m) within the floors, best first; needed with `feasible`.

    Returns:
        The mixture (m,).
    """
    exclusion = Exclusion(space, np.vstack([posterior.weights, pending]), pending[:0] if failed is None else failed)
    best = maximize_mean(space, posterior, rng) if best is None else best
    new = best[exclusion.allows(best)]
    if number % EXPLOIT_EVERY == EXPLOIT_EVERY - 1 and len(new):
        return new[0]
    return maximize_knowledge_gradient(space, posterior.conditioned_on(pending), exclusion, best, rng, feasible)[0]


def maximize_knowledge_gradient(
    space: MixtureSpace,
    posterior: Posterior,
    exclusion: Exclusion,
    best: FloatArray,
    rng: np.random.Generator,
    feasible: Feasible | None = None,
) -> tuple[FloatArray, float]:
    """Find the mixture of the largest knowledge gradient that is not excluded.

    Where all of a finite space is excluded, or no run would teach anything, it is the mixture of the largest mean.

    Args:
        space: the mixtures that are allowed.
        posterior: conditioned on the trials that are running.
        exclusion: what must not be proposed.
        best: mixtures (k, m) of large mean, as `maximize_mean` finds them.
        rng: the only source of randomness.
        feasible: the probability (k,) that mixtures (k, m) meet the floors; the knowledge gradient is multiplied by it,
            and mixtures that rather miss than meet them are no targets.

    Returns:
        The mixture (m,), and its knowledge gradient.
    """
    candidates = _candidates(space, posterior, best, rng)
    possible, meets = candidates, np.ones(len(candidates))
    if feasible:
        meets = feasible(candidates)
        possible = candidates[meets >= min(0.5, meets.max())]
    targets = possible[_largest(posterior.mean(possible), target_count(space.m))]

    def gains(mixtures: FloatArray) -> FloatArray:
        gain = knowledge_gradient(posterior, mixtures, targets)
        return _times(gain, mixtures, feasible) / max(meets.max(), TINY) if feasible else gain

    candidates = _affordable(exclusion.allowed(candidates), posterior, len(targets))
    gain = gains(candidates)
    if space.candidates is None:
        finalists = candidates[_largest(gain, 2)]
        candidates = np.vstack([finalists, exclusion.allowed(local_candidates(space, finalists, rng))])
        gain = gains(candidates)
    mean = posterior.mean(candidates)
    chosen = int((gain if gain.max() > NO_GAIN * np.ptp(mean) else mean).argmax())
    return candidates[chosen], float(gain[chosen])


def _times(gain: FloatArray, mixtures: FloatArray, feasible: Feasible) -> FloatArray:
    """The gain (k,) times the probability, where that may be one of the two largest products; 0 elsewhere."""
    products, order = np.zeros(len(gain)), _largest(gain, len(gain))
    for start in range(0, len(order), BLOCK):
        block = order[start : start + BLOCK]
        if gain[block[0]] <= np.sort(products)[-2:].min():  # a probability is 1 at most
            break
        products[block] = gain[block] * feasible(mixtures[block])
    return products


def target_count(m: int) -> int:
    """How many mixtures of largest mean stand for all that may be the best after the run, for m domains.

    At 17 domains 150 are too few (on 28 problems kept for tuning, 500 lowered the regret after 20 / 40 / 80 runs by
    .035 / .014 / .019, with standard errors of .014); at 8 to 10 domains 240 and more were no better.
    """
    return round(min(max(1.75 * m**2, LEAST_TARGETS), MOST_TARGETS))


def _candidates(space: MixtureSpace, posterior: Posterior, best: FloatArray, rng: np.random.Generator) -> FloatArray:
    """The mixtures (k, m) to evaluate: all of a finite space, else many, more of them near the best."""
    if space.candidates is not None:
        return space.candidates
    runs = posterior.weights[_largest(posterior.mean(posterior.weights), 2)]
    around = np.vstack([best[:1], space.project(runs)])
    everywhere = global_candidates(space, rng)
    return np.vstack([everywhere, best, around, local_candidates(space, around, rng, each=160)])


def _affordable(candidates: FloatArray, posterior: Posterior, targets: int) -> FloatArray:
    """As many of candidates (k, m) as take MOST_PRODUCTS: half of largest mean, half of all other means.

    Fewer candidates find worse mixtures: on quadratics and mixing laws over 5 to 10 domains, 400 in place of 1,150
    doubled the regret after 40 runs.
    """
    most = max(int(MOST_PRODUCTS / (targets * posterior.products)), LEAST_CANDIDATES)
    if len(candidates) <= most:
        return candidates
    ranked = _largest(posterior.mean(candidates), len(candidates))
    best, rest = ranked[: most // 2], ranked[most // 2 :]
    return candidates[np.append(best, rest[np.linspace(0, len(rest) - 1, most // 2).astype(int)])]


def maximize_mean(space: MixtureSpace, posterior: Posterior, rng: np.random.Generator) -> FloatArray:
    """Find mixtures of large posterior mean.

    Args:
        space: the mixtures that are allowed.
        posterior: the fitted model.
        rng: the only source of randomness.

    Returns:
        Mixtures (k, m), best first: all of a finite space, else KEPT that a search found.
    """
    if space.candidates is not None:
        return space.candidates[np.argsort(-posterior.mean(space.candidates), kind="stable")]
    runs = space.project(posterior.weights[_largest(posterior.mean(posterior.weights), 3)])
    points = np.vstack([global_candidates(space, rng), runs])
    return climb(space, points, lambda found: found[_largest(posterior.mean(found), KEPT)], rng)


def climb(
    space: MixtureSpace, points: FloatArray, best: Callable[[FloatArray], FloatArray], rng: np.random.Generator
) -> FloatArray:
    """Search near the best mixtures, again and again, coarse to fine.

    Args:
        space: the mixtures that are allowed, without a list of candidates.
        points: mixtures (k, m) to begin with.
        best: picks the few best of mixtures, best first.
        rng: the only source of randomness.

    Returns:
        What `best` picks in the end.
    """
    points = best(points)
    for scale in STEPS:
        points = best(np.vstack([points, local_candidates(space, points, rng, each=160, scale=scale)]))
    return points


def knowledge_gradient(posterior: Posterior, weights: FloatArray, targets: FloatArray) -> FloatArray:
    """Compute how much the largest mean over targets is expected to rise by one run.

    The mean of a target moves along a line in the run's standardised outcome Z ~ N(0, 1), with slope
    cov(target, mixture) / sd(run). The expected maximum over the lines is computed on a grid of Z.

    Args:
        posterior: the fitted model.
        weights: mixtures (k, m) of the run.
        targets: mixtures (t, m) that may be the best.

    Returns:
        The knowledge gradient (k,), in units of the values.
    """
    found = posterior.joint_prediction(weights, targets)
    slope = found.covariance / np.sqrt(found.variance + found.noise)[:, None]
    risen = np.zeros(len(weights))
    for node, share in zip(NODES, NODE_WEIGHTS):
        risen += share * (found.target_mean + node * slope).max(axis=1)
    return risen - found.target_mean.max()


def _largest(values: FloatArray, count: int) -> IntArray:
    """Indices of the `count` largest values, largest first."""
    return np.argsort(-values, kind="stable")[:count]

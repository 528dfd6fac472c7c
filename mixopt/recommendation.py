"""The recommendation: the mixture we would train on next for real, as a posterior statement.

It is the optimum of the Gaussian process's posterior mean over the space, with the interval of its noise-free
score and of its gain over uniform. It is never the best observed value: with noise the best observed trial is
a winner's curse.

Not covered: the uncertainty of the surrogate's own hyperparameters. On fresh draws of the six families of
objectives that its priors were tuned on (48 problems of 5 to 17 domains, noise of a trial half the sd of the score) the
90 % interval of the score held .69 / .79 / .92 at 20 / 40 / 80 runs, that of the gain .67 / .88 / .96; of the
mixtures said to beat uniform with probability above .9, .89 / 1.0 / .96 did.
"""

from dataclasses import dataclass

import numpy as np
from scipy.stats import norm

from mixopt.arrays import FloatArray
from mixopt.errors import StrategyError
from mixopt.runs import Runs
from mixopt.space import MixtureSpace

INTERVAL = 0.90
SURE = 0.90  # probability of beating uniform below which the note says that the data cannot tell


@dataclass(frozen=True)
class TrainedRun:
    """The finished trial with the largest posterior mean (not the largest observed value)."""

    number: int
    weights: dict[str, float]
    mean: float
    interval: tuple[float, float]


@dataclass(frozen=True)
class Recommendation:
    """What to train on, and what the runs say about it. Scores are in the units of the runs' values.

    Attributes:
        weights: `{domain: weight}`, feasible.
        mean, interval: predicted noise-free score, and its central 90 % interval.
        gain_over_uniform, gain_interval: predicted score minus that of uniform weights (or of the nearest
            feasible mixture to them), and its central 90 % interval.
        beats_uniform: probability that the gain is positive.
        best_trained: the best trial trained so far by the same posterior.
        note: what the numbers mean, in words; says so where the data cannot tell.
    """

    weights: dict[str, float]
    mean: float
    interval: tuple[float, float]
    gain_over_uniform: float
    gain_interval: tuple[float, float]
    beats_uniform: float
    best_trained: TrainedRun
    note: str


def recommend_from_runs(space: MixtureSpace, runs: Runs, seed: int = 0) -> Recommendation:
    """Recommend from finished trials; larger values are better. Deterministic for given runs and seed.

    Raises:
        StrategyError: fewer runs than m + 2.
    """
    if len(runs) < space.m + 2:
        raise StrategyError(
            f"{len(runs)} runs over {space.m} domains are too few to recommend from: train {space.m + 2}"
        )
    # Here, because these load torch.
    from mixopt.search.acquisition import posterior_mean_optimum
    from mixopt.surrogates.gp import GaussianProcessSurrogate

    surrogate = GaussianProcessSurrogate(seed=seed).fit(runs.weights, runs.values)
    best = posterior_mean_optimum(space, surrogate)
    (score, at_uniform), covariance = surrogate.joint(np.stack([best, space.uniform()]))
    contrast = np.array([1.0, -1.0])
    gain, gain_sd = float(score - at_uniform), _sd(contrast @ covariance @ contrast)
    beats_uniform = float(norm.cdf(gain / gain_sd)) if gain_sd > 0 else 0.5
    gain_interval = _interval(gain, gain_sd)
    return Recommendation(
        weights=space.as_dict(best),
        mean=float(score),
        interval=_interval(score, _sd(covariance[0, 0])),
        gain_over_uniform=gain,
        gain_interval=gain_interval,
        beats_uniform=beats_uniform,
        best_trained=_best_trained(space, runs, *surrogate.predict(runs.weights)),
        note=_note(len(runs), gain, gain_interval, beats_uniform, surrogate.noise_sd),
    )


def _best_trained(space: MixtureSpace, runs: Runs, means: FloatArray, sds: FloatArray) -> TrainedRun:
    top = int(np.argmax(means))
    weights = space.as_dict(runs.weights[top])
    return TrainedRun(int(runs.numbers[top]), weights, float(means[top]), _interval(means[top], sds[top]))


def _sd(variance: float) -> float:
    return float(np.sqrt(max(variance, 0.0)))


def _interval(mean: float, sd: float) -> tuple[float, float]:
    low, high = norm.interval(INTERVAL, loc=mean, scale=sd) if sd > 0 else (mean, mean)
    return float(low), float(high)


def _note(n: int, gain: float, gain_interval: tuple[float, float], beats_uniform: float, noise_sd: float) -> str:
    low, high = gain_interval
    facts = (
        f"predicted gain over uniform {gain:+.3g}, 90 % between {low:+.3g} and {high:+.3g}, better with "
        f"probability {beats_uniform:.2f}; noise of one trial {noise_sd:.2g}"
    )
    if beats_uniform < SURE or low <= 0 <= high:
        return f"These {n} runs cannot tell this mixture from uniform: {facts}. Train more, or replicate both."
    return f"These {n} runs favour this mixture over uniform: {facts}."

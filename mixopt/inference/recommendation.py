"""The recommendation: the mixture we would train on next for real, as a posterior statement.

It is the optimum of the evidence surrogate's posterior mean over the space, with the interval of its noise-free
score and the probability that it beats uniform and each seed mixture. It is never the best observed value: with noise
the best observed trial is a winner's curse. Beside it stand the best mixture that was trained, by the same
posterior, and the credible set: the mixtures that could still be the best.

Posterior standard deviations are widened, most where runs are few: the prior is right for no objective, and the
optimum of a posterior mean is where it flatters most. How often the intervals hold is measured by `mixopt benchmark`.
"""

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.special import ndtr, ndtri

from mixopt.acquisition.candidates import nearby, spread
from mixopt.acquisition.knowledge_gradient import climb
from mixopt.errors import StrategyError
from mixopt.history.runs import IMPORTED_STRATEGY, Runs
from mixopt.models.gp import EXACT, GPSurrogate
from mixopt.models.multi_step_runs import MultiStepRuns
from mixopt.models.noise import MeasuredNoise
from mixopt.models.posterior import Posterior, joint_draws
from mixopt.space.mixture_space import SUM_TOLERANCE, MixtureSpace
from mixopt.space.region import distinct_rows, first_rows
from mixopt.text import counted
from mixopt.typing import FloatArray

INTERVAL = 0.90
SURE = 0.90  # probability of beating uniform below which the note says that the data cannot tell
LEAST_RUNS = 3
MOST_REPLICATES = 8  # more runs of each of two mixtures are worth no search
MOST_RIVALS = 200  # seed and imported mixtures that a mixture is compared with: the best by the posterior mean
NAMED = 10  # of them in the note
DRAWS, LOOKED_AT = 2000, 600


@dataclass(frozen=True, kw_only=True)
class Choice:
    """A mixture and what the runs say about it; scores are in the units of the runs' values.

    Attributes:
        weights: `{domain: weight}`.
        mean, interval: predicted noise-free score, and its central 90 % interval.
        gain_over_uniform, gain_interval: predicted score minus that of uniform weights (or of the nearest
            feasible mixture to them), and its central 90 % interval.
        beats_uniform: probability that the gain is positive; .5 for uniform itself.
        beats_seeds: the same against each seed or imported mixture that was trained, by its label; of many against the
            MOST_RIVALS of largest posterior mean.
        number: the trial it was trained as, None for a mixture that was not.
    """

    weights: dict[str, float]
    mean: float
    interval: tuple[float, float]
    gain_over_uniform: float
    gain_interval: tuple[float, float]
    beats_uniform: float
    beats_seeds: dict[str, float]
    number: int | None = None


@dataclass(frozen=True, eq=False)
class CredibleSet:
    """The mixtures that hold the best one with probability .9, by draws from the posterior.

    Attributes:
        weights: (k, m), likeliest first.
        probabilities: (k,) of being the best of all that were looked at.
        ranges: domain -> (least, most) weight in it.
    """

    weights: FloatArray
    probabilities: FloatArray
    ranges: dict[str, tuple[float, float]]


@dataclass(frozen=True, kw_only=True, eq=False)
class Recommendation(Choice):
    """What to train on: a Choice, and beside it

    Attributes:
        best_trained: the best of the trained mixtures by the same posterior (not the largest observed value); None
            where none of them is in the space.
        credible: the mixtures that could still be the best.
        noise_sd: standard deviation of one run's noise at the recommended mixture, by the surrogate.
        measured_noise: the spread of runs of the same mixture, which the surrogate learns from; None where every
            mixture was trained once.
        note: what the numbers mean, in words; says so where the data cannot tell.
    """

    best_trained: Choice | None
    credible: CredibleSet
    noise_sd: float
    measured_noise: MeasuredNoise | None
    note: str


def replicates_to_distinguish(gain: float, sd: float, noise_sd: float) -> float:
    """How many more runs of each of two mixtures would show that one is better, if the gain is what is predicted.

    k more runs of each measure the gain with variance 2 noise_sd^2 / k; with what is known of it already (its sd) the
    sd becomes 1 / sqrt(1 / sd^2 + k / (2 noise_sd^2)), which must fall so far that the 90 % interval of the gain ends
    at 0. At least 1; infinite where the gain is not positive.
    """
    if gain <= 0:
        return math.inf
    wanted = (ndtri((1 + INTERVAL) / 2) / gain) ** 2 - 1 / sd**2
    return max(1, math.ceil(2 * noise_sd**2 * wanted))


def widening(n: int) -> float:
    """What posterior standard deviations are multiplied by after runs of n mixtures; set on problems kept for tuning.

    Replicates of a mixture say nothing of how well the prior fits, so they do not count here.
    """
    return float(np.hypot(1, 26 / n))


def recommend_from_runs(
    space: MixtureSpace, runs: Runs, seed: int = 0, *, stages: MultiStepRuns | None = None, deterministic: bool = False
) -> Recommendation:
    """Recommend from finished trials; larger values are better. Deterministic for given runs and seed.

    Args:
        stages: the same trials step by step, and those that ended early, where they are to count too.
        deterministic: the same mixture always scores the same (without `stages`).

    Raises:
        StrategyError: fewer than 3 runs, runs that all train one mixture or all score the same, or several objectives.
    """
    runs.refuse_several("a recommendation")
    if len(runs) < LEAST_RUNS:
        raise StrategyError(f"{len(runs)} finished runs are too few to recommend from: train {LEAST_RUNS}")
    if runs.mixtures == 1:
        raise StrategyError(f"all {len(runs)} finished runs train one mixture: train another one, to compare")
    if np.ptp(runs.values) == 0:
        raise StrategyError(f"all {len(runs)} finished runs score {runs.values[0]:g}: see that they are really scored")
    rng = np.random.default_rng(seed)
    alone = GPSurrogate(deterministic=deterministic)
    surrogate = stages.surrogate() if stages else alone.fit(runs.weights, runs.values)
    best = climb(space, surrogate, rng)
    labels, seeds = _seeds(runs, surrogate)
    against = np.vstack([space.uniform()[None], seeds])
    widen = widening(runs.mixtures)
    chosen = _choice(space, surrogate, best[0], against, labels, widen)
    inside = np.flatnonzero(space.contains(runs.weights, SUM_TOLERANCE))
    trained = None
    if len(inside):
        top = inside[int(surrogate.mean(runs.weights[inside]).argmax())]
        number = int(runs.numbers[top])
        trained = Choice(**_choice(space, surrogate, runs.weights[top], against, labels, widen), number=number)
    noise_sd, measured = float(surrogate.noise_at(best[:1])[0]), MeasuredNoise.of(runs.weights, runs.values)
    return Recommendation(
        **chosen,
        best_trained=trained,
        credible=_credible(space, surrogate, best, widen, rng),
        noise_sd=noise_sd,
        measured_noise=measured,
        note=_note(runs, chosen, noise_sd, measured, deterministic),
    )


def _seeds(runs: Runs, surrogate: Posterior) -> tuple[list[str], FloatArray]:
    """The labels of the distinct seed and imported mixtures, with the trial's number where two share one, and their
    weights; of more than MOST_RIVALS those that are expected to score best."""
    of_seeds = np.array([strategy in ("seed", IMPORTED_STRATEGY) for strategy in runs.strategies], dtype=bool)
    rows = np.flatnonzero(of_seeds)
    rows = rows[first_rows(runs.weights[rows])]
    if len(rows) > MOST_RIVALS:
        rows = np.sort(rows[np.argsort(-surrogate.mean(runs.weights[rows]), kind="stable")[:MOST_RIVALS]])
    shared = Counter(runs.labels[i] for i in rows)
    named = [
        f"{runs.labels[i]} (trial {runs.numbers[i]})" if shared[runs.labels[i]] > 1 else runs.labels[i] for i in rows
    ]
    return named, runs.weights[rows]


def _choice(
    space: MixtureSpace,
    surrogate: Posterior,
    mixture: FloatArray,
    against: FloatArray,
    labels: list[str],
    widen: float,
) -> dict[str, Any]:
    """The fields of a Choice: a mixture (m,) against uniform and the seed mixtures, the rows of (1 + k, m)."""
    means, covariance = surrogate.joint(np.vstack([mixture[None], against]))
    variances = covariance[0, 0] + np.diagonal(covariance)[1:] - 2 * covariance[0, 1:]
    same = (np.abs(against - mixture) < 1e-9).all(axis=1)
    gains = np.where(same, 0, means[0] - means[1:])
    sds = np.where(same, 0, widen * np.sqrt(variances.clip(0)))
    beats = [float(ndtr(gain / sd)) if sd > 0 else 0.5 for gain, sd in zip(gains, sds)]
    return {
        "weights": space.as_dict(mixture),
        "mean": float(means[0]),
        "interval": _interval(means[0], widen * np.sqrt(max(covariance[0, 0], 0))),
        "gain_over_uniform": float(gains[0]),
        "gain_interval": _interval(gains[0], sds[0]),
        "beats_uniform": beats[0],
        "beats_seeds": dict(zip(labels, beats[1:])),
    }


def _credible(
    space: MixtureSpace, surrogate: Posterior, best: FloatArray, widen: float, rng: np.random.Generator
) -> CredibleSet:
    """Draws of the score at mixtures all over the space and round the best: which one is the best, how often."""
    if space.candidates is None:
        inside = space.contains(surrogate.weights)
        looked_at = np.vstack([best, nearby(space, best[:1], rng), spread(space, rng), surrogate.weights[inside]])
    else:
        looked_at = space.candidates
    looked_at = distinct_rows(looked_at)
    mean, sd = surrogate.predict(looked_at)
    looked_at = looked_at[np.argsort(-(mean + 3 * widen * sd), kind="stable")[:LOOKED_AT]]  # the rest has no chance
    winners = joint_draws(surrogate, looked_at, DRAWS, widen, rng).argmax(axis=1)
    probabilities = np.bincount(winners, minlength=len(looked_at)) / DRAWS
    order = np.argsort(-probabilities, kind="stable")
    size = int(np.searchsorted(probabilities[order].cumsum(), INTERVAL)) + 1
    held = looked_at[order[:size]]
    ranges = {name: (float(w.min()), float(w.max())) for name, w in zip(space.domains, held.T)}
    return CredibleSet(held, probabilities[order[:size]], ranges)


def _interval(mean: float, sd: float) -> tuple[float, float]:
    low, high = mean + sd * ndtri([(1 - INTERVAL) / 2, (1 + INTERVAL) / 2])
    return float(low), float(high)


def _note(
    runs: Runs, chosen: Mapping[str, Any], noise_sd: float, measured: MeasuredNoise | None, deterministic: bool
) -> str:
    gain, beats_uniform = chosen["gain_over_uniform"], chosen["beats_uniform"]
    low, high = chosen["gain_interval"]
    noise = f"noise of one trial {noise_sd:.2g}"
    if measured:
        noise += f" ({measured.sd:.2g} among {measured.runs} runs of {_mixtures(measured.mixtures)} that were repeated)"
    facts = (
        f"predicted gain over uniform {gain:+.3g}, 90 % between {low:+.3g} and {high:+.3g}, better with "
        f"probability {beats_uniform:.2f}; {noise}"
    )
    n = len(runs)
    these = f"These {n} runs" + (f" of {_mixtures(runs.mixtures)}" if runs.mixtures < n else "")
    remark = ""
    if runs.mixtures <= runs.space.m:
        remark = " They are no more than the domains: the prior decides as much as they do."
    if n > EXACT:
        remark = f" The model of more than {EXACT} runs is an approximation."
    if low == high:
        return f"{these} favour uniform weights themselves; {noise}. Train more before you settle on them.{remark}"
    if beats_uniform < SURE or low <= 0 <= high:
        sd = gain / ndtri(beats_uniform) if beats_uniform > 0.5 else math.inf
        advice = "Train other mixtures." if deterministic else _advice(gain, sd, noise_sd)
        return f"{these} cannot tell this mixture from uniform: {facts}. {advice}{remark}"
    rivals = [label for label, beats in chosen["beats_seeds"].items() if beats < SURE]
    more = f" and {counted(len(rivals) - NAMED, 'other')}" if len(rivals) > NAMED else ""
    against = f" They cannot tell it from {', '.join(rivals[:NAMED])}{more}." if rivals else ""
    return f"{these} favour this mixture over uniform: {facts}.{against}{remark}"


def _advice(gain: float, sd: float, noise_sd: float) -> str:
    """What would show which of two mixtures is better, by their predicted gain and its sd."""
    more = replicates_to_distinguish(gain, sd, noise_sd)
    if more <= MOST_REPLICATES:
        return f"About {counted(int(more), 'more run')} of each, with other training seeds, would show which is better."
    return f"Even {MOST_REPLICATES} more runs of each would not show which is better: take either, or train others."


def _mixtures(count: int) -> str:
    return counted(count, "mixture")

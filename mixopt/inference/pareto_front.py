"""The Pareto front of several objectives: the mixtures of which none is better in everything, as a posterior statement.

Each objective has an evidence surrogate of its own, and mixtures are compared by the posterior means, never by what was
observed: with noise the runs that nothing observed dominates are winner's curses. There are two lists: the trained
mixtures that no other trained one dominates, and the front over the whole space as the surrogates predict it. A mixture
dominates another where it is at least as good in every objective and better in one.

Objectives are modelled one by one, though the noise of one run may go the same way in several of them. Posterior
standard deviations are widened as those of a recommendation are (recommendation.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import optuna

from mixopt.acquisition.candidates import nearby, spread
from mixopt.acquisition.scalarisation import drawn_trade_off, scalarised
from mixopt.errors import StrategyError
from mixopt.history.history import History
from mixopt.history.runs import Runs
from mixopt.inference.recommendation import LEAST_RUNS, widening
from mixopt.models.gp import GPSurrogate
from mixopt.models.posterior import joint_draws
from mixopt.space.mixture_space import MixtureSpace
from mixopt.space.region import first_rows, same_rows
from mixopt.typing import BoolArray, FloatArray, IntArray

DRAWS = 1000
SHOWN = 10  # mixtures of the predicted front
TRADE_OFFS = 40  # draws of the trade-off by which the predicted front is sought
ROUNDS = 3
SAME = 6  # digits to which the weights of one mixture agree
MOST_RIVALS = 500  # trained mixtures that may dominate another: those that come closest to the front
BLOCK = 500  # rows that are compared with all others at once


@dataclass(frozen=True, kw_only=True)
class FrontMixture:
    """A mixture on a front; scores are in the units of the runs' values.

    Attributes:
        weights: `{domain: weight}`.
        means, sds: predicted noise-free score by objective, and its standard deviation.
        undominated: probability that no trained mixture dominates it; of many the MOST_RIVALS closest to the front.
        number: the trial it was trained as (the first of them), None for a mixture that was not.
    """

    weights: dict[str, float]
    means: dict[str, float]
    sds: dict[str, float]
    undominated: float
    number: int | None = None


@dataclass(frozen=True, kw_only=True)
class Front:
    """What can be had of several objectives, best in the first one first.

    Attributes:
        names: the objectives.
        trained: the trained mixtures whose posterior means no other trained one dominates.
        predicted: mixtures along the predicted front of the whole space, at most 10.
    """

    names: tuple[str, ...]
    trained: tuple[FrontMixture, ...]
    predicted: tuple[FrontMixture, ...]


def front_of_runs(
    space: MixtureSpace, runs: Runs, names: Sequence[str], seed: int = 0, *, deterministic: bool = False
) -> Front:
    """The front of finished trials; larger values are better. Deterministic for given runs and seed.

    Args:
        runs: with values (n, k).
        names: of the k objectives.
        deterministic: the same mixture always scores the same.

    Raises:
        StrategyError: a single objective, or fewer than 3 runs.
    """
    if runs.values.ndim == 1:
        raise StrategyError("a front needs several objectives and these runs have one: use the recommendation")
    if len(runs) < LEAST_RUNS:
        raise StrategyError(f"{len(runs)} finished runs are too few for a front: train {LEAST_RUNS}")
    rng = np.random.default_rng(seed)
    surrogates = [GPSurrogate(deterministic=deterministic).fit(runs.weights, values) for values in runs.values.T]
    first = first_rows(runs.weights, SAME)
    trained, numbers = runs.weights[first], runs.numbers[first].tolist()
    on_front = undominated(_means(surrogates, trained))
    predicted = _predicted(space, surrogates, rng)
    shown = np.vstack([trained[on_front], predicted])
    widen = widening(runs.mixtures)
    chances = _chances(surrogates, shown, _rivals(surrogates, trained, widen), widen, rng)
    labels = [number for number, there in zip(numbers, on_front) if there] + [None] * len(predicted)
    means, sds = _means(surrogates, shown), widen * np.column_stack([s.predict(shown)[1] for s in surrogates])
    mixtures = [
        FrontMixture(
            weights=space.as_dict(mixture),
            means=dict(zip(names, map(float, mean))),
            sds=dict(zip(names, map(float, sd))),
            undominated=float(chance),
            number=number,
        )
        for mixture, mean, sd, chance, number in zip(shown, means, sds, chances, labels, strict=True)
    ]
    mixtures.sort(key=lambda mixture: -mixture.means[names[0]])
    return Front(
        names=tuple(names),
        trained=tuple(mixture for mixture in mixtures if mixture.number is not None),
        predicted=tuple(mixture for mixture in mixtures if mixture.number is None),
    )


def pareto_front(study: optuna.Study, space: MixtureSpace, seed: int = 0, *, deterministic: bool = False) -> Front:
    """What can be had of an Optuna study's objectives at once; its parameters are the weights over `space`.

    >>> space = mixopt.MixtureSpace(["coco", "lisa"])
    >>> study = optuna.create_study(directions=["maximize"] * 2, sampler=mixopt.BayesSampler(space))
    >>> for _ in range(6):
    ...     trial = study.ask()
    ...     _ = study.tell(trial, list(mixopt.suggest_mixture(trial, space).values()))
    >>> front = mixopt.pareto_front(study, space)
    >>> front.names, len(front.trained)
    (('objective 0', 'objective 1'), 6)

    Objectives are called by the study's metric names, else "objective 0", ...; scores are in their own units where the
    study maximises, and negated where it minimises. `deterministic` is that of its BayesSampler.

    Raises:
        StrategyError: a single objective, or fewer than 3 finished trials.
    """
    names = study.metric_names or [f"objective {i}" for i in range(len(study.directions))]
    return front_of_runs(space, History.of(study, space).runs(), names, seed=seed, deterministic=deterministic)


def undominated(values: FloatArray, by: FloatArray | None = None) -> BoolArray:
    """Which rows of values (n, k) no row of `by` (t, k) dominates, (n,); without `by` they are held to one another."""
    return dominators(values, values if by is None else by) == 0


def dominators(values: FloatArray, by: FloatArray) -> IntArray:
    """How many rows of `by` (t, k) dominate each of values (n, k), (n,)."""
    counts = np.zeros(len(values), dtype=int)
    for start in range(0, len(values), BLOCK):
        block = values[start : start + BLOCK, None]
        no_worse, better = np.all(by[None] >= block, axis=2), np.any(by[None] > block, axis=2)
        counts[start : start + BLOCK] = np.logical_and(no_worse, better).sum(axis=1)
    return counts


def _means(surrogates: Sequence[GPSurrogate], weights: FloatArray) -> FloatArray:
    """Posterior means (n, k) at weights (n, m)."""
    return np.column_stack([surrogate.mean(weights) for surrogate in surrogates])


def _predicted(space: MixtureSpace, surrogates: Sequence[GPSurrogate], rng: np.random.Generator) -> FloatArray:
    """Mixtures (p, m) along the front of the posterior means: those all over the space, and round the best by many
    trade-offs; of what none dominates a few that are far apart in their scores."""
    k = len(surrogates)
    trade_offs = np.unique([*np.eye(k), *(drawn_trade_off(k, rng) for _ in range(TRADE_OFFS))], axis=0)
    if space.candidates is not None:
        points = space.candidates
    else:
        points = spread(space, rng)
        for _ in range(ROUNDS):
            means = _means(surrogates, points)
            best = np.unique([scalarised(means, trade_off).argmax() for trade_off in trade_offs])
            points = np.vstack([points, nearby(space, points[best], rng, each=60)])
    means = _means(surrogates, points)
    points, means = points[undominated(means)], means[undominated(means)]
    return points[_apart(means, SHOWN)]


def _apart(values: FloatArray, count: int) -> list[int]:
    """At most `count` rows of values (n, k): the best of each objective, and then always the one that is farthest from
    those chosen, in units of each objective's range."""
    scaled = values / np.where(np.ptp(values, axis=0) > 0, np.ptp(values, axis=0), 1.0)
    chosen = list(dict.fromkeys(int(row) for row in values.argmax(axis=0)))
    while len(chosen) < min(count, len(values)):
        distance = np.linalg.norm(scaled[:, None] - scaled[chosen], axis=2).min(axis=1)
        if distance.max() <= 0:
            break
        chosen.append(int(distance.argmax()))
    return chosen


def _rivals(surrogates: Sequence[GPSurrogate], trained: FloatArray, widen: float) -> FloatArray:
    """The trained mixtures (t, m) that may dominate another: all of them, or of many those that the fewest dominate
    where they turn out better than expected by two standard deviations."""
    if len(trained) <= MOST_RIVALS:
        return trained
    means, sds = _means(surrogates, trained), np.column_stack([s.predict(trained)[1] for s in surrogates])
    ahead = dominators(means + 2 * widen * sds, means).argsort(kind="stable")[:MOST_RIVALS]
    return trained[np.sort(ahead)]


def _chances(
    surrogates: Sequence[GPSurrogate],
    shown: FloatArray,
    trained: FloatArray,
    widen: float,
    rng: np.random.Generator,
) -> FloatArray:
    """For each of shown (s, m) the probability (s,) that no trained mixture (t, m) dominates it, by joint draws.

    A mixture that is in both is drawn once: copies that differ by rounding would dominate one another.
    """
    both = np.vstack([shown, trained])
    mixture = same_rows(both, SAME)
    distinct = both[np.unique(mixture, return_index=True)[1]]
    draws = np.stack([joint_draws(s, distinct, DRAWS, widen, rng) for s in surrogates], axis=2)
    here, there = mixture[: len(shown)], mixture[len(shown) :]
    return np.asarray(np.mean([undominated(draw[here], by=draw[there]) for draw in draws], axis=0))

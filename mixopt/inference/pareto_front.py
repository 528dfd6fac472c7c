"""Pareto front of several objectives: the mixtures that no other mixture dominates, as a posterior statement.

Each objective has a Gaussian process of its own. Mixtures are compared by the posterior means, never by what was
observed: with noise, the runs that no observed run dominates are usually those that were lucky. There are two lists:
the trained mixtures that no other trained one dominates, and the predicted front over the whole space.

The objectives are modelled one by one, though the noise of one run may be correlated between them. Posterior standard
deviations are widened as those of a recommendation are (intervals.py).
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import optuna

from mixopt.acquisition.feasibility import MET, Feasibility
from mixopt.errors import StrategyError
from mixopt.history.floors import NO_FLOORS, Floors, GivenFloors
from mixopt.history.history import History
from mixopt.history.runs import Runs
from mixopt.inference.dominance import dominators, undominated
from mixopt.inference.front_search import posterior_means, predicted_front
from mixopt.inference.intervals import widening
from mixopt.inference.recommendation import LEAST_RUNS
from mixopt.models.gp import FittedGP, GPSurrogate
from mixopt.models.noise import NoiseModel
from mixopt.models.posterior import joint_draws
from mixopt.space.mixture_space import MixtureSpace
from mixopt.space.region import first_rows, same_rows
from mixopt.typing import FloatArray

DRAWS = 1000
SAME = 6  # digits to which the weights of one mixture agree
MOST_RIVALS = 500  # trained mixtures that may dominate another: those that come closest to the front


@dataclass(frozen=True, kw_only=True)
class FrontMixture:
    """A mixture on a front; scores are in the units of the runs' values.

    Attributes:
        weights: `{domain: weight}`.
        means: predicted noise-free score by objective.
        sds: standard deviation of that by objective.
        undominated: probability that no trained mixture dominates it (of many, the MOST_RIVALS closest to the front).
        number: the first trial that trained it, None for a mixture that was not trained.
        meets_floors: probability that it meets the floors of single tests; None if there are none.
    """

    weights: dict[str, float]
    means: dict[str, float]
    sds: dict[str, float]
    undominated: float
    number: int | None = None
    meets_floors: float | None = None


@dataclass(frozen=True, kw_only=True)
class Front:
    """The Pareto front of several objectives, best in the first objective first.

    Attributes:
        names: of the objectives.
        trained: the trained mixtures whose posterior means no other trained one dominates.
        predicted: mixtures along the predicted front of the whole space, at most 10.
    """

    names: tuple[str, ...]
    trained: tuple[FrontMixture, ...]
    predicted: tuple[FrontMixture, ...]


def front_of_runs(
    space: MixtureSpace,
    runs: Runs,
    names: Sequence[str],
    seed: int = 0,
    *,
    noise: NoiseModel = NoiseModel.ESTIMATED,
    feasibility: Feasibility | None = None,
) -> Front:
    """Compute the front of finished trials; the same for the same runs and seed.

    With floors, only mixtures that meet them with probability .95 are on it. Where none does, the trained front is
    empty and the predicted one has the mixture that meets them most probably.

    Args:
        space: the mixtures that are allowed.
        runs: the finished trials, with values (n, k); larger is better.
        names: of the k objectives.
        seed: of the search and the draws.
        noise: whether two runs of one mixture may score differently.
        feasibility: the floors of single tests.

    Returns:
        The front.

    Raises:
        StrategyError: a single objective, or fewer than 3 runs.
    """
    if runs.values.ndim == 1:
        raise StrategyError("a front needs several objectives and these runs have one: use the recommendation")
    if len(runs) < LEAST_RUNS:
        raise StrategyError(f"{len(runs)} finished runs are too few for a front: train {LEAST_RUNS}")
    rng = np.random.default_rng(seed)
    models = [GPSurrogate(noise).fit(runs.weights, values) for values in runs.values.T]
    first = first_rows(runs.weights, SAME)
    if feasibility:
        first = first[feasibility(runs.weights[first]) >= MET]
    trained, numbers = runs.weights[first], runs.numbers[first].tolist()
    on_front = undominated(posterior_means(models, trained))
    predicted = predicted_front(space, models, rng, feasibility)
    shown = np.vstack([trained[on_front], predicted])
    widen = widening(runs.mixtures)
    chances = _undominated_chances(models, shown, _rivals(models, trained, widen), widen, rng)
    labels = [number for number, there in zip(numbers, on_front) if there] + [None] * len(predicted)
    means, sds = posterior_means(models, shown), widen * np.column_stack([model.predict(shown)[1] for model in models])
    meets = [None] * len(shown) if feasibility is None else feasibility(shown).tolist()
    mixtures = [
        FrontMixture(
            weights=space.as_dict(mixture),
            means=dict(zip(names, map(float, mean))),
            sds=dict(zip(names, map(float, sd))),
            undominated=float(chance),
            number=number,
            meets_floors=met,
        )
        for mixture, mean, sd, chance, number, met in zip(shown, means, sds, chances, labels, meets, strict=True)
    ]
    mixtures.sort(key=lambda mixture: -mixture.means[names[0]])
    return Front(
        names=tuple(names),
        trained=tuple(mixture for mixture in mixtures if mixture.number is not None),
        predicted=tuple(mixture for mixture in mixtures if mixture.number is None),
    )


def pareto_front(
    study: optuna.Study,
    space: MixtureSpace,
    seed: int = 0,
    *,
    deterministic: bool = False,
    floors: GivenFloors | Floors = NO_FLOORS,
) -> Front:
    """Compute the Pareto front of an Optuna study with several objectives.

    >>> space = mixopt.MixtureSpace(["coco", "lisa"])
    >>> study = optuna.create_study(directions=["maximize"] * 2, sampler=mixopt.BayesSampler(space))
    >>> for _ in range(6):
    ...     trial = study.ask()
    ...     _ = study.tell(trial, list(mixopt.suggest_mixture(trial, space).values()))
    >>> front = mixopt.pareto_front(study, space)
    >>> front.names, len(front.trained)
    (('objective 0', 'objective 1'), 6)

    Objectives are called by the study's metric names, else "objective 0", ...; scores are in their own units where the
    study maximises, and negated where it minimises.

    Args:
        study: its parameters are the weights over `space`.
        space: the mixtures that are allowed.
        seed: of the search and the draws.
        deterministic: whether the same mixture always scores the same, as in its BayesSampler.
        floors: test -> least score that the mixtures must have, as in its BayesSampler.

    Returns:
        The front.

    Raises:
        StrategyError: a single objective, fewer than 3 finished trials, or a floor of a test without scores.
    """
    names = study.metric_names or [f"objective {i}" for i in range(len(study.directions))]
    history, noise = History.of(study, space), NoiseModel.of(deterministic)
    runs = history.runs()
    feasibility = Feasibility.fit(Floors.of(floors), runs, history.base, noise, widening)
    return front_of_runs(space, runs, names, seed, noise=noise, feasibility=feasibility)


def _rivals(models: Sequence[FittedGP], trained: FloatArray, widen: float) -> FloatArray:
    """The trained mixtures (t, m) that may dominate another.

    Of many they are those that the fewest dominate where they score two standard deviations better than expected.
    """
    if len(trained) <= MOST_RIVALS:
        return trained
    means, sds = posterior_means(models, trained), np.column_stack([model.predict(trained)[1] for model in models])
    ahead = dominators(means + 2 * widen * sds, means).argsort(kind="stable")[:MOST_RIVALS]
    return trained[np.sort(ahead)]


def _undominated_chances(
    models: Sequence[FittedGP],
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
    draws = np.stack([joint_draws(model, distinct, DRAWS, widen, rng) for model in models], axis=2)
    here, there = mixture[: len(shown)], mixture[len(shown) :]
    return np.asarray(np.mean([undominated(draw[here], by=draw[there]) for draw in draws], axis=0))

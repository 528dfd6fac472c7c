"""Recommend a mixture from any Optuna study: `recommend`, and what a study file says of it."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import optuna

from mixopt.acquisition.feasibility import Feasibility
from mixopt.errors import StrategyError
from mixopt.history.floors import NO_FLOORS, Floors, GivenFloors
from mixopt.history.goals import Worst
from mixopt.history.history import History
from mixopt.history.runs import Runs
from mixopt.history.sum_of_tests import NO_TESTS, SumOfTests
from mixopt.inference.intervals import widening
from mixopt.inference.recommendation import Recommendation, recommend_from_runs
from mixopt.inference.trade_off import trade_off_note, worst_note
from mixopt.models.multi_step_runs import MultiStepRuns
from mixopt.models.noise import NoiseModel
from mixopt.models.pull import Pull
from mixopt.space.mixture_space import MixtureSpace
from mixopt.text import counted

if TYPE_CHECKING:
    from mixopt.study.spec import StudySpec


def recommend(
    study: optuna.Study,
    space: MixtureSpace,
    seed: int = 0,
    *,
    steps: Sequence[int] = (),
    deterministic: bool = False,
    pull: Pull | None = None,
    floors: GivenFloors | Floors = NO_FLOORS,
    tests: Mapping[str, float] | SumOfTests = NO_TESTS,
) -> Recommendation:
    """Recommend a mixture from any Optuna study whose parameters are the weights over `space`.

    >>> space = mixopt.MixtureSpace(["coco", "lisa"])
    >>> study = optuna.create_study(direction="maximize", sampler=mixopt.BayesSampler(space))
    >>> for _ in range(8):
    ...     trial = study.ask()
    ...     _ = study.tell(trial, 1 - (mixopt.suggest_mixture(trial, space)["coco"] - 0.7) ** 2)
    >>> recommended = mixopt.recommend(study, space)
    >>> 0.6 < recommended.weights["coco"] < 0.8 and recommended.beats_uniform > 0.5
    True

    Args:
        study: values are in its own units if it maximises, and negated if it minimises.
        space: the mixtures of the study.
        seed: of everything random.
        steps: the evaluation steps, as its BayesSampler has them; then runs that ended early count too.
        deterministic: whether the same mixture always scores the same, as for its BayesSampler.
        pull: a soft pull towards a prior mixture, as for its BayesSampler.
        floors: test -> least score that the mixture must have, as for its BayesSampler.
        tests: the weight of each test in the objective, as for its BayesSampler.

    Raises:
        StrategyError: fewer than 3 finished trials, several objectives, a pull that is not possible, or a floor of a
            test without scores.
    """
    history, noise = History.of(study, space), NoiseModel.of(deterministic)
    return recommend_from_history(
        history, seed, steps, noise, floors=Floors.of(floors), pull=pull, tests=SumOfTests.of(tests)
    )


def recommend_from_history(
    history: History,
    seed: int,
    steps: Sequence[int],
    noise: NoiseModel,
    *,
    floors: Floors,
    pull: Pull | None,
    tests: SumOfTests,
) -> Recommendation:
    """Recommend a mixture from the trials of a study, as `recommend` does."""
    if history.unknown:
        raise StrategyError(history.unknown)
    runs, with_steps = history.runs(), multi_step_runs(history, steps)
    feasibility = Feasibility.fit(floors, runs, history.base, noise, widening)
    return recommend_from_runs(
        history.space,
        runs,
        seed,
        multi_step_runs=with_steps,
        noise=noise,
        pull=pull,
        feasibility=feasibility,
        tests=tests,
    )


def multi_step_runs(history: History, steps: Sequence[int]) -> MultiStepRuns | None:
    """Return a study's runs with their scores at every step; None for a study without `steps`."""
    return MultiStepRuns.of(history, steps) if steps else None


def notes_of_objective(spec: "StudySpec", runs: Runs, found: Recommendation) -> str:
    """Describe what a study file's objective says of a recommendation; "" if there is nothing to say.

    That is a prediction outside the range of scores, tests that only some runs have, tests that trade off, and a worst
    test that gains nothing.
    """
    [goal], (low, high) = spec.scoring.objectives, spec.score.range
    tests = [name for name in goal.needed if name in spec.tests.sizes]
    trade_off = trade_off_note(tests, runs.test_scores(tests, spec.score.use))
    if isinstance(goal, Worst):  # a gain
        return range_note(found, low - high, high - low) + trade_off + worst_note(goal.against, found.mean, len(tests))
    partly = spec.scoring.sum_of_tests.partly_known(runs)
    counts = ", ".join(f"{test} ({known})" for test, known in partly.items())
    missing = f" Not all {counted(len(runs), 'run')} have a score of {counts}: known ones count." if partly else ""
    return range_note(found, low, high) + missing + trade_off


def range_note(found: Recommendation, low: float, high: float) -> str:
    """Describe a prediction that no score in the study's range [low, high] can reach; "" if it is inside."""
    (least, most), name = found.interval, f"the declared range [{low:g}, {high:g}]"
    if not low <= found.mean <= high:
        return f" The predicted score is outside {name}, which the model does not know: take it for the range's end."
    if least < low or most > high:
        return f" Its interval reaches beyond {name}, which the model does not know."
    return ""

"""The data behind a report: a study's runs and scores, with surrogates fitted once."""

from contextlib import suppress
from dataclasses import dataclass
from typing import Self

import numpy as np
from optuna.trial import TrialState

from mixopt.acquisition.feasibility import Feasibility
from mixopt.errors import StrategyError
from mixopt.history.base_model import BaseModel
from mixopt.history.runs import Runs
from mixopt.history.sum_of_tests import SumOfTests
from mixopt.history.trial_record import TrialRecord
from mixopt.inference.intervals import widening
from mixopt.inference.pareto_front import Front
from mixopt.inference.recommendation import Recommendation
from mixopt.models.gp import GPSurrogate
from mixopt.models.noise import NoiseModel
from mixopt.models.posterior import Posterior
from mixopt.space.mixture_space import MixtureSpace
from mixopt.study.reader import StudyReader
from mixopt.study.runs_by_score import runs_by_objective, score_words
from mixopt.study.spec import StudySpec
from mixopt.study.status import Status
from mixopt.text import counted as counted
from mixopt.typing import FloatArray


@dataclass(frozen=True, eq=False)
class Objective:
    """One of the scores that a study maximises.

    Attributes:
        name: as in the study file.
        score: its name in words.
        runs: the finished trials, with this score as values.
        surrogate: fitted on them; None if there are too few.
        centre: (m,) the recommended mixture, or uniform if there is none.
        centre_name: what that mixture is called.
        widen: the factor on the surrogate's standard deviations, as in a recommendation.
        noise: whether two runs of one mixture may score differently.
        tests: whose weighted sum it is, if it is one.
    """

    name: str
    score: str
    runs: Runs
    surrogate: Posterior | None
    centre: FloatArray
    centre_name: str
    widen: float
    noise: NoiseModel
    tests: SumOfTests


@dataclass(frozen=True, eq=False)
class Facts:
    """A study at one moment.

    Attributes:
        trials: all trials by number.
        runs: the finished trials, with what the study maximises as values.
        objectives: one or more.
        recommendation: with one objective; None if there are too few runs, with the reason in `unknown`.
        front: with several objectives; None as above.
        base: the base model's scores; None if unknown.
        floors: of single tests, with their models; None if there are none, or too few runs.
        planned: how many trials the strategy has.
        left: how many trials are still to be trained or told.
        stands: where the study stands.
    """

    spec: StudySpec
    space: MixtureSpace
    trials: tuple[TrialRecord, ...]
    runs: Runs
    objectives: tuple[Objective, ...]
    recommendation: Recommendation | None
    front: Front | None
    unknown: str
    base: BaseModel | None
    floors: Feasibility | None
    planned: int
    left: int
    stands: Status

    @classmethod
    def of(cls, study: StudyReader) -> Self:
        """Read a study and fit its surrogates; takes some seconds with 200 trials over 17 domains."""
        runs, sampler = study.runs(), study.sampler()
        recommendation, front, unknown = _verdict(study, runs)
        stands = Status.of(study, sampler)
        return cls(
            spec=study.spec,
            space=study.space,
            trials=tuple(study.trial_records()),
            runs=runs,
            objectives=tuple(
                _objective(study, name, of_it, recommendation, known=not unknown)
                for name, of_it in runs_by_objective(study).items()
            ),
            recommendation=recommendation,
            front=front,
            unknown=unknown,
            base=study.base,
            floors=_floors(study),
            planned=sampler.planned,
            left=stands.left,
            stands=stands,
        )

    @property
    def gain_over_base(self) -> tuple[float, tuple[float, float]] | None:
        """The recommended mixture's gain over the base model and its 90 % interval; None if either is unknown."""
        if not (self.base and self.recommendation):
            return None
        return self.base.gain(self.objectives[0].name, self.recommendation.mean, self.recommendation.interval)

    def state(self, *states: TrialState) -> list[TrialRecord]:
        """Return the trials that count and are in one of some states."""
        return [trial for trial in self.trials if trial.state in states and not trial.corrected]

    @property
    def imported(self) -> int:
        """The number of finished runs that were not trained for this study."""
        return sum(trial.imported for trial in self.state(TrialState.COMPLETE))

    @property
    def replicates(self) -> int:
        """The number of finished runs that trained a mixture again with another seed."""
        return sum(trial.replicate for trial in self.state(TrialState.COMPLETE))

    @property
    def finished(self) -> list[TrialRecord]:
        """The trial of each run."""
        return [self.trials[number] for number in self.runs.numbers]

    def tests(self) -> FloatArray:
        """The scores (n, T) of each run at its last step, NaN where unknown."""
        columns = [[trial.tests.get(test, np.nan) for trial in self.finished] for test in self.spec.tests.sizes]
        return np.array(columns, dtype=float).T.reshape(len(self.runs), len(columns))

    def draws(self) -> FloatArray:
        """The share (n, m) of each domain in a run's prompts, NaN where unknown."""
        counts = [[trial.draws.get(name, np.nan) for name in self.space.domains] for trial in self.finished]
        drawn = np.array(counts, dtype=float).reshape(-1, self.space.m)
        totals = drawn.sum(axis=1, keepdims=True)
        return drawn / np.where(totals > 0, totals, np.nan)

    def seconds(self) -> FloatArray:
        """The duration (n,) of each run, NaN where unknown."""
        return np.array([trial.seconds for trial in self.finished], dtype=float)


def in_seconds(seconds: float) -> str:
    """Return seconds as text: whole ones, or two significant digits below ten."""
    return f"{seconds:.2g}" if seconds < 10 else f"{seconds:.0f}"


def _verdict(study: StudyReader, runs: Runs) -> tuple[Recommendation | None, Front | None, str]:
    """Return the recommendation, or the front of several objectives, or why there is neither."""
    try:
        if len(study.scoring.goals) == 1:
            return study.recommend(), None, ""
        names = [score_words(name) for name in study.scoring.names]
        return None, study.front(runs, names), ""
    except StrategyError as reason:
        return None, None, str(reason)


def _floors(study: StudyReader) -> Feasibility | None:
    with suppress(StrategyError):  # too few runs; the recommendation says so
        return study.feasibility()
    return None


def _objective(
    study: StudyReader, name: str, runs: Runs, recommended: Recommendation | None, *, known: bool
) -> Objective:
    centre, centre_name = study.space.uniform(), "uniform"
    if recommended:
        centre, centre_name = np.array(list(recommended.weights.values())), "recommended"
    noise = study.spec.score.noise
    surrogate: Posterior | None = None
    if known:
        alone = GPSurrogate(noise)
        surrogate = study.posterior() if len(study.scoring.goals) == 1 else alone.fit(runs.weights, runs.values)
    widen = widening(max(runs.mixtures, 1))
    return Objective(
        name, score_words(name), runs, surrogate, centre, centre_name, widen, noise, study.scoring.sum_of_tests
    )

"""`StudyReader`: open a study and read its trials, its runs, its progress and its recommendation. It writes nothing."""

import warnings
from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Self

import numpy as np
import optuna
from optuna.trial import FrozenTrial, TrialState

from mixopt.acquisition.feasibility import MET, Feasibility
from mixopt.errors import StorageError, StrategyError
from mixopt.history.base_model import BaseModel
from mixopt.history.corrections import Corrections, with_corrections
from mixopt.history.goals import Worst
from mixopt.history.history import History
from mixopt.history.keys import ASSURED_TRIALS, BASE, EXTRA_TRIALS, IMPORTED, REPLICATE, UNTIL, WORST
from mixopt.history.reference import references, with_gains
from mixopt.history.runs import Runs
from mixopt.history.trial_record import TrialRecord
from mixopt.history.trials import ACTIVE
from mixopt.inference.domain_effects import DomainEffects, domain_effects
from mixopt.inference.intervals import widening
from mixopt.inference.pareto_front import Front, front_of_runs
from mixopt.inference.recommendation import Recommendation
from mixopt.leases.leases import Leases
from mixopt.models.objective import fit_objective
from mixopt.models.posterior import Posterior
from mixopt.paths import StudyFolder
from mixopt.samplers.phased import PhasedSampler
from mixopt.space.mixture_space import MixtureSpace
from mixopt.storage.files import is_locked
from mixopt.storage.retrying import RetryingStorage
from mixopt.storage.url import StorageUrl
from mixopt.study.open import find_study
from mixopt.study.plan import phased_sampler
from mixopt.study.recommend import multi_step_runs, notes_of_objective, recommend_from_history
from mixopt.study.spec import PhaseSpec, StudySpec
from mixopt.typing import FloatArray


class StudyReader:
    """A study on disk, to be read.

    Attributes:
        spec: the study file.
        folder: the study's folder.
        optuna: the Optuna study.
        storage: its storage.
        storage_url: where the storage is.
        space: the mixtures of the study.
        scoring: its tests and objectives.
    """

    def __init__(self, spec: StudySpec, folder: StudyFolder, storage: RetryingStorage) -> None:
        self.spec = spec
        self.folder = folder
        self.storage = storage
        self.optuna = optuna.load_study(study_name=spec.study, storage=storage)
        self.storage_url = StorageUrl.of(folder)
        self.space: MixtureSpace = spec.space
        self.scoring = spec.scoring

    @classmethod
    def open(cls, name: str, path: Path | None = None, patience: float = 0.0) -> Self:
        """Open a study.

        Args:
            name: the study's name.
            path: its folder; None is its name in the home of studies.
            patience: how many seconds its storage may be away.

        Raises:
            UnknownStudyError: there is none; the message names the studies that are there.
            StorageError: its storage cannot be read.
        """
        spec, folder = find_study(name, path)
        url = StorageUrl.of(folder)
        try:
            return cls(spec, folder, url.open(folder.journal, opening=patience))
        except KeyError:
            where = url.masked or folder.journal
            raise StorageError(f"{where}: holds no study {spec.study!r}: restore it, or delete the folder") from None

    # -- the strategy

    @property
    def extra(self) -> int:
        """How many trials were added to those of the study file."""
        return int(self.optuna.user_attrs.get(EXTRA_TRIALS, 0))

    @property
    def assured(self) -> int:
        """The stopping rule ends nothing before so many trials."""
        return int(self.optuna.user_attrs.get(ASSURED_TRIALS, 0))

    def sampler(self) -> PhasedSampler:
        """Make the sampler of the study file and of the trials beyond it."""
        return phased_sampler(self.spec, self.extra)

    def phase(self, index: int) -> PhaseSpec | None:
        """Return a phase of the study file; None for the trials beyond it."""
        return self.spec.strategy[index] if 0 <= index < len(self.spec.strategy) else None

    def wants_trial(self, sampler: PhasedSampler) -> bool:
        """Return whether `Study.ask` has a trial at the moment: an enqueued one, or the next of the strategy."""
        if self.trials(TrialState.WAITING):
            return True
        position = sampler.position(self.history())
        return position is not None and not position.blocked

    # -- the trials

    def trials(self, *states: TrialState) -> list[FrozenTrial]:
        """Return the trials in some states, by number, without corrected ones.

        Without `states` it returns all trials, corrected ones too (history/corrections.py).
        """
        trials = self.optuna.get_trials(deepcopy=False)
        found = [trial for trial in trials if not states or trial.state in states]
        if not any(state.is_finished() for state in states):
            return found
        corrections = self._corrections(trials)
        return [trial for trial in found if not corrections.left_out(trial.number)]

    def trial(self, number: int, state: TrialState) -> FrozenTrial:
        """Return a trial with weights in a state; raises StrategyError if there is none."""
        trials = {trial.number: trial for trial in self.trials(state)}
        if number in trials and len(trials[number].params) == self.space.m:
            return trials[number]
        numbers = ", ".join(map(str, trials)) or "none"
        word = {TrialState.FAIL: "failed"}.get(state, "running")
        raise StrategyError(f"trial {number} is no {word} trial with weights; {word} are: {numbers}")

    def own_trials(self) -> list[FrozenTrial]:
        """Return the trials that the budget counts: all but imported runs and replicates, corrected ones as failed."""
        trials = self.trials()
        own = [trial for trial in trials if not {IMPORTED, REPLICATE} & trial.user_attrs.keys()]
        return with_corrections(own, self._corrections(trials))

    def trial_records(self, *states: TrialState) -> list[TrialRecord]:
        """Return everything that is known about the trials that `trials` returns."""
        corrections = self.corrections()
        return [self._record(trial, corrections) for trial in self.valued(self.trials(*states))]

    def valued(self, trials: list[FrozenTrial]) -> list[FrozenTrial]:
        """Return trials with what the study maximises as values: the worst test as the gain over its reference."""
        return with_gains(trials, self.optuna.user_attrs, self.references())

    @property
    def value_remark(self) -> str:
        """What to say beside values that were just told: those of the worst test lack its reference."""
        worst = any(isinstance(objective, Worst) for objective in self.scoring.objectives)
        return " (the smallest score; `mixopt study show` has its gain over the reference)" if worst else ""

    def references(self) -> dict[str, dict[str, float]]:
        """Return base and uniform -> test -> score, for a study that maximises the worst test; {} for others."""
        attributes = self.optuna.user_attrs
        return references(self.trials(TrialState.COMPLETE), attributes, self.space) if WORST in attributes else {}

    def corrections(self) -> Corrections:
        """Return which trials were replaced or forgotten."""
        return self._corrections(self.trials())

    def is_running(self, number: int) -> bool:
        """Return whether a trial has not ended."""
        return self.storage.get_trial(self.trial_id(number)).state == TrialState.RUNNING

    @property
    def base(self) -> BaseModel | None:
        """The base model's scores, before any training; None if they are not known."""
        scores = self.optuna.user_attrs.get(BASE)
        return BaseModel.of(scores, self.scoring, self.references()) if scores else None

    # -- progress

    @property
    def active(self) -> int:
        """How many of its own trials have finished, were pruned, or are running."""
        return sum(trial.state in ACTIVE for trial in self.own_trials())

    @property
    def done(self) -> float:
        """How many of its own trials have finished; a trial that was asked to end early counts by its steps."""
        whole, own = self.spec.score.evaluation_steps[-1], self.own_trials()
        short = sum(t.user_attrs.get(UNTIL, whole) / whole for t in own if t.state == TrialState.PRUNED)
        return sum(trial.state == TrialState.COMPLETE for trial in own) + short

    @property
    def busy(self) -> bool:
        """Whether a worker trains a trial or scores the base model, as far as a quick look at the leases can tell."""
        leases = Leases(self.folder)
        return is_locked(self.folder.base_worker) or any(
            leases.seems_alive(trial.number) for trial in self.trials(TrialState.RUNNING)
        )

    # -- what the runs say

    def history(self) -> History:
        """Return the trials as a sampler gets them."""
        return History.of(self.optuna, self.space)

    def runs(self) -> Runs:
        """Return the finished trials as arrays."""
        return self.history().runs()

    def posterior(self) -> Posterior:
        """Fit the score of every mixture to the finished and pruned runs; raises StrategyError as `recommend` does."""
        history = self.history()
        if step_runs := multi_step_runs(history, self.spec.early_steps):
            return step_runs.fit()
        runs = history.runs()
        runs.refuse_several("a posterior")
        return fit_objective(runs, self.spec.score.noise, self.scoring.sum_of_tests)

    def feasibility(self) -> Feasibility | None:
        """Fit the floors of the study; None if it has none. Raises StrategyError if too few runs have the scores."""
        history = self.history()
        return Feasibility.fit(self.spec.floors, history.runs(), history.base, self.spec.score.noise, widening)

    def recommend(self) -> Recommendation:
        """Recommend the mixture for the final training run.

        Raises:
            StrategyError: too few runs, or several objectives.
        """
        spec = self.spec
        history, seed = self.history(), spec.sampler_seed
        found = recommend_from_history(
            history,
            seed,
            spec.early_steps,
            spec.score.noise,
            floors=spec.floors,
            pull=spec.pull,
            tests=self.scoring.sum_of_tests,
        )
        return replace(found, note=found.note + notes_of_objective(spec, history.runs(), found))

    def effects(self, mixture: FloatArray) -> DomainEffects:
        """Compute what each domain does to each test from a mixture (m,) on, and to what the study maximises.

        Raises:
            StrategyError: fewer than 2 runs have a score of any test.
        """
        runs, tests, spec = self.runs(), list(self.spec.tests.sizes), self.spec
        names = [name for name in self.scoring.names if name not in tests]
        values = runs.values.reshape(-1, len(self.scoring.names))
        values = values[:, [self.scoring.names.index(name) for name in names]]
        scores = np.column_stack([runs.test_scores(tests, spec.score.use), values])
        return domain_effects(self.space, runs, [*tests, *names], scores, mixture, spec.score.noise)

    def front(self, runs: Runs, names: Sequence[str]) -> Front:
        """Find the trade-offs between several scores.

        Args:
            runs: with values (n, k), one column per score.
            names: the names of the scores.

        Raises:
            StrategyError: too few runs.
        """
        seed, noise, floors = self.spec.sampler_seed, self.spec.score.noise, self.feasibility()
        found = front_of_runs(self.space, runs, names, seed, noise=noise, feasibility=floors)
        best = max((mixture.meets_floors or 0 for mixture in found.predicted), default=0)
        if floors and best < MET:
            warnings.warn(f"no mixture is likely to meet all floors: the likeliest has {best:.2f}", stacklevel=2)
        return found

    def _record(self, trial: FrozenTrial, corrections: Corrections) -> TrialRecord:
        try:
            return TrialRecord.of(trial, self.space, self.scoring, corrections)
        except (TypeError, ValueError, LookupError, AttributeError) as error:
            raise self._wrong_attributes(f"trial {trial.number}", error) from error

    def _corrections(self, trials: list[FrozenTrial]) -> Corrections:
        try:
            return Corrections.of(trials, self.optuna.user_attrs)
        except (TypeError, ValueError, LookupError, AttributeError) as error:
            raise self._wrong_attributes("a trial", error) from error

    def _wrong_attributes(self, what: str, error: Exception) -> StorageError:
        where = self.storage_url.masked or self.folder.journal
        return StorageError(f"{where}: {what} has notes that mixopt did not write ({error}): restore the storage")

    @cached_property
    def study_id(self) -> int:
        """The study's id in its storage."""
        return self.storage.get_study_id_from_name(self.spec.study)

    def trial_id(self, number: int) -> int:
        """Return a trial's id in the storage."""
        return self.storage.get_trial_id_from_study_id_trial_number(self.study_id, number)

"""A study: a study file, an Optuna study in a folder, and trials asked and told one by one.

    study = Study.create(Path("studies/shapes.yaml"))
    study = Study.open("shapes")

The loop that trains is in workers/worker.py; what is here changes only the storage, and what only reads it is in
reader.py.
"""

import shutil
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

import optuna
from filelock import FileLock
from optuna.distributions import BaseDistribution
from optuna.trial import FrozenTrial, TrialState, create_trial

from mixopt.errors import StorageError, StrategyError, StudyBusyError, WeightsError
from mixopt.history.attribute_checks import wrong_attribute
from mixopt.history.history import ACTIVE, ENQUEUED, ENQUEUED_STRATEGY
from mixopt.history.keys import (
    ASSURED_TRIALS,
    BASE,
    BASE_FAILED,
    DRAWS,
    EVALUATIONS,
    EXHAUSTED,
    EXIT_CODE,
    EXTRA_TRIALS,
    FAILURES_FROM,
    LABEL,
    LOG_TAIL,
    PHASE,
    REASON,
    ROW,
    SECONDS,
    STEPS_DONE,
    STOPPED,
    STRATEGY,
    TEST,
    TRAIN_SEED,
    UNTIL,
)
from mixopt.history.other_domains import UNIT
from mixopt.leases.leases import LEASE, Leases
from mixopt.paths import TrialFolder
from mixopt.samplers.base import suggest_mixture
from mixopt.samplers.phased import PhasedSampler
from mixopt.storage.files import is_locked
from mixopt.storage.optuna_private import enqueued_params
from mixopt.study.create import create_study
from mixopt.study.plan import request_of
from mixopt.study.reader import StudyReader
from mixopt.study.warm_start import warm_start
from mixopt.trainers.contract import Evaluation, Request, Result, TrialFailed

KEPT = (STRATEGY, LABEL, PHASE, ROW, UNTIL)  # of a failed trial when it is tried again


@dataclass(frozen=True)
class AskedTrial:
    """A trial that wants training: its number, its strategy, what it is called, its request and its folder."""

    number: int
    strategy: str
    label: str
    request: Request
    folder: TrialFolder

    @property
    def part(self) -> float:
        """Of a whole run's steps."""
        return (self.request.until or self.request.steps[-1]) / self.request.steps[-1]


def finished_trial(
    weights: Mapping[str, float],
    values: tuple[float, ...],
    values_by_step: Mapping[int, tuple[float, ...]],
    notes: Mapping[str, Any],
) -> FrozenTrial:
    """A finished trial of a study: its weights, its values, those at each step, its user attributes."""
    now = datetime.now()
    return FrozenTrial(
        number=-1,  # the storage gives one
        trial_id=-1,
        state=TrialState.COMPLETE,
        value=None,
        values=list(values),
        params=dict(weights),
        distributions=dict.fromkeys(weights, UNIT),
        user_attrs=dict(notes),
        system_attrs={},
        intermediate_values={step: value for step, (value, *_) in values_by_step.items()} if len(values) == 1 else {},
        datetime_start=now,
        datetime_complete=now,
    )


class Study(StudyReader):
    """One study on disk, whose trials are asked for and told."""

    @classmethod
    def open(cls, name: str, path: Path | None = None, patience: float = 0.0) -> Self:
        """As `StudyReader.open`; raises StorageError also where its attributes are not of mixopt's kinds."""
        study = super().open(name, path, patience)
        if wrong := wrong_attribute(
            study.optuna.user_attrs, study.trials(), study.space.domains, len(study.scoring.goals)
        ):
            where = study.storage_url.masked or study.folder.journal
            raise StorageError(f"{where}: {wrong}: restore the storage, or delete the study's folder")
        return study

    @classmethod
    def create(cls, file: Path, path: Path | None = None, storage: str = "") -> "Study":
        """Create the study of a study file and open it; see `create_study`."""
        name, folder = create_study(file, path, storage)
        return cls.open(name, folder.path)

    def delete(self) -> None:
        """Remove the study's folder and all that is in it, and the study from its storage.

        Raises:
            StudyBusyError: a worker trains it. One on another machine is watched for a minute before it counts as gone.
        """
        with FileLock(self.folder.queue_lock):  # so that no worker begins a trial meanwhile
            if self._in_training():
                raise StudyBusyError(f"study {self.spec.study!r} is being trained: mixopt study stop {self.spec.study}")
            if self.storage_url.kind != "journal":
                optuna.delete_study(study_name=self.spec.study, storage=self.storage)
            shutil.rmtree(self.folder.path)

    def _in_training(self) -> bool:
        """Whether a worker is at it, for certain."""
        leases, running = Leases(self.folder), [trial.number for trial in self.trials(TrialState.RUNNING)]
        if is_locked(self.folder.base_worker):
            return True
        if owners := leases.elsewhere(running):
            warnings.warn(f"{', '.join(owners)}: watched for up to {LEASE:g} s, whether they still train", stacklevel=3)
        return leases.any_alive(running)

    def add(self, more: int) -> None:
        """Raise the budget by `more` Bayesian trials, which no stopping rule takes back."""
        with FileLock(self.folder.queue_lock):
            there = max(self.assured, self.active)
            self.optuna.set_user_attr(EXTRA_TRIALS, self.extra + more)
            self.optuna.set_user_attr(ASSURED_TRIALS, there + more)

    def reset_failures(self) -> None:
        """Give mixtures that have failed repeatedly their chances again: who resumes has mended what broke them."""
        self.optuna.set_user_attr(FAILURES_FROM, len(self.trials()))
        if self.optuna.user_attrs.get(BASE_FAILED):
            self.optuna.set_user_attr(BASE_FAILED, "")

    def ask(self, sampler: PhasedSampler) -> AskedTrial | None:
        """A new trial with weights by the sampler, or by who enqueued it; recorded as running.

        None where it was enqueued with weights that are no mixture of the space: that trial is failed.
        """
        return self.taken_up(self.new_trial(sampler), sampler)

    def new_trial(self, sampler: PhasedSampler) -> int:
        """The number of a new trial, which is running and has no weights yet."""
        self.optuna.sampler = sampler
        return self.optuna.ask().number

    def new_whole_trial(self, sampler: PhasedSampler, more: Mapping[str, Any] = MappingProxyType({})) -> AskedTrial:
        """The strategy's next trial, recorded as running with its weights, and with more user attributes, in one write.

        For who asks alone (trial_queue.py): of two at the same time both might get the same mixture. Raises
        StrategyError where the strategy has none.
        """
        history = self.history()
        proposal = sampler.propose(history, len(history.trials))
        weights = self.space.as_dict(proposal.weights.clip(0.0, 1.0))  # 1 + 2e-16 would be refused
        notes = {TRAIN_SEED: self.spec.train_seed, **proposal.notes, **more}
        boxes: dict[str, BaseDistribution] = dict.fromkeys(weights, UNIT)
        whole = create_trial(state=TrialState.RUNNING, params=weights, distributions=boxes, user_attrs=notes)
        number = self.storage.get_trial_number_from_id(self.storage.create_new_trial(self.study_id, whole))
        return self._asked(number, weights, notes, [t for t in history.trials if t.state == TrialState.PRUNED])

    def taken_up(self, number: int, sampler: PhasedSampler) -> AskedTrial | None:
        """A running trial, to be trained under its number and weights; one without weights gets them now.

        None as for `ask`. Raises StrategyError where the strategy has no mixture for it.
        """
        self.optuna.sampler = sampler
        return self._weighted(optuna.Trial(self.optuna, self.trial_id(number)))

    def _weighted(self, trial: optuna.Trial) -> AskedTrial | None:
        if TRAIN_SEED not in trial.user_attrs:
            trial.set_user_attr(TRAIN_SEED, self.spec.train_seed)
        try:
            weights = suggest_mixture(trial, self.space)
        except WeightsError as error:
            self.fail(trial.number, TrialFailed(str(error)))
            return None
        notes, short = self.trials()[trial.number].user_attrs, self.trials(TrialState.PRUNED)
        return self._asked(trial.number, weights, notes, short)

    def _asked(self, number: int, weights: dict[str, float], notes: dict, short: list[FrozenTrial]) -> AskedTrial:
        """A trial to train; it may go on from one of those that ended early."""
        request = request_of(self.spec, number, weights, notes[TRAIN_SEED], notes.get(UNTIL))
        folder = self.folder.trial(number)
        start = warm_start(request, folder, [self.folder.trial(other.number) for other in short])
        strategy, label = notes.get(STRATEGY, ENQUEUED_STRATEGY), notes.get(LABEL, ENQUEUED)
        return AskedTrial(number, strategy, label, replace(request, warm_start=start), folder)

    def report(self, number: int, evaluation: Evaluation) -> None:
        """Record what a running trial scores at a step, one objective's value and all tests.

        Raises:
            ScoresError: a test is missing, or a score is outside the study's range.
        """
        known = [e for e in self.trials()[number].user_attrs.get(EVALUATIONS, []) if e["step"] < evaluation.step]
        known.append(evaluation.model_dump())
        scores = {e["step"]: e["scores"] for e in known}
        self.spec.score.refuse_outside(scores)
        value = self.scoring.value(scores)
        self.note(number, {EVALUATIONS: known, **self._summary(scores)})
        self.storage.set_trial_intermediate_value(self.trial_id(number), evaluation.step, value)

    def tell(self, number: int, result: Result) -> tuple[float, ...]:
        """Record a result: its values, which are returned, the value at each step, and the rest as user attributes.

        A run that was ended early is told as pruned, Optuna's word for it. With several objectives Optuna holds no
        values by step.

        Raises:
            ScoresError: a test of the study is missing in the result, or a score is outside the study's range.
        """
        values = self.values(result)
        self.record(number, values, self.scoring.values_by_step(result.scores), self.notes(result), result.short)
        return values

    def notes(self, result: Result) -> dict[str, Any]:
        """What a told trial notes of a result as user attributes."""
        return {
            **self._summary(result.scores),
            EVALUATIONS: [{"step": e.step, "scores": e.scores, "carried": e.carried} for e in result.evaluations],
            STEPS_DONE: result.steps,
            STOPPED: result.stopped,
            EXHAUSTED: list(result.exhausted),
            DRAWS: result.draws,
            SECONDS: result.seconds,
        }

    def tell_base(self, scores: Mapping[str, float]) -> None:
        """Record the scores of the base model, by test."""
        self.optuna.set_user_attr(BASE, dict(scores))

    def value(self, result: Result) -> float:
        """What the study maximises, of a result; raises ScoresError as `values` does, or where it maximises several."""
        self.spec.score.refuse_outside(result.scores)
        return self.scoring.value(result.scores)

    def values(self, result: Result) -> tuple[float, ...]:
        """What the study maximises, of a result, one value an objective.

        Raises:
            ScoresError: a test is missing, or a score is outside the study's range.
        """
        self.spec.score.refuse_outside(result.scores)
        return self.scoring.values(result.scores)

    def record(
        self,
        number: int,
        values: tuple[float, ...],
        values_by_step: Mapping[int, tuple[float, ...]],
        notes: dict,
        short: bool,
    ) -> None:
        """Record a trial's values, those at each step, and its user attributes; a short one is told as pruned."""
        scores = {step: value for step, (value,) in values_by_step.items()} if len(values) == 1 else {}
        state = TrialState.PRUNED if short else TrialState.COMPLETE
        last = list(scores.values())[-1:] or None  # what Optuna tells of a pruned trial
        self.storage.tell(self.trial_id(number), state, last if short else values, notes, scores)

    def add_finished(self, trials: Iterable[FrozenTrial]) -> None:
        """Add trials that were finished elsewhere (`finished_trial`), in few writes; after a kill the first of them are
        there.

        The caller holds the lock by which workers ask.
        """
        self.storage.add_finished(self.study_id, trials)

    def _summary(self, scores: dict[int, dict[str, float]]) -> dict[str, float]:
        """What of step -> test -> score has user attributes of its own: in- and out-score, the tests at the end."""
        last = scores[max(scores)]
        return self.scoring.aggregate(scores) | {f"{TEST}{name}": last[name] for name in self.spec.tests.sizes}

    def fail(self, number: int, failure: TrialFailed) -> None:
        """Record a failure with its reason, exit code and the last lines of its log."""
        self.note(number, {REASON: str(failure), EXIT_CODE: failure.exit_code, LOG_TAIL: failure.log_tail})
        self.optuna.tell(number, state=TrialState.FAIL)

    def retry(self, number: int) -> None:
        """Enqueue the mixture of a failed trial again, in its place in the strategy.

        Raises:
            StrategyError: there is no such failed trial.
        """
        trial = self.trial(number, TrialState.FAIL)
        if any(other.params == trial.params for other in self.trials(*ACTIVE)) or any(
            enqueued_params(other) == trial.params for other in self.trials(TrialState.WAITING)
        ):
            raise StrategyError(f"trial {number}: its mixture is there again already: mixopt study show")
        kept = {key: value for key, value in trial.user_attrs.items() if key in (*KEPT, TRAIN_SEED)}
        self.optuna.enqueue_trial(trial.params, user_attrs=kept)

    def note(self, number: int, notes: dict) -> None:
        """Set user attributes of a trial."""
        for key, value in notes.items():
            self.storage.set_trial_user_attr(self.trial_id(number), key, value)

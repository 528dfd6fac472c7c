"""`Study`: create, open and delete a study, ask for its trials and tell their results.

    study = Study.create(Path("studies/shapes.yaml"))
    study = Study.open("shapes")
    trial = study.ask(study.sampler())
    study.tell(trial.number, result)

A study is a study file in a folder, and an Optuna study in a storage. The loop that trains is in workers/worker.py.
"""

import shutil
import warnings
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any, Self

import optuna
from filelock import FileLock
from optuna.trial import TrialState

from mixopt.errors import StorageError, StrategyError, StudyBusyError
from mixopt.history.attribute_checks import wrong_attribute
from mixopt.history.keys import (
    ASSURED_TRIALS,
    BASE_FAILED,
    EXTRA_TRIALS,
    FAILURES_FROM,
    LABEL,
    PHASE,
    ROW,
    STRATEGY,
    TRAIN_SEED,
    UNTIL,
)
from mixopt.history.trials import ACTIVE
from mixopt.leases.leases import LEASE_TIMEOUT, Leases
from mixopt.samplers.phased import PhasedSampler
from mixopt.storage.files import is_locked
from mixopt.storage.optuna_private import enqueued_params
from mixopt.study.ask import ask_trial, resume_trial
from mixopt.study.asked_trial import AskedTrial
from mixopt.study.create import create_study
from mixopt.study.writer import StudyWriter

POLL = 0.1  # seconds between attempts to get the lock
RETRIED = (STRATEGY, LABEL, PHASE, ROW, UNTIL, TRAIN_SEED)  # user attributes that a failed trial's new attempt keeps


class Study(StudyWriter):
    """A study on disk: create or open it, ask for trials, tell their results."""

    @classmethod
    def open(cls, name: str, path: Path | None = None, patience: float = 0.0) -> Self:
        """Open a study as `StudyReader.open` does, and check its user attributes.

        Raises:
            UnknownStudyError: there is no such study.
            StorageError: its storage cannot be read, or holds a user attribute that mixopt did not write.
        """
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

    @cached_property
    def lock(self) -> FileLock:
        """The lock that processes hold, one at a time, while they ask for trials, add them or correct them."""
        return FileLock(self.folder.queue_lock, poll_interval=POLL)

    def ask(self, sampler: PhasedSampler, notes: Mapping[str, Any] = MappingProxyType({})) -> AskedTrial | None:
        """Begin a new trial: an enqueued one if there is one, otherwise the sampler's next mixture (ask.py).

        Args:
            sampler: proposes the mixture; `study.sampler()` is that of the study file.
            notes: further user attributes of the trial.

        Returns:
            The trial, which is now running; None if its enqueued weights are not in the space: it has failed then.

        Raises:
            StrategyError: the strategy has no mixture at the moment.
        """
        with self.lock:
            return ask_trial(self, sampler, notes)

    def resume(self, number: int, sampler: PhasedSampler) -> AskedTrial | None:
        """Resume a running trial that lost its worker, with the weights that it has (ask.py).

        Args:
            number: the trial's number.
            sampler: proposes a mixture if the trial has no weights yet.

        Returns:
            The trial; None if its enqueued weights are not in the space: it has failed then.

        Raises:
            StrategyError: it has no weights, and the strategy has no mixture for it.
        """
        return resume_trial(self, number, sampler)

    def retry(self, number: int) -> None:
        """Enqueue the mixture of a failed trial again, for the same row of its phase.

        Raises:
            StrategyError: there is no such failed trial, or its mixture is enqueued, running or finished already.
        """
        trial = self.trial(number, TrialState.FAIL)
        if any(other.params == trial.params for other in self.trials(*ACTIVE)) or any(
            enqueued_params(other) == trial.params for other in self.trials(TrialState.WAITING)
        ):
            raise StrategyError(f"trial {number}: its mixture is there again already: mixopt study show")
        kept = {key: value for key, value in trial.user_attrs.items() if key in RETRIED}
        self.optuna.enqueue_trial(trial.params, user_attrs=kept)

    def add(self, more: int) -> None:
        """Raise the budget by `more` Bayesian trials. No stopping rule cuts them."""
        with self.lock:
            assured = max(self.assured, self.active)
            self.optuna.set_user_attr(EXTRA_TRIALS, self.extra + more)
            self.optuna.set_user_attr(ASSURED_TRIALS, assured + more)

    def reset_failures(self) -> None:
        """Forget the failures so far, so that mixtures that failed repeatedly are tried again. `resume` does this."""
        self.optuna.set_user_attr(FAILURES_FROM, len(self.trials()))
        if self.optuna.user_attrs.get(BASE_FAILED):
            self.optuna.set_user_attr(BASE_FAILED, "")

    def delete(self) -> None:
        """Delete the study's folder with everything in it, and the study in its storage.

        Raises:
            StudyBusyError: a worker trains it. A worker on another machine is watched for a minute to be sure.
        """
        with self.lock:  # so that no worker begins a trial meanwhile
            if self._in_training():
                raise StudyBusyError(f"study {self.spec.study!r} is being trained: mixopt study stop {self.spec.study}")
            if self.storage_url.kind != "journal":
                optuna.delete_study(study_name=self.spec.study, storage=self.storage)
            shutil.rmtree(self.folder.path)

    def _in_training(self) -> bool:
        """Whether a worker trains it, for certain."""
        leases, running = Leases(self.folder), [trial.number for trial in self.trials(TrialState.RUNNING)]
        if is_locked(self.folder.base_worker):
            return True
        if owners := leases.elsewhere(running):
            warnings.warn(
                f"{', '.join(owners)}: watched for up to {LEASE_TIMEOUT:g} s, whether they still train", stacklevel=3
            )
        return leases.any_alive(running)

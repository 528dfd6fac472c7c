"""The status of a study: running, complete, paused, ...; the same in lists, summaries, reports and dashboards."""

from dataclasses import dataclass
from typing import Literal, Self

from optuna.trial import TrialState

from mixopt.history.keys import BY_HAND
from mixopt.leases.leases import Leases
from mixopt.samplers.phased import PhasedSampler
from mixopt.storage.files import is_locked
from mixopt.study.control import paused
from mixopt.study.limits import Limits
from mixopt.study.reader import StudyReader

Word = Literal["running", "complete", "ended", "paused", "to resume", "to ask", "to tell"]


@dataclass(frozen=True, kw_only=True)
class Status:
    """The status of a study at one moment.

    Attributes:
        word: the first of these that holds,
            running: a worker trains one of its trials, or scores its base model.
            complete: every trial of its plan and every enqueued trial has ended.
            ended: no trial is open, and its budget or its stopping rule allows no further one.
            paused: `mixopt study pause` was given, and no worker has resumed since.
            to resume: a worker that stopped or died has left a trial, or there are trials to begin.
            to tell: only trials that a person trains are left.
            to ask: there are trials to begin, and no backend to train them.
        interrupted: numbers of the trials that a worker began and no worker trains now.
        to_tell: numbers of the trials that a person trains and has not told yet.
        failed: how many mixtures were given up.
        left: how many trials are still to be trained or told, including those in training.
        why_ended: what the budget or the stopping rule says; "" if neither has ended the study.
    """

    word: Word
    interrupted: tuple[int, ...]
    to_tell: tuple[int, ...]
    failed: int
    left: int
    why_ended: str

    @classmethod
    def of(cls, study: StudyReader, sampler: PhasedSampler | None = None) -> Self:
        """Read the status of a study.

        Args:
            study: the study.
            sampler: the study's sampler, if the caller has it already.
        """
        sampler = sampler or study.sampler()
        history, leases = study.history(), Leases(study.folder)
        running, enqueued = study.trials(TrialState.RUNNING), study.trials(TrialState.WAITING)
        trained = [trial.number for trial in running if not trial.user_attrs.get(BY_HAND)]
        interrupted = [number for number in trained if not leases.seems_alive(number)]
        position = sampler.position(history)
        may_begin = bool(enqueued) or position is not None
        why = (Limits(study).reached(sampler) or "") if may_begin else ""
        failed = sampler.given_up(history)
        left = len(running)
        if may_begin and not why:
            left = max(left + len(enqueued), round(sampler.planned - study.done - failed), 1)
        word: Word
        if len(interrupted) < len(trained) or is_locked(study.folder.base_worker):
            word = "running"
        elif not left:
            word = "ended" if why else "complete"
        elif paused(study.optuna):
            word = "paused"
        elif interrupted:
            word = "to resume"
        elif why or not (enqueued or (position and not position.blocked)):
            word = "to tell"
        else:
            word = "to resume" if study.spec.backend else "to ask"
        return cls(
            word=word,
            interrupted=tuple(interrupted),
            to_tell=tuple(trial.number for trial in running if trial.user_attrs.get(BY_HAND)),
            failed=failed,
            left=left,
            why_ended="" if left else why,
        )

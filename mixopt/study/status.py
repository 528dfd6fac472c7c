"""Where a study stands: one answer for the list of studies, the end of `resume`, the report and the dashboard."""

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
    """A study at one moment.

    Attributes:
        word: in this order,
            running: a worker trains one of its trials, or scores its base model.
            complete: every trial of its plan, and every one that was enqueued, has ended.
            ended: no trial is open, and its budget or its stopping rule lets no other begin.
            paused: `mixopt study pause` was given, and no worker has resumed since.
            to resume: a worker that stopped or died has left a trial, or there are trials to begin.
            to tell: all that is left are trials that are trained by hand.
            to ask: there are trials to begin, and no backend that would train them.
        interrupted: trials that a worker has begun and nobody trains.
        to_tell: trials that are trained by hand and wait to be told.
        failed: mixtures that have failed for good.
        left: trials that are still to be trained or told, those in training included.
        why_ended: what the budget or the stopping rule says; "" where none has ended the study.
    """

    word: Word
    interrupted: tuple[int, ...]
    to_tell: tuple[int, ...]
    failed: int
    left: int
    why_ended: str

    @classmethod
    def of(cls, study: StudyReader, sampler: PhasedSampler | None = None) -> Self:
        """Read it, with the study's own sampler or one that is there already."""
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

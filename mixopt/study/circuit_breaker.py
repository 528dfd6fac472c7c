"""Circuit breaker: workers begin no more trials after the first trials of a study have all failed.

The failures are counted in the storage, so that all workers agree, and from the last `mixopt study resume`, since the
user has fixed the trainer then. They are not counted by trial number: enqueued and resumed trials have low numbers.
"""

from datetime import datetime

from optuna.trial import FrozenTrial, TrialState

from mixopt.history.keys import EXIT_CODE, FAILURES_RESET, HELD_SECONDS, LOG_TAIL, REASON
from mixopt.study.reader import StudyReader
from mixopt.study.study import Study
from mixopt.trainers.contract import TrialFailed

FIRST = 3  # so many failures open the circuit; two could come from one mixture that is tried twice


def trainer_never_worked(study: StudyReader) -> TrialFailed | None:
    """Return why workers begin no more trials, with the log of the last failure; None if they may go on.

    Trials that no trainer had do not count as failures, such as those with weights outside the space. Any trial that
    finished or was pruned, also by hand, lets the study go on.
    """
    own = study.own_trials()
    if any(trial.state in (TrialState.COMPLETE, TrialState.PRUNED) for trial in own):
        return None
    failed = _failed(study)
    count = len(failed) - study.optuna.user_attrs.get(FAILURES_RESET, 0)
    if count < FIRST:
        return None
    name, last = study.spec.study, failed[-1]
    why = (
        f"study {name}: {count} trials have failed and none has finished yet, so no more begin (trial "
        f"{last.number}: {last.user_attrs[REASON]}): fix the trainer, then mixopt study resume {name}"
    )
    return TrialFailed(why, last.user_attrs[EXIT_CODE], last.user_attrs[LOG_TAIL])


def reset_circuit_breaker(study: Study) -> None:
    """Count failures from now on. `mixopt study resume` does this."""
    study.optuna.set_user_attr(FAILURES_RESET, len(_failed(study)))


def _failed(study: StudyReader) -> list[FrozenTrial]:
    """The trials that failed in a trainer, in the order in which they failed."""
    failed = [t for t in study.own_trials() if t.state == TrialState.FAIL and HELD_SECONDS in t.user_attrs]
    return sorted(failed, key=lambda trial: trial.datetime_complete or datetime.max)

"""A trainer that has never worked: a study's budget is not spent on trials that all fail.

Counted from the storage, so that all workers agree, and from the last `resume` on: who resumes has mended what broke.
Not by number, since trials that were enqueued or left behind have low ones.
"""

from datetime import datetime

from optuna.trial import FrozenTrial, TrialState

from mixopt.history.keys import EXIT_CODE, FAILURES_FORGIVEN, HELD_SECONDS, LOG_TAIL, REASON
from mixopt.study.reader import StudyReader
from mixopt.study.study import Study
from mixopt.trainers.contract import TrialFailed

FIRST = 3  # trials that fail before any has finished: a mixture and its second try may have a fault of their own


def trainer_never_worked(study: StudyReader) -> TrialFailed | None:
    """Why workers begin no more trials, with the log of the last one that failed; None where they may go on.

    Trials that no trainer had, as those with weights off the space, are no failures of its; any trial that finished or
    was pruned, by hand too, lets the study go on.
    """
    own = study.own_trials()
    if any(trial.state in (TrialState.COMPLETE, TrialState.PRUNED) for trial in own):
        return None
    failed = _failed(study)
    count = len(failed) - study.optuna.user_attrs.get(FAILURES_FORGIVEN, 0)
    if count < FIRST:
        return None
    name, last = study.spec.study, failed[-1]
    why = (
        f"study {name}: {count} trials have failed and none has finished yet, so no more begin (trial "
        f"{last.number}: {last.user_attrs[REASON]}): mend the trainer, then mixopt study resume {name}"
    )
    return TrialFailed(why, last.user_attrs[EXIT_CODE], last.user_attrs[LOG_TAIL])


def reset_circuit_breaker(study: Study) -> None:
    """Count from now on: who resumes has mended what broke."""
    study.optuna.set_user_attr(FAILURES_FORGIVEN, len(_failed(study)))


def _failed(study: StudyReader) -> list[FrozenTrial]:
    """The trials that a trainer had and that failed, in the order in which they did."""
    failed = [t for t in study.own_trials() if t.state == TrialState.FAIL and HELD_SECONDS in t.user_attrs]
    return sorted(failed, key=lambda trial: trial.datetime_complete or datetime.max)

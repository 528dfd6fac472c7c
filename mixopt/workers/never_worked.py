"""A trainer that has never worked: a study's budget is not spent on trials that all fail.

Counted from the storage, so that all workers agree, and from the last `resume` on, as all failures are (past.py): who
resumes has mended what broke.
"""

from optuna.trial import TrialState

from mixopt.backends.base import TrialFailed
from mixopt.budget import HELD
from mixopt.opened import OpenedStudy

FIRST = 3  # trials that fail before any has finished: a mixture and its second try may have a fault of their own


def never_worked(study: OpenedStudy) -> TrialFailed | None:
    """Why workers begin no more trials, with the log of the last one that failed; None where they may go on.

    Trials that no trainer had, as those with weights off the space, are no failures of its; any trial that finished or
    was pruned, by hand too, lets the study go on.
    """
    own = study.own_trials()
    if any(trial.state in (TrialState.COMPLETE, TrialState.PRUNED) for trial in own):
        return None
    since = study.past().failures_from
    failed = [t for t in own if t.state == TrialState.FAIL and t.number >= since and HELD in t.user_attrs]
    if len(failed) < FIRST:
        return None
    name, last = study.spec.study, failed[-1]
    why = (
        f"study {name}: {len(failed)} trials have failed and none has finished yet, so no more begin (trial "
        f"{last.number}: {last.user_attrs['reason']}): mend the trainer, then mixopt study resume {name}"
    )
    return TrialFailed(why, last.user_attrs["exit_code"], last.user_attrs["log_tail"])

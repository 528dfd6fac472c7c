"""The budget of a study: what it has used, and whether one more trial fits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import mean

from optuna.trial import FrozenTrial, TrialState

from mixopt.history.keys import GPUS, HELD_SECONDS, SECONDS, STEPS_DONE, UNTIL
from mixopt.history.trials import ACTIVE
from mixopt.study.spec import BudgetSpec

HOUR = 3600.0
WORDS = {"trials": "trials", "steps": "training steps", "gpu_hours": "GPU-hours", "hours": "hours on the clock"}


@dataclass(frozen=True)
class UsedUp:
    """A limit that leaves no room for another trial.

    Attributes:
        limit: its key in the study file.
        words: how far it is used.
    """

    limit: str
    words: str


def used_up(budget: BudgetSpec, trials: Sequence[FrozenTrial], whole: int, extra: int, now: datetime) -> UsedUp | None:
    """Return the limit that leaves no room for another trial; None if one fits.

    A running trial counts with what it is expected to take. A failed trial counts with its GPU-hours only: its steps
    are not known, and its mixture is tried again.

    Args:
        budget: the limits.
        trials: the trials that the budget counts.
        whole: training steps of a whole run; the next trial is taken to be one.
        extra: how many trials were added to the budget.
        now: the time, by the clock that the trials' start times come from.
    """
    active = [trial for trial in trials if trial.state in ACTIVE]
    running = sum(trial.state == TrialState.RUNNING for trial in active)
    steps = sum(trial.user_attrs.get(STEPS_DONE, trial.user_attrs.get(UNTIL, whole)) for trial in active)
    begun = [trial.datetime_start for trial in trials if trial.datetime_start]
    hours = max((now - min(begun)).total_seconds(), 0.0) / HOUR if begun else 0.0
    expected = _expected(trials)
    used_and_next = {
        "trials": (len(active), 1),
        "steps": (steps, whole),
        "gpu_hours": (sum(map(_gpu_hours, trials)) + expected * running, expected),
        "hours": (hours, 0.0),
    }
    for name, (used, next_one) in used_and_next.items():
        limit = getattr(budget, name)
        if limit is None:
            continue
        limit += extra if name == "trials" else 0
        if used >= limit or used + next_one > limit:
            left = f", and a trial takes {next_one:.4g}" if used < limit else ""
            return UsedUp(name, f"{used:.4g} of {limit:.4g} {WORDS[name]} are used{left}")
    return None


def _gpu_hours(trial: FrozenTrial) -> float:
    """GPU-hours of a trial that has ended, with or without a result."""
    took = trial.user_attrs.get(SECONDS, trial.user_attrs.get(HELD_SECONDS, 0.0))
    return float(took * trial.user_attrs.get(GPUS, 0) / HOUR)


def _expected(trials: Sequence[FrozenTrial]) -> float:
    """GPU-hours of the next trial: the mean of the trials that finished on GPUs, or 0 if none has."""
    done = [_gpu_hours(trial) for trial in trials if trial.state == TrialState.COMPLETE and GPUS in trial.user_attrs]
    return mean(done) if done else 0.0

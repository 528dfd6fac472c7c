"""What a study has spent, and whether one more trial fits in its budget."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from statistics import mean
from typing import Self

from optuna.trial import FrozenTrial, TrialState

from mixopt.past import LIVE, SECONDS, STEPS_DONE, UNTIL
from mixopt.spec import BudgetSpec

HOUR = 3600.0
# User attributes of a trial: how many GPUs it had to itself, and for how many seconds its last worker had one that has
# no result.
GPUS, HELD = "gpus", "held_seconds"
WORDS = {"trials": "trials", "steps": "training steps", "gpu_hours": "GPU-hours", "hours": "hours on the clock"}


@dataclass(frozen=True)
class Spent:
    """In the units of the study file's `budget`."""

    trials: int
    steps: int
    gpu_hours: float
    hours: float

    @classmethod
    def by(cls, trials: Sequence[FrozenTrial], whole: int, now: datetime) -> Self:
        """All trials; one that is running counts with what it is expected to take.

        Failed trials count with their GPU-hours alone, since nobody knows their steps, and they are tried again.

        Args:
            whole: steps of a whole run.
            now: local time, as Optuna keeps it.
        """
        live = [trial for trial in trials if trial.state in LIVE]
        begun = [trial.datetime_start for trial in trials if trial.datetime_start]
        return cls(
            trials=len(live),
            steps=sum(trial.user_attrs.get(STEPS_DONE, trial.user_attrs.get(UNTIL, whole)) for trial in live),
            gpu_hours=sum(map(_gpu_hours, trials)) + _expected(trials) * _running(trials),
            hours=max((now - min(begun)).total_seconds(), 0.0) / HOUR if begun else 0.0,
        )


def used_up(budget: BudgetSpec, trials: Sequence[FrozenTrial], whole: int, extra: int, now: datetime) -> str | None:
    """Why no further trial fits, or None.

    Args:
        whole: steps of a whole run, which is what the next trial is taken to be.
        extra: trials that were added to the budget.
    """
    spent = Spent.by(trials, whole, now)
    wanted = {"trials": 1, "steps": whole, "gpu_hours": _expected(trials), "hours": 0.0}
    for name, next_one in wanted.items():
        limit, used = getattr(budget, name), getattr(spent, name)
        if limit is None:
            continue
        limit += extra if name == "trials" else 0
        if used >= limit or used + next_one > limit:
            left = f", and a trial takes {next_one:.4g}" if used < limit else ""
            return f"{used:.4g} of {limit:.4g} {WORDS[name]} are used{left}"
    return None


def _gpu_hours(trial: FrozenTrial) -> float:
    """Of a trial that has ended; one without a result has held its GPUs too."""
    took = trial.user_attrs.get(SECONDS, trial.user_attrs.get(HELD, 0.0))
    return float(took * trial.user_attrs.get(GPUS, 0) / HOUR)


def _expected(trials: Sequence[FrozenTrial]) -> float:
    """GPU-hours of the next trial: the mean of those that have finished on GPUs, 0 as long as none has."""
    done = [_gpu_hours(trial) for trial in trials if trial.state == TrialState.COMPLETE and GPUS in trial.user_attrs]
    return mean(done) if done else 0.0


def _running(trials: Sequence[FrozenTrial]) -> int:
    return sum(trial.state == TrialState.RUNNING for trial in trials)

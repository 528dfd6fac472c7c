"""The past of a study whose runs may end early: scores step by step, and what a run until each step costs.

In Optuna's words the score at a step is an intermediate value (`trial.report(score, step)`), a run that was ended early
is a pruned trial, and the last score is the value that a finished trial is told with.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy
from optuna.trial import FrozenTrial, TrialState

from mixopt.history.history import History, weights_of
from mixopt.history.keys import SECONDS, STEPS_DONE, UNTIL
from mixopt.history.runs import LARGEST, refuse_several
from mixopt.models.multi_step_gp import MultiStepGP
from mixopt.typing import FloatArray, IntArray

LEAST_TIMED = 3  # runs from which on a cost is fitted


@dataclass(frozen=True, eq=False)
class MultiStepRuns:
    """Finished runs, and short ones that have a finite score at the first of the steps.

    A step counts for no run, with a warning, where one finished run has no finite score there: levels are related by
    runs that have both.

    Attributes:
        steps: (T,) the evaluation steps, those left out at which a finished run has no finite score.
        weights: (n, m).
        scores: (n, T) larger is better, NaN beyond the last step of a short run.
        costs: (T,) of a run until each step, see `run_costs`.
        pending: (p, m) weights of running trials.
        pending_reach: (p,) the step (0 is the first) at which each of them will end.
    """

    steps: IntArray
    weights: FloatArray
    scores: FloatArray
    costs: FloatArray
    pending: FloatArray
    pending_reach: IntArray

    @classmethod
    def of(cls, history: History, steps: Sequence[int]) -> Self:
        """The runs of a past with one objective, evaluated at `steps`, of which the last is a whole run's end.

        Raises:
            StrategyError: the study has several objectives.
        """
        refuse_several("a search that ends runs early", len(history.signs))
        space = history.space
        known = [trial for trial in history.trials if weights_of(trial, space) is not None]
        whole = [trial for trial in known if trial.state == TrialState.COMPLETE and history.usable(trial)]
        kept = [step for step in steps[:-1] if _counts(step, whole)] + [steps[-1]]
        short = [t for t in known if t.state == TrialState.PRUNED and np.isfinite(_scores(t, kept)[0])]
        running = [trial for trial in known if trial.state == TrialState.RUNNING]
        timed = [t for t in (*whole, *short) if SECONDS in t.user_attrs and STEPS_DONE in t.user_attrs]

        def weights(trials: list[FrozenTrial]) -> FloatArray:
            return np.array([weights_of(trial, space) for trial in trials]).reshape(-1, space.m)

        rows = [_scores(trial, kept) for trial in (*whole, *short)]
        done, seconds = (np.array([t.user_attrs[key] for t in timed], dtype=float) for key in (STEPS_DONE, SECONDS))
        ends = [trial.user_attrs.get(UNTIL, kept[-1]) for trial in running]
        return cls(
            steps=np.array(kept),
            weights=weights([*whole, *short]),
            scores=history.sign * np.array(rows).reshape(-1, len(kept)),
            costs=run_costs(np.array(kept), done, seconds),
            pending=weights(running),
            pending_reach=np.searchsorted(kept, ends, side="right") - 1,
        )

    def surrogate(self) -> MultiStepGP:
        """What the finished and the short runs say of the last score; raises StrategyError as it does."""
        return MultiStepGP.of(self.weights, self.scores)

    def conditioned_on(self) -> MultiStepGP:
        """The same, as if the running trials had come out as expected."""
        surrogate = self.surrogate()
        for reach in np.unique(self.pending_reach[self.pending_reach >= 0]):
            surrogate = surrogate.until(int(reach)).conditioned_on(self.pending[self.pending_reach == reach])
        return surrogate.until(len(self.steps) - 1)


def _scores(trial: FrozenTrial, steps: list[int]) -> list[float]:
    """A trial's scores at steps; NaN from the first step on that it has no finite one at."""
    found = [trial.intermediate_values.get(step, np.nan) for step in steps[:-1]]
    there = np.logical_and.accumulate(np.abs(found) <= LARGEST)
    return [*np.where(there, found, np.nan), trial.values[0] if trial.state == TrialState.COMPLETE else np.nan]


def _counts(step: int, whole: list[FrozenTrial]) -> bool:
    """Whether all finished trials have a finite score at a step; warns where one has none."""
    without = [trial.number for trial in whole if not abs(trial.intermediate_values.get(step, np.nan)) <= LARGEST]
    if without:
        warnings.warn(
            f"step {step} counts for no run, since trial {without[0]} finished without a finite score there: leave "
            "it out of `steps`, or report a score there in every run",
            stacklevel=2,
        )
    return not without


def run_costs(steps: IntArray, timed_steps: FloatArray, seconds: FloatArray) -> FloatArray:
    """What a run until each of steps (T,) costs, (T,).

    Seconds, start-up and a part for each training step, by least squares without negative parts over the runs whose
    steps (n,) and seconds (n,) are known; the steps themselves where these are fewer than 3 or all of one length, which
    does not tell the two parts apart.
    """
    if len(seconds) < LEAST_TIMED or np.ptp(timed_steps) == 0:
        return np.asarray(steps, dtype=float)
    (start, each), _ = scipy.optimize.nnls(np.column_stack([np.ones(len(seconds)), timed_steps]), seconds)
    return np.asarray(start + each * steps) if each > 0 else np.asarray(steps, dtype=float)

"""Runs with scores at several evaluation steps, read from a study's history: scores, costs and running trials.

In Optuna's words the score at a step is an intermediate value (`trial.report(score, step)`), a run that ended early is
a pruned trial, and the last score is the value that a finished trial was told with.
"""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import scipy
from optuna.trial import FrozenTrial, TrialState

from mixopt.history.history import History
from mixopt.history.keys import SECONDS, STEPS_DONE, UNTIL
from mixopt.history.runs import LARGEST, refuse_several
from mixopt.history.trials import weights_of
from mixopt.history.usable_runs import is_usable
from mixopt.models.multi_step_gp import FittedMultiStepGP, MultiStepGP
from mixopt.typing import FloatArray, IntArray

LEAST_TIMED = 3  # runs with known seconds that a cost is fitted on


@dataclass(frozen=True, eq=False)
class MultiStepRuns:
    """Finished runs, and short runs that have a finite score at the first of the steps.

    A step at which some finished run has no finite score is left out, with a warning: steps are related by runs that
    have a score at both.

    Attributes:
        steps: (T,) the evaluation steps, in training steps.
        weights: (n, m).
        scores: (n, T) larger is better, NaN beyond the last step of a short run.
        costs: (T,) of a run until each step, see `run_costs`.
        pending: (p, m) weights of running trials.
        pending_reach: (p,) number of the step, from 0 on, at which each of them will end.
    """

    steps: IntArray
    weights: FloatArray
    scores: FloatArray
    costs: FloatArray
    pending: FloatArray
    pending_reach: IntArray

    @classmethod
    def of(cls, history: History, steps: Sequence[int]) -> Self:
        """Read the runs of a study.

        Args:
            history: of a study with one objective.
            steps: the evaluation steps, rising; the last one ends a whole run.

        Returns:
            The runs.

        Raises:
            StrategyError: the study has several objectives.
        """
        refuse_several("a search that ends runs early", len(history.signs))
        space = history.space
        known = [trial for trial in history.trials if weights_of(trial, space) is not None]
        whole = [trial for trial in known if trial.state == TrialState.COMPLETE and is_usable(trial, space)]
        kept = [step for step in steps[:-1] if _usable(step, whole)] + [steps[-1]]
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

    def fit(self) -> FittedMultiStepGP:
        """Fit the multi-step Gaussian process on the finished and the short runs.

        Raises:
            StrategyError: as `MultiStepGP.fit` does.
        """
        return MultiStepGP().fit(self.weights, self.scores)

    def fit_with_pending(self) -> FittedMultiStepGP:
        """The same, conditioned on the running trials as if they scored what the model expects.

        Raises:
            StrategyError: as `MultiStepGP.fit` does.
        """
        model = self.fit()
        for reach in np.unique(self.pending_reach[self.pending_reach >= 0]):
            model = model.until(int(reach)).conditioned_on(self.pending[self.pending_reach == reach])
        return model.until(len(self.steps) - 1)


def _scores(trial: FrozenTrial, steps: list[int]) -> list[float]:
    """A trial's scores at steps; NaN from the first step on at which it has no finite score."""
    found = [trial.intermediate_values.get(step, np.nan) for step in steps[:-1]]
    there = np.logical_and.accumulate(np.abs(found) <= LARGEST)
    return [*np.where(there, found, np.nan), trial.values[0] if trial.state == TrialState.COMPLETE else np.nan]


def _usable(step: int, whole: list[FrozenTrial]) -> bool:
    """Whether all finished trials have a finite score at a step; warns where one has none."""
    without = [trial.number for trial in whole if not abs(trial.intermediate_values.get(step, np.nan)) <= LARGEST]
    if without:
        warnings.warn(
            f"step {step} is not used, because trial {without[0]} finished without a finite score there: remove it "
            "from `steps`, or report a score there in every run",
            stacklevel=2,
        )
    return not without


def run_costs(steps: IntArray, timed_steps: FloatArray, seconds: FloatArray) -> FloatArray:
    """Fit the cost of a run until each step: seconds to start up, and seconds for each training step.

    The fit is least squares without negative parts. With fewer than 3 timed runs, or runs of one length, the two parts
    cannot be distinguished; then the costs are the steps themselves.

    Args:
        steps: (T,) evaluation steps, in training steps.
        timed_steps: (n,) training steps of the runs whose seconds are known.
        seconds: (n,) that these runs took.

    Returns:
        Costs (T,), rising, in seconds or in steps.
    """
    if len(seconds) < LEAST_TIMED or np.ptp(timed_steps) == 0:
        return np.asarray(steps, dtype=float)
    (start, each), _ = scipy.optimize.nnls(np.column_stack([np.ones(len(seconds)), timed_steps]), seconds)
    return np.asarray(start + each * steps) if each > 0 else np.asarray(steps, dtype=float)

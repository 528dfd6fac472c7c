"""Pruning: end a running trial early, because a user or one of Optuna's pruners says so.

Nothing is pruned unless the study file says `pruning`: with Optuna's usual settings and noisy scores, the best run of a
study is pruned in 28 to 52 % of cases (studies/pruners.py). Runs of a seed design are never pruned, since heuristics
need whole runs.

The mark is a user attribute of the trial, so it holds for every worker that trains it. The scores so far count where
the study learns from short runs (samplers/bayes_with_pruning.py).
"""

import warnings
from contextlib import suppress

from optuna.exceptions import ExperimentalWarning, UpdateFinishedTrialError
from optuna.pruners import BasePruner, NopPruner, PatientPruner, PercentilePruner
from optuna.trial import TrialState
from pydantic import ValidationError

from mixopt.errors import ScoresError, StrategyError
from mixopt.history.keys import BY_HAND, PHASE, PRUNE, STEPS_DONE, STOPPED
from mixopt.study.asked_trial import AskedTrial
from mixopt.study.spec import PruningSpec, SeedPhase
from mixopt.study.study import Study
from mixopt.trainers.contract import Evaluation


def pruner_of(spec: PruningSpec | None) -> BasePruner:
    """Make the pruner of a study file; without `pruning` it is one that prunes nothing."""
    if spec is None:
        return NopPruner()
    percentile = None
    if spec.percentile is not None:
        percentile = PercentilePruner(spec.percentile, spec.warmup_trials, spec.warmup_steps)
    if not spec.patience:
        return percentile or NopPruner()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        return PatientPruner(percentile, spec.patience)


class Pruning:
    """The trials of a study that are to end early."""

    def __init__(self, study: Study) -> None:
        self._study, self._pruner = study, pruner_of(study.spec.pruning)

    def observe(self, asked: AskedTrial, event: dict) -> None:
        """Record the scores of an `evaluation` event of a running trial, and mark the trial if the pruner says so.

        An event that is no whole evaluation of a requested step is ignored; the result has the scores that count.
        """
        evaluation = _evaluation(asked, event)
        if evaluation is None:
            return
        try:
            self._study.report(asked.number, evaluation)
        except (ScoresError, UpdateFinishedTrialError):  # several objectives, or another worker was faster
            return
        trial = self._study.trials()[asked.number]
        searched = PHASE in trial.user_attrs and not isinstance(self._study.phase(trial.user_attrs[PHASE]), SeedPhase)
        early = evaluation.step < (asked.request.until or asked.request.steps[-1])
        if searched and early and self._pruner.prune(self._study.optuna, trial):
            with suppress(StrategyError):  # it has just ended
                self.mark(asked.number, f"by the pruner at step {evaluation.step}")

    def mark(self, number: int, why: str) -> None:
        """Mark a running trial, so that its worker, or the next one, ends it; it is then pruned.

        Raises:
            StrategyError: there is no such running trial.
        """
        trial = self._study.trial(number, TrialState.RUNNING)
        try:
            self._study.note(number, {PRUNE: why})
        except UpdateFinishedTrialError:
            raise StrategyError(f"trial {number} has ended at this very moment: mixopt study show") from None
        if trial.user_attrs.get(BY_HAND):
            self.end(number)  # no worker trains it

    def marked(self) -> set[int]:
        """Return the numbers of the running trials that are marked."""
        return {trial.number for trial in self._study.trials(TrialState.RUNNING) if trial.user_attrs.get(PRUNE)}

    def end(self, number: int) -> None:
        """Record that a trial was pruned, with the scores that it had."""
        steps = self._study.trials()[number].intermediate_values
        self._study.note(number, {STEPS_DONE: max(steps, default=0), STOPPED: "pruned"})
        self._study.optuna.tell(number, state=TrialState.PRUNED)


def _evaluation(asked: AskedTrial, event: dict) -> Evaluation | None:
    if event.get("kind") != "evaluation" or event.get("step") not in asked.request.steps:
        return None
    try:
        return Evaluation.model_validate({"step": event["step"], "scores": event.get("scores")})
    except ValidationError:
        return None

"""Trials that are ended before their end: on a user's word, or because a pruner of Optuna's finds them hopeless.

Nothing is pruned unless the study file says `pruning`: on noisy curves the usual defaults end the best run of a study
in 28 to 52 % of cases (studies/pruners.py). Runs of a seed design are never pruned, since heuristics need them whole.

The word is kept with the trial, so that it holds whichever worker trains it, and what it has scored counts where the
study learns from short runs (samplers/bayes_with_pruning.py).
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
    """The pruner that a study file names."""
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
    """Which trials of a study are to end."""

    def __init__(self, study: Study) -> None:
        self._study, self._pruner = study, pruner_of(study.spec.pruning)

    def heard(self, asked: AskedTrial, event: dict) -> None:
        """Keep what an `evaluation` event of a running trial says, and condemn the trial where the pruner says so.

        What is no whole evaluation of an asked step is left out: the result is what counts.
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
            with suppress(StrategyError):  # it has ended at this very moment
                self.condemn(asked.number, f"by the pruner at step {evaluation.step}")

    def condemn(self, number: int, why: str) -> None:
        """Have a running trial ended, by the worker that trains it or by the next; it counts as pruned.

        Raises:
            StrategyError: there is no such running trial.
        """
        trial = self._study.trial(number, TrialState.RUNNING)
        try:
            self._study.note(number, {PRUNE: why})
        except UpdateFinishedTrialError:
            raise StrategyError(f"trial {number} has ended at this very moment: mixopt study show") from None
        if trial.user_attrs.get(BY_HAND):
            self.end(number)  # no worker would

    def condemned(self) -> set[int]:
        """The running trials that are to end."""
        return {trial.number for trial in self._study.trials(TrialState.RUNNING) if trial.user_attrs.get(PRUNE)}

    def end(self, number: int) -> None:
        """Record that a trial was ended, with what it had scored."""
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

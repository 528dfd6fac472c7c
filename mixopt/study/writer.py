"""`StudyWriter`: record in a study how its trials end: results, reports, failures, finished runs."""

from collections.abc import Iterable, Mapping
from typing import Any

from optuna.trial import FrozenTrial, TrialState

from mixopt.history.finished_trial import intermediate_values
from mixopt.history.keys import (
    BASE,
    DRAWS,
    EVALUATIONS,
    EXHAUSTED,
    EXIT_CODE,
    LOG_TAIL,
    REASON,
    SECONDS,
    STEPS_DONE,
    STOPPED,
    TEST,
)
from mixopt.study.reader import StudyReader
from mixopt.trainers.contract import Evaluation, Result, TrialFailed


class StudyWriter(StudyReader):
    """A study whose trials can be told."""

    def report(self, number: int, evaluation: Evaluation) -> None:
        """Record the scores of a running trial at a step, for a study with one objective.

        Raises:
            ScoresError: a test is missing, or a score is outside the study's range.
        """
        earlier = [e for e in self.trials()[number].user_attrs.get(EVALUATIONS, []) if e["step"] < evaluation.step]
        evaluations = [*earlier, evaluation.model_dump()]
        scores = {e["step"]: e["scores"] for e in evaluations}
        self.spec.score.refuse_outside(scores)
        value = self.scoring.value(scores)
        self.note(number, {EVALUATIONS: evaluations, **self._summary(scores)})
        self.storage.set_trial_intermediate_value(self.trial_id(number), evaluation.step, value)

    def tell(self, number: int, result: Result) -> tuple[float, ...]:
        """Record the result of a running trial: its values, the values at each step, and the rest as user attributes.

        A run that ended early is recorded as pruned, which is Optuna's word for it.

        Returns:
            The values, one per objective.

        Raises:
            ScoresError: a test of the study is missing in the result, or a score is outside the study's range.
            UpdateFinishedTrialError: the trial has ended already; nothing is written.
        """
        values = self.values(result)
        self.record(number, values, self.scoring.values_by_step(result.scores), self.notes(result), result.short)
        return values

    def notes(self, result: Result) -> dict[str, Any]:
        """Return the user attributes that record a result."""
        return {
            **self._summary(result.scores),
            EVALUATIONS: [{"step": e.step, "scores": e.scores, "carried": e.carried} for e in result.evaluations],
            STEPS_DONE: result.steps,
            STOPPED: result.stopped,
            EXHAUSTED: list(result.exhausted),
            DRAWS: result.draws,
            SECONDS: result.seconds,
        }

    def tell_base(self, scores: Mapping[str, float]) -> None:
        """Record the scores of the base model, by test."""
        self.optuna.set_user_attr(BASE, dict(scores))

    def value(self, result: Result) -> float:
        """Return what the study maximises, for a result.

        Raises:
            ScoresError: a test is missing, a score is outside the study's range, or the study has several objectives.
        """
        self.spec.score.refuse_outside(result.scores)
        return self.scoring.value(result.scores)

    def values(self, result: Result) -> tuple[float, ...]:
        """Return what the study maximises, for a result, one value per objective.

        Raises:
            ScoresError: a test is missing, or a score is outside the study's range.
        """
        self.spec.score.refuse_outside(result.scores)
        return self.scoring.values(result.scores)

    def record(
        self,
        number: int,
        values: tuple[float, ...],
        values_by_step: Mapping[int, tuple[float, ...]],
        notes: Mapping[str, Any],
        short: bool,
    ) -> None:
        """End a running trial with its values.

        Args:
            number: the trial's number.
            values: one value per objective.
            values_by_step: evaluation step -> values.
            notes: user attributes.
            short: whether the run ended early; it is then recorded as pruned, with the value of its last step.
        """
        scores = intermediate_values(values, values_by_step)
        state = TrialState.PRUNED if short else TrialState.COMPLETE
        last = list(scores.values())[-1:] or None
        self.storage.tell(self.trial_id(number), state, last if short else values, notes, scores)

    def add_finished(self, trials: Iterable[FrozenTrial]) -> None:
        """Add trials that finished elsewhere (history/finished_trial.py), in few writes. The caller holds the lock.

        A crash leaves the first of them.
        """
        self.storage.add_finished(self.study_id, trials)

    def fail(self, number: int, failure: TrialFailed) -> None:
        """Record that a running trial failed, with the reason, the exit code and the last lines of its log."""
        self.note(number, {REASON: str(failure), EXIT_CODE: failure.exit_code, LOG_TAIL: failure.log_tail})
        self.optuna.tell(number, state=TrialState.FAIL)

    def note(self, number: int, notes: Mapping[str, Any]) -> None:
        """Set user attributes of a running trial."""
        for key, value in notes.items():
            self.storage.set_trial_user_attr(self.trial_id(number), key, value)

    def _summary(self, scores: Mapping[int, Mapping[str, float]]) -> dict[str, float]:
        """The scores that have user attributes of their own: in-score, out-score, and each test at the last step."""
        last = scores[max(scores)]
        return self.scoring.aggregate(scores) | {f"{TEST}{name}": last[name] for name in self.spec.tests.sizes}

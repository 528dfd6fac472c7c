"""What bounds a study beside its strategy: budgets, a stopping rule, and pruning."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from mixopt.study.spec.base import Count, Number, Strict

Positive = Annotated[Number, Field(gt=0)]


class BudgetSpec(Strict):
    """What all trials together may use; no trial begins that would not fit.

    `hours` are those of the clock since the first trial began, pauses included; `gpu_hours` are a trial's seconds times
    the GPUs that it had to itself.
    """

    trials: Count | None = None
    steps: Count | None = None
    gpu_hours: Positive | None = None
    hours: Positive | None = None


class StopSpec(Strict):
    """Stop when the chance that one more run finds a mixture better by more than `gain` is below `probability`."""

    gain: Positive
    probability: Annotated[Number, Field(gt=0, lt=1)]


class PruningSpec(Strict):
    """Which runs are ended early: those outside of the best `percentile` of the finished ones at the same step, once
    `warmup_trials` have finished and `warmup_steps` are done; with `patience`, only those that have not improved for so
    many evaluations (Optuna's PercentilePruner and PatientPruner)."""

    percentile: Annotated[Number, Field(gt=0, lt=100)] | None = None
    warmup_trials: Count = 10
    warmup_steps: Annotated[int, Field(ge=0, strict=True)] = 0
    patience: Count | None = None

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.percentile is None and self.patience is None:
            raise ValueError("say `percentile`, such as 75 to keep the best three quarters, or `patience`, or both")
        return self

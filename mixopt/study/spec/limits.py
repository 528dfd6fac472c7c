"""The keys `budget`, `stop` and `pruning` of a study file: when a study or a run ends early."""

from typing import Annotated, Self

from pydantic import Field, model_validator

from mixopt.study.spec.base import Count, Number, Positive, Strict


class BudgetSpec(Strict):
    """Limits on all trials together. No trial begins that would not fit; running trials are finished."""

    trials: Count | None = Field(
        None,
        description="Largest number of finished, pruned and running trials. Failed trials are tried again and do not "
        "count. `mixopt study resume NAME --trials +10` raises it.",
        examples=[40],
    )
    steps: Count | None = Field(
        None,
        description="Largest number of training steps: those done, and those that running trials will do.",
        examples=[3200],
    )
    gpu_hours: Positive | None = Field(
        None, description="GPU-hours: the time of each trial times the number of its GPUs.", examples=[200]
    )
    hours: Positive | None = Field(
        None, description="Hours on the clock since the first trial began, pauses included.", examples=[48]
    )


class StopSpec(Strict):
    """Stopping rule: stop once the chance that one more run finds a mixture better by `gain` is below `probability`."""

    gain: Positive = Field(description="Improvement that is worth another run, in units of the score.", examples=[0.01])
    probability: Annotated[Number, Field(gt=0, lt=1)] = Field(
        description="Stop once the chance of such an improvement is below this number, between 0 and 1.", examples=[0.1]
    )


class PruningSpec(Strict):
    """Pruning: which runs are ended early, by Optuna's PercentilePruner and PatientPruner. Seed runs never are."""

    percentile: Annotated[Number, Field(gt=0, lt=100)] | None = Field(
        None,
        description="End a run whose best evaluation so far is not among the best `percentile` % of the finished runs "
        "at the same step.",
        examples=[75],
    )
    warmup_trials: Count = Field(10, description="Prune nothing before this many trials have finished.")
    warmup_steps: Annotated[int, Field(ge=0, strict=True)] = Field(
        0, description="Prune no run before this many of its training steps are done."
    )
    patience: Count | None = Field(
        None,
        description="End a run only if it has not improved for this many evaluations. It can stand alone or beside "
        "`percentile`; a run then ends only if both hold.",
        examples=[2],
    )

    @model_validator(mode="after")
    def _something(self) -> Self:
        if self.percentile is None and self.patience is None:
            raise ValueError("give `percentile`, such as 75 to keep the best three quarters, or `patience`, or both")
        return self

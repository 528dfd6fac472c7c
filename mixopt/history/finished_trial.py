"""Build an Optuna trial that has already finished, from weights and scores: imported runs and replicates."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from optuna.trial import FrozenTrial, TrialState

from mixopt.history.other_domains import UNIT

NO_NUMBER = -1  # the storage gives a trial its number and its id


def finished_trial(
    weights: Mapping[str, float],
    values: tuple[float, ...],
    values_by_step: Mapping[int, tuple[float, ...]],
    notes: Mapping[str, Any],
) -> FrozenTrial:
    """Return a complete trial that a study can add.

    Args:
        weights: domain -> weight; they sum to 1.
        values: what the study maximises, one value per objective.
        values_by_step: evaluation step -> values. Optuna keeps them for one objective only.
        notes: user attributes.
    """
    now = datetime.now()
    return FrozenTrial(
        number=NO_NUMBER,
        trial_id=NO_NUMBER,
        state=TrialState.COMPLETE,
        value=None,
        values=list(values),
        params=dict(weights),
        distributions=dict.fromkeys(weights, UNIT),
        user_attrs=dict(notes),
        system_attrs={},
        intermediate_values=intermediate_values(values, values_by_step),
        datetime_start=now,
        datetime_complete=now,
    )


def intermediate_values(values: tuple[float, ...], values_by_step: Mapping[int, tuple[float, ...]]) -> dict[int, float]:
    """Return evaluation step -> value, which Optuna keeps for one objective; {} for several."""
    return {step: value for step, (value, *_) in values_by_step.items()} if len(values) == 1 else {}

"""Correct a finished trial: replace it by one with other scores, or forget it (history/corrections.py).

The caller holds the study's lock.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from math import isnan, nan
from typing import Any

from optuna.trial import FrozenTrial, TrialState

from mixopt.errors import StrategyError
from mixopt.history.corrections import FORGOT, REPLACED, Corrections
from mixopt.history.finished_trial import NO_NUMBER, intermediate_values
from mixopt.history.keys import (
    CLAIM,
    CORRECTIONS,
    EVALUATIONS,
    EXIT_CODE,
    FORGOTTEN,
    IN_SCORE,
    LOG_TAIL,
    OUT_SCORE,
    PHASE,
    REASON,
    REPLACES,
    ROW,
    STOCK,
    TEST,
)
from mixopt.history.trials import ACTIVE
from mixopt.storage.optuna_private import enqueued_params
from mixopt.study.study import Study

FAILURE = (REASON, EXIT_CODE, LOG_TAIL)


def correctable(study: Study, number: int) -> FrozenTrial:
    """Return a trial that may be corrected: it has ended, and it counts.

    Raises:
        StrategyError: there is no such trial; the message says what to correct instead.
    """
    trials, name = study.trials(), study.spec.study
    if not 0 <= number < len(trials):
        last = f"its trials are 0 to {len(trials) - 1}" if trials else "it has none yet"
        raise StrategyError(f"study {name!r} has no trial {number}: {last}")
    trial, corrections = trials[number], Corrections.of(trials, study.optuna.user_attrs)
    if number in corrections.replaced_by:
        by = corrections.replaced_by[number]
        raise StrategyError(f"trial {number} is replaced by trial {by} already: correct that one")
    if number in corrections.forgotten:
        raise StrategyError(f"trial {number} is forgotten already: mixopt study import adds a run with its scores")
    if not trial.state.is_finished():
        word = trial.state.name.lower()
        raise StrategyError(f"trial {number} is {word}, so there is nothing to correct: mixopt study show {name}")
    return trial


def replace_trial(
    study: Study,
    number: int,
    values: tuple[float, ...],
    values_by_step: Mapping[int, tuple[float, ...]],
    notes: Mapping[str, Any],
    why: str,
    *,
    short: bool = False,
) -> int:
    """Replace a finished or failed trial by a new finished trial, and return the new trial's number.

    The new trial keeps the weights, the row of a phase, the training seed and the times of the old one.

    Args:
        study: the study.
        number: the old trial.
        values: one value per objective.
        values_by_step: evaluation step -> values.
        notes: user attributes with the scores.
        why: a reason, kept in the correction log.
        short: whether the run ended early.

    Raises:
        StrategyError: there is no such trial, it is corrected already, it has not ended or has no weights, or another
            trial has taken its row since it failed.
    """
    old = correctable(study, number)
    if len(old.params) < study.space.m:
        raise StrategyError(f"trial {number} has no weights, so no scores belong to it: ask for a new trial")
    _refuse_taken_row(study, old)
    kept = {key: note for key, note in old.user_attrs.items() if not _is_score(key) and key not in (*FAILURE, CLAIM)}
    if STOCK in kept:  # what a stock sampler notes on the study is read from the old trial
        kept[STOCK] = {**kept[STOCK], "study": {}}
    scores = intermediate_values(values, values_by_step)
    log = [*old.user_attrs.get(CORRECTIONS, []), _entry(old, REPLACED, why)]
    new = FrozenTrial(
        number=NO_NUMBER,
        trial_id=NO_NUMBER,
        state=TrialState.PRUNED if short else TrialState.COMPLETE,
        value=None,
        values=list(scores.values())[-1:] or None if short else list(values),
        params=old.params,
        distributions=old.distributions,
        user_attrs={**kept, **notes, REPLACES: number, CORRECTIONS: log},
        system_attrs=old.system_attrs,
        intermediate_values=scores,
        datetime_start=old.datetime_start,
        datetime_complete=old.datetime_complete,
    )
    trial_id = study.storage.create_new_trial(study.study_id, new)
    return study.storage.get_trial_number_from_id(trial_id)


def forget_trial(study: Study, number: int, why: str) -> None:
    """Leave a finished trial out of everything. Its row of a phase wants a trial again, as after a failure.

    Args:
        study: the study.
        number: the trial.
        why: a reason, kept in the correction log.

    Raises:
        StrategyError: there is no such trial, it is corrected already, or it has not finished.
    """
    trial = correctable(study, number)
    if trial.state == TrialState.FAIL:
        raise StrategyError(f"trial {number} failed, so it does not count: there is nothing to forget")
    log = [*trial.user_attrs.get(CORRECTIONS, []), _entry(trial, FORGOT, why)]
    study.optuna.set_user_attr(FORGOTTEN.format(number), log)


def _refuse_taken_row(study: Study, old: FrozenTrial) -> None:
    """Raise StrategyError if a failed trial's mixture is tried again by another trial."""
    if old.state != TrialState.FAIL:
        return
    place = old.user_attrs.get(PHASE), old.user_attrs.get(ROW)
    for other in study.trials(*ACTIVE, TrialState.WAITING):
        row = place != (None, None) and (other.user_attrs.get(PHASE), other.user_attrs.get(ROW)) == place
        if row or other.params == old.params or enqueued_params(other) == old.params:
            raise StrategyError(
                f"trial {old.number} failed, and trial {other.number} tries its mixture again: correct that one"
            )


def _is_score(key: str) -> bool:
    return key.startswith(TEST) or key in (IN_SCORE, OUT_SCORE, EVALUATIONS)


def _entry(trial: FrozenTrial, action: str, why: str) -> dict[str, Any]:
    notes = trial.user_attrs
    tests = {key.removeprefix(TEST): score for key, score in notes.items() if key.startswith(TEST)}
    sides = {side: notes[side] for side in (IN_SCORE, OUT_SCORE) if not isnan(notes.get(side, nan))}
    return {
        "action": action,
        "number": trial.number,
        "values": trial.values,
        "scores": {**tests, **sides},
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "why": why,
    }

"""Finished trials put right: replaced by another with other scores, or forgotten. corrections.py says what that means.

Who corrects holds the lock by which workers ask.
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from math import isnan, nan
from typing import Any

from optuna.trial import FrozenTrial, TrialState

from mixopt.errors import StrategyError
from mixopt.history.corrections import FORGOT, REPLACED, Corrections
from mixopt.history.history import ACTIVE
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
from mixopt.storage.optuna_private import enqueued_params
from mixopt.study.study import Study

FAILURE = (REASON, EXIT_CODE, LOG_TAIL)


def correctable(study: Study, number: int) -> FrozenTrial:
    """A trial that may be corrected: it has ended, and counts.

    Raises:
        StrategyError: there is none; the message says what to correct instead.
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
    """Have a new finished trial take the place of a finished or failed one; returns its number.

    It keeps the weights, the place in a design, the training seed and the times of the old one; the scores are new.

    Args:
        values, staged, notes, short: the scores as `Study.record` takes them.
        why: kept in the trial's history.

    Raises:
        StrategyError: there is no such trial, it is corrected already, it has not ended or has no weights, or its row
            of a design is taken by another trial since it failed.
    """
    old = correctable(study, number)
    if len(old.params) < study.space.m:
        raise StrategyError(f"trial {number} has no weights, so no scores belong to it: ask for a new trial")
    _refuse_taken_row(study, old)
    kept = {key: note for key, note in old.user_attrs.items() if not _is_score(key) and key not in (*FAILURE, CLAIM)}
    if STOCK in kept:  # what it noted on the study is read from the old trial, in its place in the sequence
        kept[STOCK] = {**kept[STOCK], "study": {}}
    scores = {step: value for step, (value, *_) in values_by_step.items()} if len(values) == 1 else {}
    history = [*old.user_attrs.get(CORRECTIONS, []), _entry(old, REPLACED, why)]
    new = FrozenTrial(
        number=-1,  # the storage gives one
        trial_id=-1,
        state=TrialState.PRUNED if short else TrialState.COMPLETE,
        value=None,
        values=list(scores.values())[-1:] or None if short else list(values),
        params=old.params,
        distributions=old.distributions,
        user_attrs={**kept, **notes, REPLACES: number, CORRECTIONS: history},
        system_attrs=old.system_attrs,
        intermediate_values=scores,
        datetime_start=old.datetime_start,
        datetime_complete=old.datetime_complete,
    )
    trial_id = study.storage.create_new_trial(study.study_id, new)
    return study.storage.get_trial_number_from_id(trial_id)


def forget_trial(study: Study, number: int, why: str) -> None:
    """Leave a finished trial out of everything; its row of a design wants a trial again, as that of a failed one.

    Raises:
        StrategyError: there is no such trial, it is corrected already, or it has not finished.
    """
    trial = correctable(study, number)
    if trial.state == TrialState.FAIL:
        raise StrategyError(f"trial {number} failed, so it counts for nothing already: there is nothing to forget")
    history = [*trial.user_attrs.get(CORRECTIONS, []), _entry(trial, FORGOT, why)]
    study.optuna.set_user_attr(FORGOTTEN.format(number), history)


def _refuse_taken_row(study: Study, old: FrozenTrial) -> None:
    """A failed trial's mixture may have been tried again."""
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

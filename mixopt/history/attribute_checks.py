"""Check the user attributes, weights and values of a study in its storage when it is opened.

Other software can write into a storage too. A value of another type than mixopt writes is refused here, so that the
rest of mixopt can rely on the types.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from optuna.trial import FrozenTrial, TrialState

from mixopt.history.keys import (
    ASSURED_TRIALS,
    BASE,
    BASE_FAILED,
    BEGAN,
    CHANCE,
    CLAIM,
    CORRECTIONS,
    DRAWS,
    EVALUATIONS,
    EXHAUSTED,
    EXIT_CODE,
    EXTRA_TRIALS,
    FAILURES_FROM,
    FAILURES_RESET,
    FORGOTTEN,
    GPUS,
    HELD_SECONDS,
    IN_SCORE,
    LABEL,
    LOG_TAIL,
    ORDER,
    ORDER_LIFTED,
    OUT_SCORE,
    PHASE,
    REASON,
    REPLACES,
    ROW,
    SECONDS,
    STEPS_DONE,
    STOCK,
    STOPPED,
    STRATEGY,
    TEST,
    TRAIN_SEED,
    UNTIL,
    WORST,
)
from mixopt.history.runs import LARGEST
from mixopt.storage.optuna_private import enqueued_params

MOST = 2**63  # whole numbers are smaller in magnitude

Kind = tuple[str, Callable[[Any], bool]]  # its name, and whether a value is of this kind


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) <= LARGEST


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < MOST


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_scores(value: Any) -> bool:
    return isinstance(value, dict) and all(map(_is_number, value.values()))


def _is_evaluations(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(one, dict) and _is_whole(one.get("step")) and _is_scores(one.get("scores")) for one in value
    )


def _is_stock(value: Any) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(part, {}), dict) for part in ("trial", "study"))


def _is_chance(value: Any) -> bool:
    return isinstance(value, dict) and (value.get("chance", "") is None or _is_number(value.get("chance")))


def _is_order(value: Any) -> bool:
    return isinstance(value, dict) and _is_whole(value.get("number")) and _is_text(value.get("word"))


def _is_worst(value: Any) -> bool:
    goals = value.get("goals") if isinstance(value, dict) else None
    return isinstance(goals, list) and value.get("use") in ("last", "mean") and all(map(_is_worst_goal, goals))


def _is_worst_goal(goal: Any) -> bool:
    if goal is None:
        return True
    tests = goal.get("tests") if isinstance(goal, dict) else None
    return isinstance(tests, list) and all(map(_is_text, tests)) and goal.get("against") in ("base", "uniform")


WHOLE: Kind = ("a whole number", _is_whole)
MAYBE_WHOLE: Kind = ("a whole number or null", lambda value: value is None or _is_whole(value))
TEXT: Kind = ("text", _is_text)
NUMBER: Kind = ("a number", _is_number)
MEAN: Kind = ("a number", lambda value: value != value or _is_number(value))  # NaN if there are no such tests
NUMBERS: Kind = ("a list of numbers", lambda value: isinstance(value, list) and all(map(_is_number, value)))
TEXTS: Kind = ("a list of text", lambda value: isinstance(value, list) and all(map(_is_text, value)))
SCORES: Kind = ("numbers by name", _is_scores)
CORRECTION_LOG: Kind = (
    "a list of corrections",
    lambda value: isinstance(value, list) and all(isinstance(one, dict) for one in value),
)

OF_TRIALS: dict[str, Kind] = {
    STRATEGY: TEXT,
    LABEL: TEXT,
    PHASE: WHOLE,
    ROW: WHOLE,
    CLAIM: NUMBERS,
    UNTIL: WHOLE,
    STOCK: ("what a sampler noted", _is_stock),
    STEPS_DONE: WHOLE,
    SECONDS: NUMBER,
    EVALUATIONS: ("a list of steps and scores", _is_evaluations),
    IN_SCORE: MEAN,
    OUT_SCORE: MEAN,
    GPUS: NUMBER,
    HELD_SECONDS: NUMBER,
    TRAIN_SEED: WHOLE,
    STOPPED: TEXT,
    EXHAUSTED: TEXTS,
    DRAWS: SCORES,
    REASON: TEXT,
    EXIT_CODE: MAYBE_WHOLE,
    LOG_TAIL: TEXT,
    REPLACES: WHOLE,
    CORRECTIONS: CORRECTION_LOG,
}
OF_STUDY: dict[str, Kind] = {
    EXTRA_TRIALS: WHOLE,
    ASSURED_TRIALS: WHOLE,
    FAILURES_FROM: WHOLE,
    FAILURES_RESET: WHOLE,
    BASE: SCORES,
    BASE_FAILED: TEXT,
    BEGAN: NUMBER,
    CHANCE: ("a chance", _is_chance),
    ORDER: ("an order", _is_order),
    ORDER_LIFTED: WHOLE,
    WORST: ("what the worst test is measured against", _is_worst),
}


def wrong_attribute(
    attributes: Mapping[str, Any], trials: Iterable[FrozenTrial], domains: tuple[str, ...], objectives: int
) -> str | None:
    """Describe the first value in a study that mixopt cannot have written; None if there is none.

    User attributes with other keys than mixopt's are not looked at.

    Args:
        attributes: the study's user attributes.
        trials: all of its trials.
        domains: the domains of the study.
        objectives: how many objectives it has.
    """
    for key, value in attributes.items():
        if wrong := _wrong_of_study(key, value):
            return f"the study has an attribute that mixopt did not write ({wrong})"
    for trial in trials:
        if wrong := _wrong_of_trial(trial, domains, objectives):
            return f"trial {trial.number} has notes that mixopt did not write ({wrong})"
    return None


def _wrong_of_study(key: str, value: Any) -> str | None:
    start = FORGOTTEN.format("")
    if not key.startswith(start):
        return _wrong(key, value, OF_STUDY.get(key))
    number = key.removeprefix(start)
    if not (number.isascii() and number.isdecimal() and len(number) < len(str(MOST))):
        return f"{key!r:.40} names no trial"
    return _wrong(key, value, CORRECTION_LOG)


def _wrong_of_trial(trial: FrozenTrial, domains: tuple[str, ...], objectives: int) -> str | None:
    for key, value in trial.user_attrs.items():
        if wrong := _wrong(key, value, OF_TRIALS.get(key) or (NUMBER if key.startswith(TEST) else None)):
            return wrong
    enqueued = enqueued_params(trial)
    if not isinstance(enqueued, dict):
        return f"its parameters are {enqueued!r:.40}, and should be numbers by name"
    for domain in domains:
        for weights in (trial.params, enqueued):
            if domain in weights and (wrong := _wrong(domain, weights[domain], NUMBER)):
                return wrong
    values = trial.values or []
    if not all(isinstance(value, float) for value in values):
        return f"values are {values!r:.40}, and should be numbers"
    if trial.state == TrialState.COMPLETE and len(values) != objectives:
        return f"values are {values!r:.40}, and should be {objectives}"
    return None


def _wrong(key: str, value: Any, kind: Kind | None) -> str | None:
    if kind is None or kind[1](value):
        return None
    return f"{key} is {value!r:.40}, and should be {kind[0]}"

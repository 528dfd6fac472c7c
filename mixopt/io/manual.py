"""Manual trials: `study ask` and `study tell` for trials that the user trains, beside any number of workers.

A manual trial is running and marked as manual, so that no worker takes it over. Asking and telling hold the lock of the
trial queue, so that two callers never get the same row of a design or tell one trial twice.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from optuna.trial import FrozenTrial, TrialState

from mixopt.errors import ScoresError, StrategyError
from mixopt.history.base_model import BaseModel
from mixopt.history.keys import BY_HAND, STEPS_DONE, STOPPED, TRAIN_SEED, UNTIL
from mixopt.io.scoring import ScoredRun, Scores, scored_run
from mixopt.leases.leases import Leases
from mixopt.study.asked_trial import AskedTrial
from mixopt.study.control import Control
from mixopt.study.correct import correctable, forget_trial, replace_trial
from mixopt.study.limits import Limits
from mixopt.study.plan import base_request, request_of
from mixopt.study.study import Study
from mixopt.study.trial_queue import TrialQueue
from mixopt.tables.tabular_files import TwiceError, said_once
from mixopt.trainers.contract import BASE_STEP, Request, Result, TrialFailed


def ask_manual(study: Study) -> AskedTrial:
    """Start a manual trial, which waits to be told.

    Raises:
        StrategyError: there is none at the moment; the message says why.
    """
    if study.spec.backend is None:  # no worker is paused
        Control(study.optuna).lift()
    if asked := TrialQueue(study, Leases(study.folder)).next_manual():
        return asked
    raise StrategyError(f"study {study.spec.study!r} has no mixture to ask for: {_why_none(study)}")


def tell_manual(study: Study, number: int, scores: Scores | Path) -> tuple[float, ...]:
    """Record the scores of a manual trial.

    Args:
        study: the study.
        number: the trial.
        scores: the scores, or a JSON file: test -> score, step -> test -> score, or a trainer's result.

    Returns:
        The trial's values, one for each objective.

    Raises:
        StrategyError: there is no such trial to tell.
        ScoresError: the scores do not fit the trial.
    """
    with study.lock:
        request = _request(study, _told_by_hand(study, number))
        if isinstance(scores, Path) and (result := _result(scores, request)):
            return study.tell(number, result)
        found, short = _judged(study, request, scores), request.until is not None
        study.record(number, found.values, found.values_by_step, found.notes, short)
        return found.values


def replace_manual(study: Study, number: int, scores: Scores | Path, why: str) -> tuple[int, tuple[float, ...]]:
    """Replace a finished trial by one with other scores.

    Args:
        study: the study.
        number: the trial.
        scores: as for `tell_manual`.
        why: kept with the trial's corrections.

    Returns:
        The number of the new trial, and its values.

    Raises:
        StrategyError: there is no such trial, or it cannot be corrected.
        ScoresError: the scores do not fit the trial.
    """
    with study.lock:
        old = correctable(study, number)
        if old.state == TrialState.PRUNED and UNTIL not in old.user_attrs:
            raise StrategyError(
                f"trial {number} was pruned, so it has no scores at its end: mixopt study forget leaves it out"
            )
        request = _request(study, old)
        if isinstance(scores, Path) and (result := _result(scores, request)):
            values, by_step = study.values(result), study.scoring.values_by_step(result.scores)
            return replace_trial(study, number, values, by_step, study.notes(result), why, short=result.short), values
        found = _judged(study, request, scores)
        kept = {key: old.user_attrs[key] for key in (STEPS_DONE, STOPPED) if key in old.user_attrs}
        notes, short = found.notes | kept, request.until is not None
        return replace_trial(study, number, found.values, found.values_by_step, notes, why, short=short), found.values


def forget_manual(study: Study, number: int, why: str) -> None:
    """Leave a finished trial out of everything.

    Raises:
        StrategyError: there is no such trial.
    """
    with study.lock:
        forget_trial(study, number, why)


def fail_manual(study: Study, number: int, reason: str) -> None:
    """Record that a manual trial has failed.

    Raises:
        StrategyError: there is no such trial to tell.
    """
    with study.lock:
        study.fail(_told_by_hand(study, number).number, TrialFailed(reason))


def tell_base_manual(study: Study, scores: Scores | Path, *, replace: bool = False) -> BaseModel:
    """Record the scores of the base model and return them.

    Args:
        study: the study.
        scores: as for `tell_manual`; the step, if given, is 0.
        replace: whether they replace earlier ones.

    Raises:
        StrategyError: the study has other scores already.
        ScoresError: these are not the scores of a model.
    """
    with study.lock:
        if study.base and not replace:
            raise StrategyError(f"study {study.spec.study!r} has the base model's scores already: add --replace")
        if isinstance(scores, Path) and (result := _result(scores, base_request(study.spec))):
            study.values(result)
            scores = dict(result.scores[BASE_STEP])
        else:
            by_step = _by_step(_read(scores) if isinstance(scores, Path) else scores, BASE_STEP)
            scores = scored_run(study, by_step, [BASE_STEP]).known
        study.tell_base(scores)
        return BaseModel.of(scores, study.scoring)


def waiting(study: Study) -> list[int]:
    """Return the numbers of the manual trials that wait to be told."""
    return [trial.number for trial in study.trials(TrialState.RUNNING) if trial.user_attrs.get(BY_HAND)]


def _why_none(study: Study) -> str:
    sampler, history, name = study.sampler(), study.history(), study.spec.study
    position = sampler.position(history)
    running = ", ".join(str(trial.number) for trial in study.trials(TrialState.RUNNING))
    if position is None and running:
        return f"all of its strategy is given out, and trials {running} are running; --trials +10 adds to it"
    if position is None:
        lost = sampler.given_up(history)
        again = f"mixopt study retry {name} NUMBER asks for one again (mixopt study show {name} --failed); "
        given_up = f"{lost} given up: {again}" if lost else ""
        return f"its strategy is complete; {given_up}mixopt study ask {name} --trials +10 adds to it"
    if why := Limits(study).reached(sampler):
        return why
    return f"phase {position.phase + 1} waits for trials {running}, which are running"


def _told_by_hand(study: Study, number: int) -> FrozenTrial:
    """Return the trial to tell."""
    trials = study.trials()
    there = f"those to tell are {', '.join(map(str, waiting(study))) or 'none'}"
    if not 0 <= number < len(trials):
        raise StrategyError(f"there is no trial {number}: {there}")
    trial = trials[number]
    if trial.state.is_finished():
        state = study.corrections().word(number) or trial.state.name.lower()
        raise StrategyError(f"trial {number} is told already ({state}): {there}; --replace puts its scores right")
    if not trial.user_attrs.get(BY_HAND) or len(trial.params) < study.space.m:
        raise StrategyError(f"trial {number} is a worker's, which tells it by itself: {there}")
    return trial


def _request(study: Study, trial: FrozenTrial) -> Request:
    """Return what a trial was asked for; an imported run may lack a training seed."""
    notes = trial.user_attrs
    if len(trial.params) < study.space.m:
        raise StrategyError(f"trial {trial.number} has no weights, so no scores belong to it: ask for a new trial")
    weights = {name: trial.params[name] for name in study.space.domains}
    return request_of(study.spec, trial.number, weights, notes.get(TRAIN_SEED, 0), notes.get(UNTIL))


def _judged(study: Study, request: Request, scores: Scores | Path) -> ScoredRun:
    """Return the given scores of a run as the study counts them."""
    steps = [step for step in request.steps if step <= (request.until or step)]
    found = scored_run(study, _by_step(_read(scores) if isinstance(scores, Path) else scores, steps[-1]), steps)
    return found if request.until is None else replace(found, notes={**found.notes, STOPPED: "until"})


def _result(path: Path, request: Request) -> Result | None:
    """Return a trainer's result, if the file is one."""
    if "evaluations" not in _read(path):
        return None
    try:
        return Result.read(path, request)
    except TrialFailed as error:
        raise ScoresError(f"{path}: {error}") from None


def _read(path: Path) -> dict[str, Any]:
    try:
        found = json.loads(path.read_text(), object_pairs_hook=said_once)
    except OSError as error:
        raise ScoresError(f"{path}: cannot be read ({error.strerror}): give a JSON file of scores") from None
    except TwiceError as error:
        raise ScoresError(f"{path}: {error}: keep one of them") from None
    except (ValueError, RecursionError):
        raise ScoresError(f'{path}: is not JSON: write {{"TEST": SCORE, ...}}') from None
    if not isinstance(found, dict) or not found:
        raise ScoresError(f'{path}: holds no scores: write {{"TEST": SCORE, ...}}')
    return found


def _by_step(given: Mapping[str, Any], last: int) -> dict[int, Scores]:
    """Return scores by step; those without a step are of the last one."""
    if not any(isinstance(scores, dict) for scores in given.values()):
        return {last: given}
    if all(isinstance(scores, dict) for scores in given.values()):
        with suppress(ValueError):  # also where it has thousands of digits
            return {int(step): scores for step, scores in given.items()}
    raise ScoresError("scores are numbers by test, or by step and test: do not mix the two")

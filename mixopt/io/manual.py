"""Trials that somebody trains without a backend: asked for and told one by one, beside any number of workers.

A trial told by hand is running and marked as such, so that no worker takes it for abandoned. Whoever asks or tells
holds the lock by which workers ask, so that two of them never get one row of a design, nor tell one trial twice.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

from filelock import FileLock
from optuna.trial import FrozenTrial, TrialState

from mixopt.errors import ScoresError, StrategyError
from mixopt.history.base_model import BaseModel
from mixopt.history.keys import BY_HAND, STEPS_DONE, STOPPED, TRAIN_SEED, UNTIL
from mixopt.io.scoring import ScoredRun, Scores, scored_run
from mixopt.leases.leases import Leases
from mixopt.study.control import Control
from mixopt.study.correct import correctable, forget_trial, replace_trial
from mixopt.study.limits import Limits
from mixopt.study.plan import base_request, request_of
from mixopt.study.study import AskedTrial, Study
from mixopt.study.trial_queue import TrialQueue
from mixopt.tables.tabular_files import TwiceError, said_once
from mixopt.trainers.contract import BASE_STEP, Request, Result, TrialFailed


def ask_manual(study: Study) -> AskedTrial:
    """A new trial, which waits to be told.

    Raises:
        StrategyError: there is none at the moment; the message says why.
    """
    if study.spec.backend is None:  # there are no workers whose pause it would end
        Control(study.optuna).taken_up()
    if asked := TrialQueue(study, Leases(study.folder)).by_hand():
        return asked
    raise StrategyError(f"study {study.spec.study!r} has no mixture to ask for: {_why_none(study)}")


def tell_manual(study: Study, number: int, said: Scores | Path) -> tuple[float, ...]:
    """Record the scores of a trial that was asked for by hand; returns its values.

    Args:
        said: the scores, or a JSON file with them: test -> score, step -> test -> score, or a trainer's result.

    Raises:
        StrategyError: there is no such trial to tell.
        ScoresError: these are not the scores of such a trial.
    """
    with FileLock(study.folder.queue_lock):
        request = _request(study, _told_by_hand(study, number))
        if isinstance(said, Path) and (result := _result(said, request)):
            return study.tell(number, result)
        found, short = _judged(study, request, said), request.until is not None
        study.record(number, found.values, found.values_by_step, found.notes, short)
        return found.values


def replace_manual(study: Study, number: int, said: Scores | Path, why: str) -> tuple[int, tuple[float, ...]]:
    """Put the scores of a trial that has ended right; returns the number of the trial that replaces it, and its values.

    Args:
        said: as in `tell_by_hand`.
        why: kept in the trial's history.

    Raises:
        StrategyError: there is no such trial, or it cannot be corrected.
        ScoresError: these are not the scores of such a trial.
    """
    with FileLock(study.folder.queue_lock):
        old = correctable(study, number)
        if old.state == TrialState.PRUNED and UNTIL not in old.user_attrs:
            raise StrategyError(
                f"trial {number} was pruned, so it has no scores at its end: mixopt study forget leaves it out"
            )
        request = _request(study, old)
        if isinstance(said, Path) and (result := _result(said, request)):
            values, by_step = study.values(result), study.scoring.values_by_step(result.scores)
            return replace_trial(study, number, values, by_step, study.notes(result), why, short=result.short), values
        found = _judged(study, request, said)
        kept = {key: old.user_attrs[key] for key in (STEPS_DONE, STOPPED) if key in old.user_attrs}
        notes, short = found.notes | kept, request.until is not None
        return replace_trial(study, number, found.values, found.values_by_step, notes, why, short=short), found.values


def forget_manual(study: Study, number: int, why: str) -> None:
    """Leave a finished trial out of everything; raises StrategyError where there is none."""
    with FileLock(study.folder.queue_lock):
        forget_trial(study, number, why)


def fail_manual(study: Study, number: int, reason: str) -> None:
    """Record that a trial that was asked for by hand has failed; raises StrategyError as `tell_by_hand`."""
    with FileLock(study.folder.queue_lock):
        study.fail(_told_by_hand(study, number).number, TrialFailed(reason))


def tell_base_manual(study: Study, said: Scores | Path, *, replace: bool = False) -> BaseModel:
    """Record the scores of the base model, which no trainer of the study has scored; returns them.

    Args:
        said: as of `tell_by_hand`; steps are 0, if they are said.
        replace: whether they take the place of others that are there.

    Raises:
        StrategyError: there are others.
        ScoresError: these are not the scores of a model.
    """
    with FileLock(study.folder.queue_lock):
        if study.base and not replace:
            raise StrategyError(f"study {study.spec.study!r} has the base model's scores already: say --replace")
        if isinstance(said, Path) and (result := _result(said, base_request(study.spec))):
            study.values(result)
            scores = dict(result.scores[BASE_STEP])
        else:
            by_step = _by_step(_read(said) if isinstance(said, Path) else said, BASE_STEP)
            scores = scored_run(study, by_step, [BASE_STEP]).known
        study.tell_base(scores)
        return BaseModel.of(scores, study.scoring)


def waiting(study: Study) -> list[int]:
    """The trials that wait to be told by hand."""
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
    """The trial to tell."""
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
    """What a trial was asked for; an old run that was imported may have no training seed."""
    notes = trial.user_attrs
    if len(trial.params) < study.space.m:
        raise StrategyError(f"trial {trial.number} has no weights, so no scores belong to it: ask for a new trial")
    weights = {name: trial.params[name] for name in study.space.domains}
    return request_of(study.spec, trial.number, weights, notes.get(TRAIN_SEED, 0), notes.get(UNTIL))


def _judged(study: Study, request: Request, said: Scores | Path) -> ScoredRun:
    """Scores that somebody says of a run that was asked for."""
    steps = [step for step in request.steps if step <= (request.until or step)]
    found = scored_run(study, _by_step(_read(said) if isinstance(said, Path) else said, steps[-1]), steps)
    return found if request.until is None else replace(found, notes={**found.notes, STOPPED: "until"})


def _result(path: Path, request: Request) -> Result | None:
    """The result of a trainer, where the file is one."""
    if "evaluations" not in _read(path):
        return None
    try:
        return Result.read(path, request)
    except TrialFailed as error:
        raise ScoresError(f"{path}: {error}") from None


def _read(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(path.read_text(), object_pairs_hook=said_once)
    except OSError as error:
        raise ScoresError(f"{path}: cannot be read ({error.strerror}): give a JSON file of scores") from None
    except TwiceError as error:
        raise ScoresError(f"{path}: {error}: keep one of them") from None
    except (ValueError, RecursionError):
        raise ScoresError(f'{path}: is not JSON: write {{"TEST": SCORE, ...}}') from None
    if not isinstance(said, dict) or not said:
        raise ScoresError(f'{path}: holds no scores: write {{"TEST": SCORE, ...}}')
    return said


def _by_step(said: Mapping[str, Any], last: int) -> dict[int, Scores]:
    """Scores by step; those without a step are of the last."""
    if not any(isinstance(scores, dict) for scores in said.values()):
        return {last: said}
    if all(isinstance(scores, dict) for scores in said.values()):
        with suppress(ValueError):  # also where it has thousands of digits
            return {int(step): scores for step, scores in said.items()}
    raise ScoresError("scores are numbers by test, or by step and test: do not mix the two")

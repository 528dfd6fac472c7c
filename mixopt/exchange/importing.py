"""Old runs become finished trials of a study; new_study.py makes one for them.

An imported trial counts in every model and in the recommendation, beside the study's own; designs and heuristics,
which are computed from the trials of their own phases, do not look at it, and no budget counts it. It is a seed trial:
its weights were chosen before the study was.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from filelock import FileLock
from optuna.distributions import FloatDistribution
from optuna.trial import FrozenTrial, TrialState, create_trial

from mixopt.arrays import FloatArray
from mixopt.errors import ScoresError, TableError
from mixopt.exchange.columns import MINUS, few
from mixopt.exchange.judging import Judged, Scores, judged
from mixopt.exchange.new_study import SIDES, made_of_old_runs
from mixopt.exchange.old_runs import OldRun, OldRuns
from mixopt.past import LABEL, STRATEGY
from mixopt.record import IMPORTED
from mixopt.scores import BLEND, IN_SCORE, OUT_SCORE
from mixopt.study import Study

SAME = 1e-6  # two runs whose weights and values differ by no more are one


@dataclass(frozen=True)
class Imported:
    """How many runs were new, and how many the study had already."""

    new: int
    known: int


@dataclass(frozen=True)
class Finished:
    """A finished run as a study takes it: weights by domain of the study, and scores that it has judged."""

    weights: dict[str, float]
    judged: Judged
    strategy: str
    label: str


def import_old_runs(study: Study, old: OldRuns) -> Imported:
    """Import runs of files.

    Raises:
        TableError: a run trains on a domain that the study has not, or has no score that the study knows.
        ScoresError: a score is outside the study's range, or missing; the message names the row.
    """
    if len(old.scores) > 1 and not set(old.scores) & set(study.scoring.there):
        raise _unknown(study, old.runs[0].where, old.scores)
    return add_runs(study, [_finished(study, run) for run in old.runs])


def add_runs(study: Study, runs: Sequence[Finished]) -> Imported:
    """Add those finished trials that the study has not yet, one by one: after a kill the same call adds the rest."""
    with FileLock(study.folder.desk):
        there = [_numbers(study, trial.params, trial.values) for trial in study.trials(TrialState.COMPLETE)]
        new = []
        for run in runs:
            numbers = _numbers(study, run.weights, run.judged.values)
            same = next((i for i, other in enumerate(there) if np.abs(numbers - other).max() <= SAME), None)
            if same is None:
                new.append(_trial(study, run))
            else:
                there.pop(same)  # a run that is in the file twice is in the study twice
        study.optuna.add_trials(new)
    return Imported(len(new), len(runs) - len(new))


def _finished(study: Study, run: OldRun) -> Finished:
    strange = [name for name, weight in run.weights.items() if weight and name not in study.space.domains]
    if strange:
        raise TableError(f"{run.where}: trains on {', '.join(strange)}, which the study has not: drop the row")
    weights = {name: run.weights.get(name, 0.0) for name in study.space.domains}
    try:
        said = _by_step(study, run) or {study.spec.score.steps[-1]: _scores(study, run)}
        found = judged(study, said, study.spec.score.steps)
    except ScoresError as error:
        raise ScoresError(f"{run.where}: {error}") from None
    return Finished(weights, found, run.strategy, run.label)


def _by_step(study: Study, run: OldRun) -> dict[int, Scores]:
    """Its scores at the study's steps; nothing where the file does not say all tests of the study by step, or the study
    not how long a run is."""
    tests, steps = study.spec.tests.sizes, study.spec.score.steps
    all_tests = all(name in scores for scores in run.by_step.values() for name in tests)
    if not (run.by_step and all_tests and study.spec.score.says_steps):
        return {}
    if steps[-1] != max(run.by_step):
        raise ScoresError(
            f"was trained for {max(run.by_step)} steps, and the study's runs for {steps[-1]}: drop the run"
        )
    return {step: {name: run.by_step[step][name] for name in tests} for step in steps if step in run.by_step}


def _scores(study: Study, run: OldRun) -> Scores:
    """The scores that the study has, tests before means over them; or the one score for what the study maximises.

    A study that was made of old runs has tests that are called like theirs, for which no other score stands.
    """
    own = [name for name in study.spec.tests.sizes if name not in SIDES] if made_of_old_runs(study) else []
    tests = {name: run.scores[name] for name in study.spec.tests.sizes if name in run.scores}
    if len(tests) == len(study.spec.tests.sizes):
        return tests
    sides = {IN_SCORE: study.scoring.in_tests, OUT_SCORE: study.scoring.out_tests}
    means = {s: run.scores[s] for s, of in sides.items() if of and s in run.scores and not set(of) & {*tests, *own}}
    if tests or means:
        return {**tests, **means}
    [goal, *others] = study.scoring.goals
    if len(run.scores) == 1 and isinstance(goal, str) and not others:
        [(name, score)] = run.scores.items()
        _refuse_another(study, name, own)
        return {goal: score}
    raise _unknown(study, run.where, list(run.scores))


def _unknown(study: Study, where: str, scores: Sequence[str]) -> TableError:
    """What is to be said of scores that the study has not."""
    goal = study.scoring.goals[0]
    what = goal if isinstance(goal, str) else f"blend {goal[BLEND]:g}"
    return TableError(
        f"{where}: has scores {', '.join(scores)}, and the study knows {', '.join(study.scoring.there)}: name the "
        f"columns so, or say which one is {what} by --value"
    )


def _refuse_another(study: Study, name: str, own: Sequence[str]) -> None:
    """Raise TableError where a score is not what the study maximises: one of its own turned round, or another."""
    column, here = name.removeprefix(MINUS), study.spec.study
    if name == column and MINUS + name in study.scoring.there:
        raise TableError(f"column {column!r} is {MINUS}{column} in study {here!r}: say --minimize")
    if name != column and column in study.scoring.there:
        raise TableError(f"column {column!r} is maximised in study {here!r}: leave --minimize out")
    if own:
        raise TableError(
            f"{name!r} is not {few(own)}, of which study {here!r} was made: call its column so where it is the same "
            "score, else import it into a study of its own"
        )


def _trial(study: Study, run: Finished) -> FrozenTrial:
    single = len(run.judged.values) == 1
    return create_trial(
        state=TrialState.COMPLETE,
        params=run.weights,
        distributions={name: FloatDistribution(0.0, 1.0) for name in study.space.domains},
        values=list(run.judged.values),
        intermediate_values={step: value for step, (value, *_) in run.judged.staged.items()} if single else {},
        user_attrs={**run.judged.notes, STRATEGY: run.strategy, LABEL: run.label, IMPORTED: True},
    )


def _numbers(study: Study, weights: dict[str, float], values: Sequence[float]) -> FloatArray:
    return np.array([*(weights[name] for name in study.space.domains), *values])

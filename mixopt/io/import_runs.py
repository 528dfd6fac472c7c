"""Old runs become finished trials of a study; new_study.py makes one for them.

An imported trial counts in every model and in the recommendation, beside the study's own; designs and heuristics,
which are computed from the trials of their own phases, do not look at it, and no budget counts it. Its strategy is
`imported`, since its weights were chosen before the study was; runs of ours keep theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from filelock import FileLock
from optuna.trial import FrozenTrial

from mixopt.errors import ScoresError, TableError
from mixopt.history.keys import IMPORTED, IN_SCORE, LABEL, OUT_SCORE, RUN, STRATEGY
from mixopt.history.scores import BLEND
from mixopt.io.comparison import Finished, changed_error, compared, notes_of
from mixopt.io.new_study import SIDES
from mixopt.io.scoring import Scores, scored_run
from mixopt.io.unstated import made_of_old_runs
from mixopt.study.correct import replace_trial
from mixopt.study.study import Study, finished_trial
from mixopt.tables.column_detection import MINUS, few
from mixopt.tables.run_files import OldRun, OldRuns


@dataclass(frozen=True)
class Imported:
    """How many runs were new, how many the study had already, how many took the place of a trial that it had, and what
    else is to be said of them."""

    new: int
    known: int
    updated: int = 0
    notes: tuple[str, ...] = ()


def import_old_runs(study: Study, old: OldRuns, *, update: bool = False) -> Imported:
    """Import runs of files.

    Args:
        update: a run that the study has with other scores takes that one's place.

    Raises:
        TableError: a run trains on a domain that the study has not, or has no score that the study knows; or it is
            there with other scores.
        ScoresError: a score is outside the study's range, or missing; the message names the row.
    """
    there = study.scoring.there
    if strange := [name for name in old.tests if name not in there]:
        raise TableError(
            f"{old.runs[0].where}: {strange[0]!r} is no test of study {study.spec.study!r}, whose scores are "
            f"{', '.join(there)}: leave it out of --tests, or make a study with it"
        )
    if (len(old.scores) > 1 and not set(old.scores) & set(there)) or (old.tests and old.goal not in there):
        raise _unknown(study, old.runs[0].where, old.scores)
    [first, *others], tests = study.scoring.names, study.spec.tests.sizes
    if not others and first in tests and old.goal in tests and old.goal != first:
        raise TableError(f"study {study.spec.study!r} maximises {first}, not {old.goal}: say --value of its column")
    return add_runs(study, [_finished(study, run) for run in old.runs], update=update)


def add_runs(study: Study, runs: Sequence[Finished], *, update: bool = False) -> Imported:
    """Add those finished trials that the study has not yet, one by one: after a kill the same call adds the rest.

    Raises:
        TableError: a run is there with other scores, and `update` does not say that it takes that one's place.
    """
    with FileLock(study.folder.queue_lock):
        found = compared(study, runs)
        if found.changed and not update:
            raise changed_error(study, found.changed)
        places = found.updates if update else []
        taken = {id(run) for run, _ in places}
        new = [run for run in found.new if id(run) not in taken]
        if update:
            new += [run for run, _ in found.forgotten]
        study.add_finished(map(_trial, new))
        for run, trial in places:
            values, values_by_step, notes = run.scored_run.values, run.scored_run.values_by_step, run.scored_run.notes
            replace_trial(study, trial.number, values, values_by_step, notes, f"imported again from {run.where}")
    known = len(found.known) - sum(id(run) in taken for run, _ in found.known)
    return Imported(len(new), known, len(places), tuple(notes_of(found, update=update)))


def _finished(study: Study, run: OldRun) -> Finished:
    strange = [name for name, weight in run.weights.items() if weight and name not in study.space.domains]
    if strange:
        raise TableError(f"{run.where}: trains on {', '.join(strange)}, which the study has not: drop the row")
    weights = {name: run.weights.get(name, 0.0) for name in study.space.domains}
    try:
        said = _by_step(study, run) or {study.spec.score.steps[-1]: _scores(study, run)}
        found = scored_run(study, said, study.spec.score.steps)
    except ScoresError as error:
        raise ScoresError(f"{run.where}: {error}") from None
    return Finished(run.where, weights, found, run.strategy, run.label, run.name)


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


def _trial(run: Finished) -> FrozenTrial:
    named = {} if run.name is None else {RUN: run.name}
    notes = {**run.scored_run.notes, STRATEGY: run.strategy, LABEL: run.label, IMPORTED: True, **named}
    return finished_trial(run.weights, run.scored_run.values, run.scored_run.values_by_step, notes)

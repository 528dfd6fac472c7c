"""Import old runs into a study as finished trials; new_study.py makes a study for them.

An imported trial counts in every model and in the recommendation, beside the study's own. Designs and heuristics use
only the trials of their own phases, and no budget counts imported trials. Their strategy is `imported`, because their
weights were chosen before the study began; runs exported by mixopt keep theirs.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from optuna.trial import FrozenTrial

from mixopt.errors import ScoresError, TableError
from mixopt.history.finished_trial import finished_trial
from mixopt.history.keys import IMPORTED, IN_SCORE, LABEL, OUT_SCORE, RUN, STRATEGY
from mixopt.io.comparison import Finished, changed_error, compared, notes_of
from mixopt.io.new_study import SIDES
from mixopt.io.scoring import Scores, scored_run
from mixopt.io.unstated import made_of_old_runs
from mixopt.study.correct import replace_trial
from mixopt.study.study import Study
from mixopt.tables.column_detection import MINUS, few
from mixopt.tables.run_files import OldRun, OldRuns


@dataclass(frozen=True)
class Imported:
    """The result of an import.

    Attributes:
        new: how many runs were added.
        known: how many the study had already.
        updated: how many replaced a trial of the study.
        notes: remarks on the runs, one line each.
    """

    new: int
    known: int
    updated: int = 0
    notes: tuple[str, ...] = ()


def import_old_runs(study: Study, old: OldRuns, *, update: bool = False) -> Imported:
    """Import the runs of files.

    Args:
        study: the study to add them to.
        old: the runs.
        update: a run that the study has with other scores replaces that trial.

    Raises:
        TableError: a run trains on a domain that the study does not have, or has no score that the study knows, or is
            known with other scores and `update` is False.
        ScoresError: a score is outside the study's range, or missing; the message names the row.
    """
    there = study.scoring.available
    if strange := [name for name in old.tests if name not in there]:
        raise TableError(
            f"{old.runs[0].where}: {strange[0]!r} is no test of study {study.spec.study!r}, whose scores are "
            f"{', '.join(there)}: leave it out of --tests, or make a study with it"
        )
    if (len(old.scores) > 1 and not set(old.scores) & set(there)) or (old.tests and old.goal not in there):
        raise _unknown(study, old.runs[0].where, old.scores)
    [first, *others], tests = study.scoring.names, study.spec.tests.sizes
    if not others and first in tests and old.goal in tests and old.goal != first:
        raise TableError(f"study {study.spec.study!r} maximises {first}, not {old.goal}: give its column by --value")
    return add_runs(study, [_finished(study, run) for run in old.runs], update=update)


def add_runs(study: Study, runs: Sequence[Finished], *, update: bool = False) -> Imported:
    """Add the finished runs that the study does not have yet, one by one: after a kill, the same call adds the rest.

    Raises:
        TableError: the study has a run with other scores, and `update` is False.
    """
    with study.lock:
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
        said = _by_step(study, run) or {study.spec.score.evaluation_steps[-1]: _scores(study, run)}
        found = scored_run(study, said, study.spec.score.evaluation_steps)
    except ScoresError as error:
        raise ScoresError(f"{run.where}: {error}") from None
    return Finished(run.where, weights, found, run.strategy, run.label, run.name)


def _by_step(study: Study, run: OldRun) -> dict[int, Scores]:
    """Return a run's scores at the study's steps; empty if the file lacks a test at a step, or the study no steps."""
    tests, steps = study.spec.tests.sizes, study.spec.score.evaluation_steps
    all_tests = all(name in scores for scores in run.by_step.values() for name in tests)
    if not (run.by_step and all_tests and study.spec.score.knows_steps):
        return {}
    if steps[-1] != max(run.by_step):
        raise ScoresError(
            f"was trained for {max(run.by_step)} steps, and the study's runs for {steps[-1]}: drop the run"
        )
    return {step: {name: run.by_step[step][name] for name in tests} for step in steps if step in run.by_step}


def _scores(study: Study, run: OldRun) -> Scores:
    """Return the scores of a run that the study has: tests before means, or the one score for its objective.

    In a study made of old runs, a test stands only for the score of its own name.
    """
    own = [name for name in study.spec.tests.sizes if name not in SIDES] if made_of_old_runs(study) else []
    tests = {name: run.scores[name] for name in study.spec.tests.sizes if name in run.scores}
    if len(tests) == len(study.spec.tests.sizes):
        return tests
    sides = {IN_SCORE: study.scoring.in_tests, OUT_SCORE: study.scoring.out_tests}
    means = {s: run.scores[s] for s, of in sides.items() if of and s in run.scores and not set(of) & {*tests, *own}}
    if tests or means:
        return {**tests, **means}
    [goal, *others] = study.scoring.names
    if len(run.scores) == 1 and goal in study.scoring.available and not others:
        [(name, score)] = run.scores.items()
        _refuse_another(study, name, own)
        return {goal: score}
    raise _unknown(study, run.where, list(run.scores))


def _unknown(study: Study, where: str, scores: Sequence[str]) -> TableError:
    """Return the error for scores that the study does not have."""
    what = study.scoring.names[0]
    return TableError(
        f"{where}: has scores {', '.join(scores)}, and the study knows {', '.join(study.scoring.available)}: name the "
        f"columns so, or choose the one that is {what} by --value"
    )


def _refuse_another(study: Study, name: str, own: Sequence[str]) -> None:
    """Refuse a score that is not what the study maximises: its own with the opposite sign, or another one.

    Raises:
        TableError: names the score.
    """
    column, here = name.removeprefix(MINUS), study.spec.study
    if name == column and MINUS + name in study.scoring.available:
        raise TableError(f"column {column!r} is {MINUS}{column} in study {here!r}: add --minimize")
    if name != column and column in study.scoring.available:
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

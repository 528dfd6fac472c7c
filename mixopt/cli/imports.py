"""`mixopt study import`: import old runs from files or from another study."""

import gc
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mixopt.cli.arguments import Domains, Folder, Minimize, Name, Normalize, names_of, refuse_columns, refuse_options
from mixopt.cli.console import say
from mixopt.errors import MixoptError, UnknownStudyError

if TYPE_CHECKING:
    from mixopt.io.import_runs import Imported
    from mixopt.study.study import Study
    from mixopt.tables.run_files import OldRuns


def import_(
    name: Name,
    files: Annotated[
        list[Path] | None, typer.Argument(help="Old runs; or two files, mixtures and their scores.")
    ] = None,
    study: Annotated[str | None, typer.Option(help="Inherit the runs of this study.")] = None,
    value: Annotated[str | None, typer.Option(help="The column of the score.")] = None,
    tests: Annotated[
        list[str] | None,
        typer.Option(help="More columns of scores to keep, separated by commas, or patterns such as 'eval/*'."),
    ] = None,
    minimize: Minimize = None,
    domains: Domains = None,
    normalize: Normalize = False,
    update: Annotated[
        bool, typer.Option("--update", help="Replace the study's runs by those of the same name with other scores.")
    ] = False,
    rename: Annotated[list[str] | None, typer.Option(help="With --study: OLD=NEW, a domain's names.")] = None,
    split: Annotated[list[str] | None, typer.Option(help="With --study: OLD=PART,PART, a domain's parts.")] = None,
    folder: Folder = None,
) -> None:
    """Import old runs into a study, or make a study of them. Run again, it imports only new runs.

    Example: mixopt study import mine runs.csv --value score
    """
    if (study is None) == (not files):
        raise MixoptError("give the files of old runs, or --study and the study to inherit from")
    if study is not None:
        refuse_columns(value, domains, minimize, normalize, why="only with files of runs")
        refuse_options({"--tests": bool(tests)}, "only with files of runs")
        _inherit(name, study, rename or [], split or [], folder, update)
        return
    if tests and value is None:
        raise MixoptError("--tests: give --value too, the column of the score that counts")
    refuse_options({"--rename": bool(rename), "--split": bool(split)}, "only with --study")
    from mixopt.tables.run_files import read_old_runs

    columns = names_of(domains) if domains else None
    patterns = [pattern for said in tests or [] for pattern in names_of(said)]
    if not all(patterns):
        raise MixoptError(f"--tests {','.join(tests or [])}: names a column without a name: leave out the comma")
    read = partial(read_old_runs, files or [], value, columns, tests=patterns, minimize=minimize, normalize=normalize)
    with _without_collector():
        _import_files(name, read, folder, update)


@contextmanager
def _without_collector() -> Iterator[None]:
    """Pause Python's garbage collector, which would take a third of the time: rows contain no reference cycles."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()


def _import_files(name: str, read: Callable[..., "OldRuns"], folder: Path | None, update: bool) -> None:
    """Import the runs of files, into an existing study or a new one.

    Args:
        name: of the study.
        read: reads the files, given the domains and scores that the study knows.
        folder: of the study, if it is not under the home.
        update: whether changed runs replace earlier ones.
    """
    from mixopt.io.import_runs import import_old_runs
    from mixopt.io.new_study import check_name, study_of_old_runs
    from mixopt.study.study import Study

    check_name(name)
    try:
        target, made = Study.open(name, folder), False
        old = read(known_domains=target.space.domains, known_scores=target.scoring.available)
    except UnknownStudyError:
        old, made = read(), True
        target = study_of_old_runs(name, old, folder)
    try:
        imported = import_old_runs(target, old, update=update)
    except MixoptError:
        if made:
            target.delete()
        raise
    if made:
        say(f"created study {name} in {target.folder.path}: domains {', '.join(target.space.domains)}")
        say(f"  it maximises {_goal(target)}")
    _say_imported(name, imported, old.left_out)
    _say_read(old, target)
    _warn_of_far_runs(old)
    _say_next(target, folder, imported)


def _goal(study: "Study") -> str:
    """Describe what a study maximises; a mean of tests by their names."""
    from mixopt.history.keys import OUT_SCORE
    from mixopt.study.runs_by_score import score_words

    [goal], tests = study.scoring.names, list(study.scoring.out_tests)
    return f"the mean of {', '.join(tests)}" if goal == OUT_SCORE and len(tests) > 1 else score_words(goal)


def _say_read(old: "OldRuns", study: "Study") -> None:
    """Print how a file was read."""
    from mixopt.io.new_study import VALUE
    from mixopt.study.runs_by_score import score_words
    from mixopt.tables.column_detection import LISTED, few

    if old.note:
        say(f"  {old.note}, and each run's last row counts")
    for column, here in old.renamed.items():
        if column not in old.turned:
            say(f"  `{column}` is called {here} here")
    for column, here in old.turned.items():
        say(f"  `{column}` is {here} here, with the other sign: smaller looks better")
    if old.tests:
        say(f"  tests beside {score_words(str(old.goal))}: {', '.join(old.tests)}")
    unknown = [name for name in old.scores if name not in study.scoring.available]
    if unknown == old.scores:
        say(f"  `{unknown[0]}` counts as {score_words(study.scoring.names[0])}")
    if len(old.ends) > 1:
        ends = ", ".join(f"{step:.15g} ({count})" for step, count in sorted(old.ends.items()))
        say(f"  runs end at different steps, by their last scores: {ends}")
    if old.repeated == 1:
        say("  1 row occurs more than once in the file and counts as a run each time: drop it if it is one run")
    elif old.repeated:
        say(f"  {old.repeated} rows occur more than once in the file and count each time: drop those that are one run")
    unused = old.unused if unknown == old.scores else [*old.unused, *(name for name in unknown if name != VALUE)]
    if unused:
        keep = "; --tests keeps those that are scores" if old.goal is not None else ""
        say(f"  columns that are not used: {few(unused, LISTED)}{keep}")


def _warn_of_far_runs(old: "OldRuns") -> None:
    """Warn of outliers by name."""
    from mixopt.tables.far_off import far_off

    for score in old.scores if old.goal is None else [old.goal]:
        for warning in far_off(old.runs, score):
            warnings.warn(warning, stacklevel=2)


def _inherit(
    name: str, ancestor: str, rename: Sequence[str], split: Sequence[str], folder: Path | None, update: bool
) -> None:
    from mixopt.io.inherit import inherit
    from mixopt.study.study import Study

    parts = {**_pairs("--rename", rename), **_pairs("--split", split)}
    study = Study.open(name, folder)
    imported, left_out = inherit(study, Study.open(ancestor), parts, update=update)
    _say_imported(name, imported, left_out)
    _say_next(study, folder, imported)


def _pairs(option: str, said: Sequence[str]) -> dict[str, list[str]]:
    pairs = {}
    for text in said:
        old, _, new = text.partition("=")
        parts = names_of(new)
        if not (old and all(parts)):
            raise MixoptError(
                f"{option} {text}: give OLD=NEW, such as geometry=plane" + ",solid" * (option == "--split")
            )
        pairs[old] = parts
    return pairs


def _say_imported(name: str, imported: "Imported", left_out: Counter[str]) -> None:
    say(f"study {name}: {imported.new} runs imported")
    if imported.known:
        say(f"  {imported.known} were there already")
    if imported.updated:
        say(f"  {imported.updated} have new scores: the trials that they were are replaced")
    for line in imported.notes:
        say(f"  {line}")
    for reason, count in left_out.most_common():
        say(f"  {count} left out: {reason}")


def _say_next(study: "Study", folder: Path | None, imported: "Imported") -> None:
    from optuna.trial import TrialState

    from mixopt.inference.recommendation import LEAST_RUNS

    there = imported.new + imported.known + imported.updated  # enough of them spare reading all trials
    enough = there >= LEAST_RUNS or len(study.trials(TrialState.COMPLETE)) >= LEAST_RUNS
    if len(study.scoring.goals) == 1 and enough:
        where = f" --folder {folder}" if folder else ""
        say(f"recommend it: mixopt study recommend {study.spec.study}{where}")

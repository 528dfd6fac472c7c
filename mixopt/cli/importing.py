"""`mixopt study import`: old runs into a study, from files or from another study."""

from collections import Counter
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mixopt.cli.arguments import Domains, Folder, Minimize, Name, Normalize, names_of, refuse_columns, refuse_options
from mixopt.cli.console import say
from mixopt.errors import MixoptError, UnknownStudyError

if TYPE_CHECKING:
    from mixopt.exchange.importing import Imported
    from mixopt.exchange.old_runs import OldRuns
    from mixopt.study import Study


def import_(
    name: Name,
    files: Annotated[list[Path] | None, typer.Argument(help="Old runs; two files: mixtures, and their scores.")] = None,
    study: Annotated[str | None, typer.Option(help="Inherit the runs of this study.")] = None,
    value: Annotated[str | None, typer.Option(help="The column of the score.")] = None,
    minimize: Minimize = None,
    domains: Domains = None,
    normalize: Normalize = False,
    rename: Annotated[list[str] | None, typer.Option(help="With --study: OLD=NEW, a domain's names.")] = None,
    split: Annotated[list[str] | None, typer.Option(help="With --study: OLD=PART,PART, a domain's parts.")] = None,
    folder: Folder = None,
) -> None:
    """Import old runs into a study, or make one of them; run again, it imports only what is new.

    Example: mixopt study import mine runs.csv --value score
    """
    if (study is None) == (not files):
        raise MixoptError("say the files of old runs, or --study and the study to inherit from")
    if study is not None:
        refuse_columns(value, domains, minimize, normalize, why="only with files of runs")
        _inherit(name, study, rename or [], split or [], folder)
        return
    refuse_options({"--rename": bool(rename), "--split": bool(split)}, "only with --study")
    from mixopt.exchange.old_runs import read_old_runs

    columns = names_of(domains) if domains else None
    read = partial(read_old_runs, files or [], value, columns, minimize=minimize, normalize=normalize)
    _import_files(name, read, folder)


def _import_files(name: str, read: Callable[..., "OldRuns"], folder: Path | None) -> None:
    """Import what `read` reads, given the domains and scores that a study knows; where there is none, one is made."""
    from mixopt.exchange.importing import import_old_runs
    from mixopt.exchange.new_study import check_name, study_of_old_runs
    from mixopt.study import Study

    check_name(name)
    try:
        target, made = Study.open(name, folder), False
        old = read(known_domains=target.space.domains, known_scores=target.scoring.there)
    except UnknownStudyError:
        old, made = read(), True
        target = study_of_old_runs(name, old, folder)
    try:
        imported = import_old_runs(target, old)
    except MixoptError:
        if made:
            target.delete()
        raise
    if made:
        say(f"created study {name} in {target.folder.path}: domains {', '.join(target.space.domains)}")
        say(f"  it maximises {_goal(target)}")
    _say_imported(name, imported, old.left_out)
    _say_read(old, target)
    _say_next(target, folder)


def _goal(study: "Study") -> str:
    """What a study maximises, in words; a mean of tests by these."""
    from mixopt.scored import score_words
    from mixopt.scores import OUT_SCORE

    [goal], tests = study.scoring.names, list(study.scoring.out_tests)
    return f"the mean of {', '.join(tests)}" if goal == OUT_SCORE and len(tests) > 1 else score_words(goal)


def _say_read(old: "OldRuns", study: "Study") -> None:
    """What is to be known of how a file was read."""
    from mixopt.exchange.new_study import VALUE
    from mixopt.scored import score_words

    for column, here in old.renamed.items():
        say(f"  `{column}` is called {here} here")
    unknown = [name for name in old.scores if name not in study.scoring.there]
    if unknown == old.scores:
        say(f"  `{unknown[0]}` counts as {score_words(study.scoring.names[0])}")
    if len(old.ends) > 1:
        ends = ", ".join(f"{step} ({count})" for step, count in sorted(old.ends.items()))
        say(f"  runs end at different steps, by their last scores: {ends}")
    if old.repeated == 1:
        say("  1 row stands more than once in the file and counts as a run each time: drop it if it is one run")
    elif old.repeated:
        say(f"  {old.repeated} rows stand more than once in the file and count each time: drop those that are one run")
    unused = old.unused if unknown == old.scores else [*old.unused, *(name for name in unknown if name != VALUE)]
    if unused:
        say(f"  columns that are not used: {', '.join(unused)}")


def _inherit(name: str, ancestor: str, rename: Sequence[str], split: Sequence[str], folder: Path | None) -> None:
    from mixopt.exchange.inheriting import inherit
    from mixopt.study import Study

    parts = {**_pairs("--rename", rename), **_pairs("--split", split)}
    study = Study.open(name, folder)
    _say_imported(name, *inherit(study, Study.open(ancestor), parts))
    _say_next(study, folder)


def _pairs(option: str, said: Sequence[str]) -> dict[str, list[str]]:
    pairs = {}
    for text in said:
        old, _, new = text.partition("=")
        parts = names_of(new)
        if not (old and all(parts)):
            raise MixoptError(
                f"{option} {text}: say OLD=NEW, such as geometry=plane" + ",solid" * (option == "--split")
            )
        pairs[old] = parts
    return pairs


def _say_imported(name: str, imported: "Imported", left_out: Counter[str]) -> None:
    say(f"study {name}: {imported.new} runs imported")
    if imported.known:
        say(f"  {imported.known} were there already")
    for reason, count in left_out.most_common():
        say(f"  {count} left out: {reason}")


def _say_next(study: "Study", folder: Path | None) -> None:
    from mixopt.recommendation import LEAST_RUNS

    if len(study.scoring.goals) == 1 and len(study.runs()) >= LEAST_RUNS:
        where = f" --folder {folder}" if folder else ""
        say(f"recommend it: mixopt study recommend {study.spec.study}{where}")

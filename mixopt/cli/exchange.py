"""`mixopt study ask`, `tell`, `import`, `export` and `train`: in and out without a training stack."""

from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mixopt.cli.arguments import Domains, Folder, Minimize, Name, Normalize, more_trials, names_of, seeds_of
from mixopt.cli.console import err, say
from mixopt.cli.workers import stoppable
from mixopt.errors import MixoptError, StrategyError, UnknownStudyError

if TYPE_CHECKING:
    from mixopt.exchange.importing import Imported
    from mixopt.exchange.old_runs import OldRuns
    from mixopt.study import Study

SHORT = {"in": "in_score", "out": "out_score"}


def _formats(incomplete: str) -> list[str]:
    """For a shell that completes a format."""
    from mixopt.exchange.mixers import FORMATS

    return [name for name in FORMATS if name.startswith(incomplete)]


def ask(
    name: Name,
    format_: Annotated[
        str,
        typer.Option(
            "--format", help="json, yaml, probabilities, ms-swift, open-instruct or verl.", autocompletion=_formats
        ),
    ] = "json",
    n: Annotated[int, typer.Option("-n", min=1, help="Trials, one a line.")] = 1,
    examples: Annotated[int | None, typer.Option(min=1, help="Of the whole run, for formats that count them.")] = None,
    trials: Annotated[str | None, typer.Option(help="Raise the budget first: +10 adds ten Bayesian trials.")] = None,
    folder: Folder = None,
) -> None:
    """Ask for a trial that you train yourself, and print its mixture; `tell` brings its scores back.

    Example: mixopt study ask mine --format ms-swift
    """
    from mixopt.exchange.by_hand import ask_by_hand
    from mixopt.exchange.mixers import DOCUMENTS, check_format, written
    from mixopt.study import Study

    check_format(format_, examples)
    more = more_trials(trials)
    study = Study.open(name, folder)
    if more:
        study.add(more)
    for count in range(n):
        try:
            asked = ask_by_hand(study)
        except StrategyError as reason:
            if not count:
                raise
            err.print(f"{count} of {n}: {reason}", highlight=False, markup=False, soft_wrap=True)
            return
        typer.echo(written(asked, format_, examples))
        if format_ not in DOCUMENTS:
            typer.echo(f"trial {asked.number}", err=True)


def tell(
    name: Name,
    number: Annotated[int, typer.Argument(help="A trial that was asked for.")],
    scores: Annotated[
        Path | None, typer.Option(help="A JSON file: test to score, step to test to score, or a result.json.")
    ] = None,
    score: Annotated[
        list[str] | None, typer.Option("--score", help="TEST=SCORE, or in=SCORE and out=SCORE; may be repeated.")
    ] = None,
    failed: Annotated[str, typer.Option(help="It failed: why.")] = "",
    folder: Folder = None,
) -> None:
    """Tell the scores of a trial that was asked for. Example: mixopt study tell mine 7 --score out=0.51"""
    from mixopt.exchange.by_hand import fail_by_hand, tell_by_hand
    from mixopt.study import Study

    if sum(map(bool, (scores, score, failed))) != 1:
        raise MixoptError("say one of --scores FILE, --score TEST=SCORE, and --failed REASON")
    study = Study.open(name, folder)
    if failed:
        fail_by_hand(study, number, failed)
        say(f"study {name}: trial {number} has failed")
        return
    said = dict(_score(text, study.spec.tests.sizes) for text in score or [])
    if len(said) < len(score or []):
        raise MixoptError("--score: says a score twice: say each once")
    values = tell_by_hand(study, number, scores or said)
    say(f"study {name}: trial {number} has {' '.join(f'{value:.4f}' for value in values)}")


def _score(text: str, tests: dict[str, int]) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return (name if name in tests else SHORT.get(name, name)), float(value)
    except ValueError:
        raise MixoptError(f"--score {text}: say TEST=SCORE, such as out=0.51") from None


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
        _inherit(name, study, rename or [], split or [], folder)
        return
    from mixopt.exchange.importing import check_name, import_old_runs, study_of_old_runs
    from mixopt.exchange.old_runs import read_old_runs
    from mixopt.study import Study

    check_name(name)

    def read(known_domains: Sequence[str] = (), known_scores: Sequence[str] = ()) -> "OldRuns":
        return read_old_runs(
            files or [],
            value,
            names_of(domains) if domains else None,
            known_domains=known_domains,
            known_scores=known_scores,
            minimize=minimize,
            normalize=normalize,
        )

    try:
        target, made = Study.open(name, folder), False
        old = read(target.space.domains, target.scoring.there)
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
        counted = old.scores if len(old.scores) == 1 else list(target.spec.tests.sizes)
        say(f"  it maximises {'the mean of ' * (len(counted) > 1)}{', '.join(counted)}")
    _say_imported(name, imported, old.left_out)
    _say_read(old)
    _say_next(target, folder)


def _say_read(old: "OldRuns") -> None:
    """What is to be known of how a file was read."""
    for column, here in old.renamed.items():
        say(f"  `{column}` is called {here} here")
    if len(old.ends) > 1:
        ends = ", ".join(f"{step} ({count})" for step, count in sorted(old.ends.items()))
        say(f"  runs end at different steps, by their last scores: {ends}")
    if old.repeated == 1:
        say("  1 row stands more than once in the file and counts as a run each time: drop it if it is one run")
    elif old.repeated:
        say(f"  {old.repeated} rows stand more than once in the file and count each time: drop those that are one run")
    if old.unused:
        say(f"  columns that are not used: {', '.join(old.unused)}")


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
        parts = [part.strip() for part in new.split(",")]
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


def export(
    name: Name,
    file: Annotated[Path | None, typer.Argument(help="A .csv, .json or .parquet; without it CSV is printed.")] = None,
    folder: Folder = None,
) -> None:
    """Write all trials, one a row. Example: mixopt study export shapes runs.csv"""
    from mixopt.exchange.cells import write_cells
    from mixopt.exchange.exporting import trial_rows
    from mixopt.study import Study

    columns, rows = trial_rows(Study.open(name, folder))
    typer.echo(write_cells(file, columns, rows), nl=False)
    if file:
        say(f"{len(rows)} trials in {file}")


def train(
    name: Name,
    mixture: Annotated[str, typer.Option(help="`recommended`, a trial's number, label, or JSON.")] = "recommended",
    seeds: Annotated[str, typer.Option(help="Training seeds, separated by commas.")] = "1",
    slots: Annotated[int, typer.Option(min=1, help="Runs side by side.")] = 1,
    folder: Folder = None,
) -> None:
    """Train a mixture for real: one saved model a seed, outside the budget.

    Example: mixopt study train shapes --seeds 1,2 --slots 2
    """
    from mixopt.exchange.models import train_models
    from mixopt.plan import backend_of
    from mixopt.replicates import mixture_of
    from mixopt.study import Study

    study = Study.open(name, folder)
    backend, wanted = backend_of(study.spec), seeds_of(seeds)
    weights = mixture_of(study, mixture)
    with stoppable(name):
        models = train_models(study, backend, weights, wanted, slots)
    for model in models:
        values = " ".join(f"{value:.4f}" for value in study.values(model.result))
        say(f"seed {model.seed:6d}  {values}  {model.path}")

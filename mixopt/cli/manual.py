"""`mixopt study ask`, `tell`, `forget`, `export` and `train`: manual trials, exports and final models."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated

import typer

from mixopt.cli.arguments import Folder, Name, more_trials, seeds_of
from mixopt.cli.console import data, remark, say
from mixopt.cli.workers import stoppable
from mixopt.errors import MixoptError, StrategyError

SHORT = {"in": "in_score", "out": "out_score"}


def _formats(incomplete: str) -> list[str]:
    """Complete a format in a shell."""
    from mixopt.io.mixer_formats import FORMATS

    return [name for name in FORMATS if name.startswith(incomplete)]


def ask(
    name: Name,
    format_: Annotated[
        str,
        typer.Option(
            "--format", help="json, yaml, probabilities, ms-swift, open-instruct or verl.", autocompletion=_formats
        ),
    ] = "json",
    n: Annotated[int, typer.Option("-n", min=1, help="Number of trials, one on each line.")] = 1,
    examples: Annotated[
        int | None, typer.Option(min=1, help="Examples of the whole run, for formats that count them.")
    ] = None,
    trials: Annotated[str | None, typer.Option(help="Raise the budget first: +10 adds ten Bayesian trials.")] = None,
    folder: Folder = None,
) -> None:
    """Ask for a trial that you train yourself, and print its mixture; `tell` records its scores.

    Example: mixopt study ask mine --format ms-swift
    """
    from mixopt.io.manual import ask_manual
    from mixopt.io.mixer_formats import DOCUMENTS, check_format, written
    from mixopt.study.study import Study

    more = more_trials(trials)
    study = Study.open(name, folder)
    check_format(format_, examples, study.space.m)
    if more:
        study.add(more)
    for count in range(n):
        try:
            asked = ask_manual(study)
        except StrategyError as reason:
            if not count:
                if more:
                    study.add(-more)
                raise
            remark(f"{count} of {n}: {reason}")
            return
        data(written(asked, format_, study.spec.score.steps, examples) + "\n")
        if format_ not in DOCUMENTS:
            remark(f"trial {asked.number}")


def tell(
    name: Name,
    number: Annotated[int, typer.Argument(help="A trial that `ask` printed.")],
    scores: Annotated[
        Path | None, typer.Option(help="A JSON file: test to score, step to test to score, or a result.json.")
    ] = None,
    score: Annotated[
        list[str] | None, typer.Option("--score", help="TEST=SCORE, or in=SCORE and out=SCORE; may be repeated.")
    ] = None,
    failed: Annotated[str, typer.Option(help="Record a failure, with this reason.")] = "",
    replace: Annotated[
        bool, typer.Option("--replace", help="Replace the scores of a finished trial; both are kept.")
    ] = False,
    why: Annotated[str, typer.Option(help="With --replace: the reason, kept with the trial.")] = "",
    folder: Folder = None,
) -> None:
    """Record the scores of a trial that `ask` printed.

    Example: mixopt study tell mine 7 --score out=0.51
    """
    from mixopt.io.manual import fail_manual, replace_manual, tell_manual
    from mixopt.study.study import Study

    if sum(map(bool, (scores, score, failed))) != 1:
        raise MixoptError("give one of --scores FILE, --score TEST=SCORE, and --failed REASON")
    if failed and replace:
        raise MixoptError(f"--replace: takes scores, not --failed; mixopt study forget {name} {number} leaves it out")
    if why and not replace:
        raise MixoptError("--why: only with --replace")
    study = Study.open(name, folder)
    if failed:
        fail_manual(study, number, failed)
        say(f"study {name}: trial {number} has failed")
        return
    said = scores_of(score or [], study.spec.tests.sizes)
    if replace:
        new, values = replace_manual(study, number, scores or said, why)
        shown = " ".join(f"{value:.4f}" for value in values)
        say(f"study {name}: trial {new} replaces trial {number}: {shown}{study.value_remark}")
        return
    values = tell_manual(study, number, scores or said)
    shown = " ".join(f"{value:.4f}" for value in values)
    say(f"study {name}: trial {number} has {shown}{study.value_remark}")


def forget(
    name: Name,
    number: Annotated[int, typer.Argument(help="A finished trial.")],
    why: Annotated[str, typer.Option(help="The reason, kept with the trial.")] = "",
    folder: Folder = None,
) -> None:
    """Leave a finished trial out of everything; if the plan needs its mixture, it is trained again.

    Example: mixopt study forget mine 7 --why "trained on the wrong files"
    """
    from mixopt.io.manual import forget_manual
    from mixopt.study.study import Study

    study = Study.open(name, folder)
    forget_manual(study, number, why)
    say(f"study {name}: trial {number} is forgotten; it stays in the list of trials, and does not count")


def scores_of(said: Sequence[str], tests: Mapping[str, int]) -> dict[str, float]:
    """Read `--score TEST=SCORE`, given once or several times."""
    scores = dict(_score(text, tests) for text in said)
    if len(scores) < len(said):
        raise MixoptError("--score: has a score twice: give each once")
    return scores


def _score(text: str, tests: Mapping[str, int]) -> tuple[str, float]:
    name, _, value = text.partition("=")
    try:
        return (name if name in tests else SHORT.get(name, name)), float(value)
    except ValueError:
        raise MixoptError(f"--score {text}: give TEST=SCORE, such as out=0.51") from None


def export(
    name: Name,
    file: Annotated[Path | None, typer.Argument(help="A .csv, .json or .parquet file. Default: CSV on stdout.")] = None,
    folder: Folder = None,
) -> None:
    """Write all trials, one for each row.

    Example: mixopt study export shapes runs.csv
    """
    from mixopt.io.export import trial_rows
    from mixopt.study.study import Study
    from mixopt.tables.cells import write_cells

    columns, rows = trial_rows(Study.open(name, folder))
    data(write_cells(file, columns, rows))
    if file:
        say(f"{len(rows)} trials in {file}")


def train(
    name: Name,
    mixture: Annotated[str, typer.Option(help="`recommended`, a trial's number, label, or JSON.")] = "recommended",
    seeds: Annotated[str, typer.Option(help="Training seeds, separated by commas.")] = "1",
    slots: Annotated[int, typer.Option(min=1, help="Runs side by side.")] = 1,
    folder: Folder = None,
) -> None:
    """Train a mixture and keep its model, one for each seed, outside the budget.

    Example: mixopt study train shapes --seeds 1,2 --slots 2
    """
    from mixopt.io.trained_models import train_models
    from mixopt.study.plan import trainer_of
    from mixopt.study.replicates import mixture_of
    from mixopt.study.study import Study

    study = Study.open(name, folder)
    backend, wanted = trainer_of(study.spec), seeds_of(seeds)
    weights = mixture_of(study, mixture)
    with stoppable(name):
        models = train_models(study, backend, weights, wanted, slots)
    for model in models:
        values = " ".join(f"{value:.4f}" for value in study.values(model.result))
        say(f"seed {model.seed:6d}  {values}  {model.path}")

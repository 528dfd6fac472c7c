"""`mixopt`: the command line. Everything it does is one call of the package; here it is only said and shown.

Exit codes: 0 done, 1 a trainer failed for good, 2 bad input, 130 stopped by Ctrl-C.
"""

import sys
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import mean, stdev
from typing import Annotated

import optuna
import typer

from mixopt.backends.base import TrialFailed
from mixopt.cli.arguments import Folder, Name
from mixopt.cli.benchmark import benchmark_app
from mixopt.cli.console import err, out, say
from mixopt.cli.surrogate import surrogate_app
from mixopt.cli.workers import pause, prune, resume, retry, stop, stoppable
from mixopt.errors import MixoptError

app = typer.Typer(no_args_is_help=True, add_completion=True, help="Find the mixture of training datasets.")
study_app = typer.Typer(no_args_is_help=True, help="Create, run and read studies.")
app.add_typer(study_app, name="study")
app.add_typer(surrogate_app, name="surrogate")
app.add_typer(benchmark_app, name="benchmark")


@study_app.command()
def create(
    file: Annotated[Path, typer.Argument(help="A study file, such as studies/shapes.yaml.")],
    folder: Folder = None,
    storage: Annotated[
        str, typer.Option(help="postgresql+psycopg://USER@HOST/DATABASE or grpc://HOST:PORT; else a journal file.")
    ] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print the plan and write nothing.")] = False,
) -> None:
    """Create a study. Example: mixopt study create studies/shapes.yaml"""
    from mixopt.cli.outlook import outlook_lines
    from mixopt.plan import checked_spec
    from mixopt.study import Study

    if dry_run:
        for line in outlook_lines(checked_spec(file)):
            say(line)
        return
    study = Study.create(file, folder, storage)
    where = f" --folder {folder}" if folder else ""
    say(f"created study {study.spec.study} in {study.folder.path}")
    say(f"run it: mixopt study resume {study.spec.study}{where}")


for command in (resume, pause, stop, retry, prune):
    study_app.command()(command)


@study_app.command("list")
def list_(home: Annotated[Path | None, typer.Option(help="Where the studies lie.")] = None) -> None:
    """List the studies. Example: mixopt study list"""
    from mixopt.cli.tables import studies_table
    from mixopt.study import study_names

    names = study_names(home)
    if not names:
        say("no studies yet: mixopt study create FILE.yaml makes one")
        return
    out.print(studies_table(names, home))


@study_app.command()
def show(
    name: Name,
    failed: Annotated[bool, typer.Option("--failed", help="Only failed trials: why, and the log's end.")] = False,
    folder: Folder = None,
) -> None:
    """Show a study's trials by strategy, and those that failed. Example: mixopt study show shapes --failed"""
    from mixopt.cli.tables import failure_lines, strategies_table, trials_table
    from mixopt.scored import by_objective
    from mixopt.study import Study

    study = Study.open(name, folder)
    if not failed:
        out.print(trials_table(study))
        for score, runs in by_objective(study).items():
            if len(runs):
                out.print("\n", strategies_table(runs, score))
    for line in failure_lines(study, whole=failed) or (["no trial failed"] if failed else []):
        say(line)


@study_app.command()
def recommend(name: Name, folder: Folder = None) -> None:
    """Recommend the mixture to train on for real. Example: mixopt study recommend shapes"""
    from mixopt.cli.tables import recommendation_lines
    from mixopt.study import Study

    study = Study.open(name, folder)
    for line in recommendation_lines(study, study.recommend()):
        say(line)


@study_app.command()
def front(
    name: Name,
    scores: Annotated[
        str | None, typer.Option(help="Scores separated by commas: in_score, out_score and tests.")
    ] = None,
    figure: Annotated[Path | None, typer.Option(help="Draw it too, into this file (.png, .pdf or .svg).")] = None,
    folder: Folder = None,
) -> None:
    """Show what can be had of several scores at once: the study's objectives, or those named.

    Example: mixopt study front shapes --scores in_score,out_score,chart --figure front.png
    """
    from mixopt.cli.tables import front_table
    from mixopt.front import front_of_runs
    from mixopt.plots.front import front_figure
    from mixopt.scored import by_scores
    from mixopt.study import Study

    study = Study.open(name, folder)
    runs, names = by_scores(study, [name.strip() for name in scores.split(",")] if scores else ())
    found = front_of_runs(study.space, runs, names, study.spec.sampler_seed)
    out.print(front_table(found))
    if figure:
        try:
            front_figure(found, runs).savefig(figure, dpi=150)
        except (OSError, ValueError) as error:
            raise MixoptError(f"--figure {figure}: cannot be drawn ({error}): give a path such as front.png") from error
        say(f"figure {figure}")


@study_app.command()
def replicate(
    name: Name,
    mixture: Annotated[str, typer.Argument(help="`recommended`, a trial's label such as `all`, or JSON weights.")],
    seeds: Annotated[str, typer.Option(help="Training seeds, separated by commas.")] = "1,2,3",
    slots: Annotated[int, typer.Option(min=1, help="Runs side by side.")] = 1,
    folder: Folder = None,
) -> None:
    """Train a mixture with other training seeds, outside the budget.

    Example: mixopt study replicate shapes all --seeds 1,2,3 --slots 2
    """
    from mixopt.plan import backend_of
    from mixopt.replicates import mixture_of, replicate_runs
    from mixopt.study import Study

    study = Study.open(name, folder)
    weights = mixture_of(study, mixture)
    wanted = _seeds(seeds)
    with stoppable(name):
        results = replicate_runs(study, backend_of(study.spec), weights, wanted, slots)
    values = [study.values(result) for result in results]
    for seed, row in zip(wanted, values, strict=True):
        say(f"seed {seed:6d}  {_numbers(row)}")
    columns = list(zip(*values, strict=True))
    spread = f"  sd {_numbers([stdev(column) for column in columns])}" if len(values) > 1 else ""
    say(f"mean {_numbers([mean(column) for column in columns])}{spread}  of {len(values)} runs")


def _numbers(values: Sequence[float]) -> str:
    return " ".join(f"{value:.4f}" for value in values)


def _seeds(text: str) -> list[int]:
    parts = text.split(",")
    if not all(part.strip().isascii() and part.strip().isdigit() for part in parts):
        raise MixoptError(f"--seeds {text}: say whole numbers separated by commas, such as 1,2,3")
    if len(set(map(int, parts))) < len(parts):
        raise MixoptError(f"--seeds {text}: says a seed twice: name each once")
    return [int(part) for part in parts]


@study_app.command()
def delete(
    name: Name,
    folder: Folder = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Delete a study and everything in its folder. Example: mixopt study delete shapes --yes"""
    from mixopt.study import Study

    study = Study.open(name, folder)
    count = len(study.trials())
    if not yes:
        typer.confirm(f"delete study {name} and its {count} trials in {study.folder.path}?", abort=True)
    study.delete()
    say(f"deleted study {name} with {count} trials")


def _warner() -> Callable[..., None]:
    """Prints each warning once: Python's own memory of them is lost whenever a library changes the filters."""
    said: set[str] = set()

    def warn(message: Warning | str, *_: object, **__: object) -> None:
        if str(message) not in said:
            said.add(str(message))
            err.print(f"warning: {message}", highlight=False, markup=False)

    return warn


def main() -> None:
    """The entry point: errors that mixopt raises on purpose become one line and exit code 2."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)  # its own lines would break into the progress display
    warnings.simplefilter("ignore")  # libraries' own; ours are for people
    warnings.filterwarnings("default", module="mixopt")
    warnings.showwarning = _warner()
    try:
        app()
    except TrialFailed as failure:
        err.print(f"error: {failure}\n{failure.log_tail}", highlight=False, markup=False, soft_wrap=True)
        sys.exit(1)
    except MixoptError as error:
        err.print(f"error: {error}", highlight=False, markup=False, soft_wrap=True)
        sys.exit(2)

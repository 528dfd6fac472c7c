"""`mixopt surrogate`: compare models of the runs."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mixopt.cli.arguments import Domains, Folder, Json, Minimize, Normalize, names_of, refuse_columns, refuse_options
from mixopt.cli.console import document, out, say
from mixopt.errors import MixoptError

if TYPE_CHECKING:
    from mixopt.history.runs import Runs

surrogate_app = typer.Typer(no_args_is_help=True, help="Models of the runs: how well they predict.")


@surrogate_app.callback()
def surrogate() -> None:
    """Models of the runs: how well they predict."""


@surrogate_app.command("compare")
def compare_(
    name: Annotated[str | None, typer.Argument(help="A study's name; or give --csv.")] = None,
    csv: Annotated[
        Path | None, typer.Option(help="Measured mixtures (CSV, JSON or Parquet), one row for each run.")
    ] = None,
    value: Annotated[str | None, typer.Option(help="The file's column of scores.")] = None,
    domains: Domains = None,
    minimize: Minimize = None,
    normalize: Normalize = False,
    json: Json = False,
    folder: Folder = None,
) -> None:
    """Predict every run from the others by every surrogate (cross-validation).

    Example: mixopt surrogate compare shapes

    Example: mixopt surrogate compare --csv runs.csv --value score --domains web,code,math
    """
    from mixopt.cli.json_documents import comparison_document
    from mixopt.cli.model_comparison import comparison_table, verdict
    from mixopt.models.cross_validation import compare

    if (name is None) == (csv is None):
        raise MixoptError("give one of them: the name of a study, or --csv FILE --value COLUMN")
    if csv is None:
        refuse_columns(value, domains, minimize, normalize, why="only of --csv")
        runs = _study_runs(str(name), folder)
    else:
        refuse_options({"--folder": folder is not None}, "only of a study")
        runs = _table_runs(csv, value, domains, minimize, normalize)
    runs.refuse_several("comparing surrogates")
    comparison = compare(runs.weights, runs.values)
    if json:
        document(comparison_document(comparison, runs))
        return
    out.print(comparison_table(comparison, len(runs), runs.space.m))
    for line in verdict(comparison, len(runs)):
        say(line)


def _study_runs(name: str, folder: Path | None) -> "Runs":
    from mixopt.study.study import Study

    return Study.open(name, folder).runs()


def _table_runs(csv: Path, value: str | None, domains: str | None, minimize: bool | None, normalize: bool) -> "Runs":
    from mixopt.tables.read_runs import read_runs

    if value is None:
        raise MixoptError("--csv: give --value COLUMN, the column of the score")
    columns = names_of(domains) if domains else None
    return read_runs(csv, value, columns, minimize=minimize, normalize=normalize)

"""`mixopt surrogate`: compare models of the runs of a study, a file, or the published tables."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from mixopt.cli.arguments import Domains, Folder, Json, Minimize, Normalize, names_of, refuse_columns, refuse_options
from mixopt.cli.console import data, document, out, say
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
    tables: Annotated[
        Path | None,
        typer.Option(help="Folder with published tables, regmix/, damo/, shapes-table/: predict unseen runs of each."),
    ] = None,
    json: Json = False,
    folder: Folder = None,
) -> None:
    """Predict every run from the others by every surrogate (cross-validation).

    With --tables, predict the unseen runs of each table from 20, 40 and 80 random ones, 20 times (the file of --csv is
    a further table); it takes minutes.

    Example: mixopt surrogate compare shapes

    Example: mixopt surrogate compare --csv runs.csv --value score --domains web,code,math

    Example: mixopt surrogate compare --tables FOLDER
    """
    if tables is not None:
        refuse_options(
            {"NAME": name is not None, "--folder": folder is not None}, "only of a study, and not of --tables"
        )
        _compare_on_tables(tables, csv, value, domains, minimize, normalize, json)
        return
    from mixopt.cli.json_documents import comparison_document
    from mixopt.cli.model_comparison import comparison_table, verdict
    from mixopt.models.cross_validation import compare

    if (name is None) == (csv is None):
        raise MixoptError("give one of them: the name of a study, or --csv FILE --value COLUMN, or --tables FOLDER")
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


def _compare_on_tables(
    tables: Path,
    csv: Path | None,
    value: str | None,
    domains: str | None,
    minimize: bool | None,
    normalize: bool,
    json: bool,
) -> None:
    from mixopt.benchmark.surrogates import compare_on_tables
    from mixopt.benchmark.tables import Sources, read_table, tables_there
    from mixopt.cli.predictions import prediction_lines, predictions_document

    if csv is None:
        refuse_columns(value, domains, minimize, normalize, why="only of --csv")
    columns = tuple(names_of(domains)) if domains else None
    sources = Sources(tables, csv, value or "", columns, minimize=minimize, normalize=normalize)
    found = compare_on_tables({name: read_table(name, sources) for name in tables_there(sources)})
    if json:
        document(predictions_document(found))
        return
    for line in prediction_lines(found):
        data(line + "\n")


def _study_runs(name: str, folder: Path | None) -> "Runs":
    from mixopt.study.study import Study

    return Study.open(name, folder).runs()


def _table_runs(csv: Path, value: str | None, domains: str | None, minimize: bool | None, normalize: bool) -> "Runs":
    from mixopt.tables.read_runs import read_runs

    if value is None:
        raise MixoptError("--csv: give --value COLUMN, the column of the score")
    columns = names_of(domains) if domains else None
    return read_runs(csv, value, columns, minimize=minimize, normalize=normalize)

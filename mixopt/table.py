"""Measured mixtures from a CSV file: one row a run, one column a domain, one column for the score.

    runs = read_runs(Path("runs.csv"), "score")

The domains are the columns that are named; else the columns `w:NAME`, where there are any (the domain is NAME); else
all columns but the score's. Of a long table, a row a run and evaluation step with a column `step` that is no domain,
each run's last row counts (exchange/steps.py).
"""

import csv
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mixopt.arrays import FloatArray
from mixopt.errors import SpaceError, TableError
from mixopt.exchange.cells import STEPS
from mixopt.exchange.columns import few
from mixopt.exchange.steps import steps_by_run
from mixopt.past import ENQUEUED_STRATEGY
from mixopt.runs import Runs
from mixopt.space import MixtureSpace

PREFIX = "w:"
ROUNDING = 1e-3 + 1e-9  # weights in files are rounded: a sum this near 1 is made exactly 1


def read_runs(
    path: Path, value: str, domains: Sequence[str] | None = None, *, maximize: bool = True, rescale: bool = False
) -> Runs:
    """The runs of a CSV file, over the space of its domains without bounds.

    Args:
        value: the column of the score.
        domains: columns of weights (with or without `w:`), in this order; default: see above.
        maximize: False where smaller is better (a loss): the values of the runs are then negated.
        rescale: divide every row's weights by their sum, whatever it is.

    Returns: runs numbered from 0 in the file's order, labelled by their line in the file.

    Raises:
        TableError: the file, a column, a number or a row cannot be used; one line with file, line and mend.
    """
    header, rows = _read(path)
    score = _column(path, header, value)
    columns = _domain_columns(path, header, value, domains)
    cells = np.array([[_number(path, header, line, row, i) for i in (score, *columns)] for line, row in rows])
    try:
        space = MixtureSpace([header[i].removeprefix(PREFIX) for i in columns])
    except SpaceError as error:
        raise TableError(f"{path}: {error}") from error
    lines = [line for line, _ in rows]
    weights = _on_simplex(path, [header[i] for i in columns], lines, cells[:, 1:], rescale)
    last = _last_rows(path, header, rows, columns, weights)
    values, unknown = cells[last, 0], np.full(len(last), np.nan)
    return Runs(
        space=space,
        weights=weights[last],
        values=values if maximize else -values,
        in_scores=unknown,
        out_scores=unknown,
        numbers=np.arange(len(last)),
        strategies=(ENQUEUED_STRATEGY,) * len(last),
        labels=tuple(f"line:{lines[row]}" for row in last),
    )


def _last_rows(
    path: Path, header: list[str], rows: list[tuple[int, list[str]]], columns: list[int], weights: FloatArray
) -> list[int]:
    """The row of each run's last step; all rows where there is no column of steps."""
    step = next((name for name in STEPS if name in header and header.index(name) not in columns), None)
    if step is None:
        return list(range(len(rows)))
    placed = [(f"{path} line {line}", dict(zip(header, row))) for line, row in rows]
    return [steps[max(steps)] for steps in steps_by_run(placed, [tuple(row) for row in weights.tolist()], step)]


def _read(path: Path) -> tuple[list[str], list[tuple[int, list[str]]]]:
    """The header, and the rows with their line numbers; blank lines are left out."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, strict=True)
            lines = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if any(row)]
    except OSError as error:
        raise TableError(f"{path}: cannot be read ({error.strerror}): give the path of a CSV file") from error
    except (csv.Error, UnicodeDecodeError) as error:
        raise TableError(f"{path}: is not CSV ({error}): mend it there") from error
    if len(lines) < 2:
        raise TableError(f"{path}: has no rows: give a header and one row a run")
    (_, header), *rows = lines
    for name in header:
        if header.count(name) > 1:
            raise TableError(f"{path}: column {name!r} is there {header.count(name)} times: keep one of them")
    for line, row in rows:
        if len(row) != len(header):
            raise TableError(f"{path} line {line}: has {len(row)} cells for {len(header)} columns: mend the row")
    return header, rows


def _column(path: Path, header: list[str], name: str) -> int:
    if name not in header:
        raise TableError(f"{path}: has no column {name!r}: its columns are {', '.join(header)}")
    return header.index(name)


def _domain_columns(path: Path, header: list[str], value: str, domains: Sequence[str] | None) -> list[int]:
    if domains is None:
        prefixed = [name for name in header if name.startswith(PREFIX) and name != value]
        domains = prefixed or [name for name in header if name != value]
        if "" in domains:
            raise TableError(f"{path}: has a column without a name: name it, or say which columns are domains")
    if value in domains:
        raise TableError(f"{path}: column {value!r} is the score and no domain: take it out of the domains")
    return [_column(path, header, PREFIX + name if PREFIX + name in header else name) for name in domains]


def _number(path: Path, header: list[str], line: int, row: list[str], column: int) -> float:
    try:
        number = float(row[column])
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        given = f"{row[column]!r}, not a finite number" if row[column] else "missing"
        raise TableError(f"{path} line {line}: {header[column]} is {given}: fill it in, or drop the row")
    return number


def _on_simplex(path: Path, names: list[str], lines: list[int], weights: FloatArray, rescale: bool) -> FloatArray:
    """Weights (n, m) as mixtures; raises where they are none."""
    for row, column in np.argwhere(weights < 0):
        negative = f"{names[column]} is {weights[row, column]:g}"
        raise TableError(f"{path} line {lines[row]}: {negative}: a weight is at least 0; or name the domains' columns")
    sums = weights.sum(axis=1, keepdims=True)
    for row in np.flatnonzero((sums <= 0) if rescale else (np.abs(sums - 1) > ROUNDING)):
        mend = "mend the row, rescale, or name the domains' columns" if sums[row, 0] > 0 else "mend or drop the row"
        raise TableError(f"{path} line {lines[row]}: the weights of {few(names)} sum to {sums[row, 0]:g}: {mend}")
    return weights / sums

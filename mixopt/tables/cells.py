"""A table in memory: rows of cells, read from a file (tabular_files.py), joined with another table, or written."""

import csv
import io
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from mixopt.errors import MixoptError, TableError
from mixopt.tables.number_format import doubt, readings
from mixopt.tables.run_columns import IDS, RUN_IDS
from mixopt.typing import FloatArray

LISTED = 20  # columns that a message names
INSTALL = "pip install 'mixopt[parquet]'"

Row = dict[str, Any]


@dataclass(frozen=True)
class Cells:
    """The rows of a file, each with its location (file and line) for error messages."""

    path: Path
    columns: list[str]
    rows: list[tuple[str, Row]]
    _read: dict[str, FloatArray] = field(init=False, default_factory=dict, repr=False, compare=False)  # by column

    @staticmethod
    def number(where: str, row: Row, column: str) -> float:
        """Return a cell as a finite number: `39.5%` as .395, NaN where it is empty.

        Raises:
            TableError: the cell is neither empty nor a finite number.
        """
        number = _number(row[column])
        if math.isinf(number):
            what = readings(row[column]) or "fix it"
            raise TableError(f"{where}: {column} is {row[column]!r:.60}, not a finite number: {what}, or drop the row")
        return number

    def numbers(self, column: str) -> FloatArray:
        """Return the numbers (n,) of a column, as `number` reads them; each column is read once."""
        if column not in self._read:
            found = np.array([_number(row[column]) for _, row in self.rows], dtype=float)
            for i in np.flatnonzero(np.isinf(found)):
                self.number(*self.rows[i], column)  # raises
            self._read[column] = found
        return self._read[column]

    def is_number(self, column: str) -> bool:
        """Return whether a column has at least one number, and no cell that is neither a number nor empty."""
        if column not in self._read and math.isinf(_number(self.rows[0][1][column])):
            return False
        try:
            return not np.isnan(self.numbers(column)).all()
        except TableError:
            return False

    def refuse_almost_number(self, column: str) -> None:
        """Refuse a column in which at least half of the cells are numbers, but not all of them.

        Raises:
            TableError: names the first cell that is not a number.
        """
        found = [_number(row[column]) for _, row in self.rows]
        refused = [i for i, number in enumerate(found) if math.isinf(number)]
        if 0 < len(refused) <= sum(math.isfinite(number) for number in found):
            self.number(*self.rows[refused[0]], column)  # raises

    def refuse_mixed_percents(self, column: str) -> None:
        """Refuse a score above 1 without a percent sign in a column that has percent signs.

        Raises:
            TableError: names the cell.
        """
        percents = [row[column] for _, row in self.rows if str(row[column]).endswith("%")]
        for where, row in self.rows if percents else ():
            if not str(row[column]).endswith("%") and abs(self.number(where, row, column)) > 1:
                raise TableError(
                    f"{where}: {column} is {row[column]!r}, and others are percents, such as {percents[0]}: write "
                    f"{row[column]}%, or the others without %"
                )

    def refuse_doubtful(self, columns: Sequence[str]) -> None:
        """Refuse columns in which a mark may separate thousands or decimals. The columns use one number format.

        Raises:
            TableError: names the cell and both ways to read it.
        """
        if cell := doubt([[row[column] for _, row in self.rows] for column in columns]):
            where, column = next((w, c) for c in columns for w, row in self.rows if row[c] is cell)
            raise TableError(
                f"{where}: {column} is {cell.written!r}, which may have thousands or decimals: write {cell.readings}, "
                "whichever it is, in all rows"
            )

    def is_zero(self, column: str) -> bool:
        """Return whether a column of numbers is 0 or empty in every row."""
        return not np.nan_to_num(self.numbers(column)).any()


def _number(cell: Any) -> float:
    """Return a cell as a finite number: NaN where it is empty, infinity where it is not a number."""
    if cell is None:
        return math.nan
    try:
        if isinstance(cell, str) and cell.endswith("%"):
            return float(cell[:-1]) / 100
        return math.inf if isinstance(cell, bool) else float(cell)
    except (ValueError, TypeError, OverflowError):
        return math.nan if isinstance(cell, str) and not cell.strip() else math.inf


def joined(mixtures: Cells, metrics: Cells) -> tuple[Cells, int]:
    """Join the mixtures and the scores of the same runs by the first column of IDS that both tables have.

    Returns:
        The joined table, and how many runs are in only one of the two.

    Raises:
        TableError: no such column exists, a run is named twice, or another column is in both tables.
    """
    key = next((name for name in IDS if name in mixtures.columns and name in metrics.columns), None)
    if key is None:
        raise TableError(f"the two files have no column in common that names a run: one of {', '.join(RUN_IDS)}")
    there = {*metrics.columns} - {*IDS}
    if both := [name for name in mixtures.columns if name in there]:
        raise TableError(f"columns {', '.join(both[:LISTED])} are in both files: drop or rename them in one of the two")
    found: dict[str, Row] = {}
    for where, row in metrics.rows:
        if str(row[key]) in found:
            raise TableError(f"{where}: names run {row[key]!r} a second time: keep one row of it")
        found[str(row[key])] = row
    rows = [(where, {**found[str(row[key])], **row}) for where, row in mixtures.rows if str(row[key]) in found]
    if not rows:
        raise TableError(f"no run is in both files: their columns {key!r} have no value in common")
    lost = len(mixtures.rows) - len(rows) + len(set(found) - {str(row[key]) for _, row in rows})
    return Cells(mixtures.path, list(dict.fromkeys([*mixtures.columns, *metrics.columns])), rows), lost


def write_cells(path: Path | None, columns: Sequence[str], rows: Sequence[Row]) -> str:
    r"""Write rows as .csv, .json or .parquet, by the file's suffix; without a path, return them as CSV text.

    Lone surrogates, which no file can hold, are written as `\ud800`.

    Raises:
        MixoptError: the file cannot be written, or has another suffix.
    """
    rows = [{key: _whole(value) for key, value in row.items()} for row in rows]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    if path is None:
        return text.getvalue()
    try:
        match path.suffix:
            case ".csv":
                path.write_text(text.getvalue(), encoding="utf-8")
            case ".json":
                path.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
            case ".parquet":
                library = arrow()
                library.parquet.write_table(library.Table.from_pylist(rows), path)
            case end:
                raise MixoptError(f"{path}: ends in {end or 'nothing'}: name it .csv, .json or .parquet")
    except OSError as error:
        raise MixoptError(f"{path}: cannot be written ({error.strerror or error}): choose another place") from error
    return ""


def _whole(value: Any) -> Any:
    return value.encode(errors="backslashreplace").decode() if isinstance(value, str) else value


def arrow() -> Any:
    """Return pyarrow with its Parquet module.

    Raises:
        MixoptError: it is not installed.
    """
    try:
        import pyarrow.parquet
    except ImportError:
        raise MixoptError(f"Parquet needs pyarrow: {INSTALL}, or take CSV or JSON") from None
    return pyarrow

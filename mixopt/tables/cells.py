"""Rows as cells by column, from files (reading.py) and to files; two of them joined by their runs' ids."""

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
    """The rows of a file: each with where it stands, for messages."""

    path: Path
    columns: list[str]
    rows: list[tuple[str, Row]]
    _read: dict[str, FloatArray] = field(init=False, default_factory=dict, repr=False, compare=False)  # by column

    @staticmethod
    def number(where: str, row: Row, column: str) -> float:
        """A cell as a finite number, `39.5%` as .395; NaN where it is empty. Raises TableError where it is neither."""
        number = _number(row[column])
        if math.isinf(number):
            what = readings(row[column]) or "mend it"
            raise TableError(f"{where}: {column} is {row[column]!r:.60}, not a finite number: {what}, or drop the row")
        return number

    def numbers(self, column: str) -> FloatArray:
        """A column's numbers (n,), as `number` has them, which are read once."""
        if column not in self._read:
            found = np.array([_number(row[column]) for _, row in self.rows], dtype=float)
            for i in np.flatnonzero(np.isinf(found)):
                self.number(*self.rows[i], column)  # raises
            self._read[column] = found
        return self._read[column]

    def is_number(self, column: str) -> bool:
        """Whether all cells of a column are numbers, or empty, and one of them a number."""
        if column not in self._read and math.isinf(_number(self.rows[0][1][column])):
            return False
        try:
            return not np.isnan(self.numbers(column)).all()
        except TableError:
            return False

    def refuse_almost_number(self, column: str) -> None:
        """Raise TableError of the cell that keeps a column from being numbers, where half of its cells at least are."""
        found = [_number(row[column]) for _, row in self.rows]
        refused = [i for i, number in enumerate(found) if math.isinf(number)]
        if 0 < len(refused) <= sum(math.isfinite(number) for number in found):
            self.number(*self.rows[refused[0]], column)  # raises

    def refuse_mixed_percents(self, column: str) -> None:
        """Raise TableError of a score above 1 without a percent sign, where others in its column have one."""
        percents = [row[column] for _, row in self.rows if str(row[column]).endswith("%")]
        for where, row in self.rows if percents else ():
            if not str(row[column]).endswith("%") and abs(self.number(where, row, column)) > 1:
                raise TableError(
                    f"{where}: {column} is {row[column]!r}, and others are percents, such as {percents[0]}: write "
                    f"{row[column]}%, or the others without %"
                )

    def refuse_doubtful(self, columns: Sequence[str]) -> None:
        """Raise TableError where a number of these columns, which are written alike, may have thousands or decimals."""
        if cell := doubt([[row[column] for _, row in self.rows] for column in columns]):
            where, column = next((w, c) for c in columns for w, row in self.rows if row[c] is cell)
            raise TableError(
                f"{where}: {column} is {cell.written!r}, which may have thousands or decimals: write {cell.readings}, "
                "whichever it is, in all rows"
            )

    def is_zero(self, column: str) -> bool:
        """Whether a column of numbers is 0, or empty, throughout."""
        return not np.nan_to_num(self.numbers(column)).any()


def _number(cell: Any) -> float:
    """A cell as a finite number; NaN where it is empty, infinity where it is neither."""
    if cell is None:
        return math.nan
    try:
        if isinstance(cell, str) and cell.endswith("%"):
            return float(cell[:-1]) / 100
        return math.inf if isinstance(cell, bool) else float(cell)
    except (ValueError, TypeError, OverflowError):
        return math.nan if isinstance(cell, str) and not cell.strip() else math.inf


def joined(mixtures: Cells, metrics: Cells) -> tuple[Cells, int]:
    """The runs that are in both files, by the first of IDS that both have, and how many are in one only.

    Raises:
        TableError: there is no such column, or it names a run twice; another column is in both.
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
    """Write rows by the file's end, .csv, .json or .parquet; without a file, the text as CSV is returned.

    Halves of characters, which no file can hold, stand as `\\ud800`.

    Raises:
        MixoptError: it cannot be written, or ends in something else.
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
    """pyarrow with its Parquet; raises MixoptError where it is not installed."""
    try:
        import pyarrow.parquet
    except ImportError:
        raise MixoptError(f"Parquet needs pyarrow: {INSTALL}, or take CSV or JSON") from None
    return pyarrow

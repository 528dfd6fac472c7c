"""Files of rows, CSV, JSON or Parquet, read and written as cells by column; two of them joined by their runs' ids."""

import csv
import io
import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from mixopt.errors import MixoptError, TableError

RUN_IDS = ("run_id", "run", "trial", "index", "id", "ID", "name", "Name")  # columns that name a run
INDEX = ("Unnamed: 0", "")  # a frame's index: as pandas reads it, and as it writes it
IDS = (*RUN_IDS, *INDEX)
SEEDS = ("train_seed", "seed")  # columns of a run's training seed
STEPS = ("step", "Step")  # columns that make a table long: a row a run and evaluation step (steps.py)
DELIMITERS = ",;\t"
DECIMAL = re.compile(r"[-+]?[0-9]*([.,])[0-9]+(?:[eE][-+]?[0-9]+)?\s*%?")
INSTALL = "pip install 'mixopt[parquet]'"

Row = dict[str, Any]


@dataclass(frozen=True)
class Cells:
    """The rows of a file: each with where it stands, for messages."""

    path: Path
    columns: list[str]
    rows: list[tuple[str, Row]]

    @staticmethod
    def number(where: str, row: Row, column: str) -> float:
        """A cell as a finite number, `39.5%` as .395; NaN where it is empty. Raises TableError where it is neither."""
        cell = row[column]
        if cell is None or str(cell).strip().lower() in ("", "nan"):
            return math.nan
        try:
            percent = isinstance(cell, str) and cell.endswith("%")
            number = float(cell[:-1]) / 100 if percent else float(cell)
        except (ValueError, TypeError, OverflowError):
            number = math.inf
        if math.isinf(number):
            raise TableError(f"{where}: {column} is {cell!r}, not a finite number: mend it, or drop the row")
        return number

    def is_number(self, column: str) -> bool:
        """Whether all cells of a column are numbers, or empty."""
        try:
            return not all(math.isnan(self.number(where, row, column)) for where, row in self.rows)
        except TableError:
            return False

    def refuse_almost_number(self, column: str) -> None:
        """Raise TableError of the cell that keeps a column from being numbers, where most of its cells are."""
        refused = []
        for where, row in self.rows:
            try:
                self.number(where, row, column)
            except TableError as error:
                refused.append(error)
        if 0 < 2 * len(refused) <= len(self.rows):
            raise refused[0]

    def is_zero(self, column: str) -> bool:
        """Whether a column of numbers is 0, or empty, throughout."""
        numbers = [self.number(where, row, column) for where, row in self.rows]
        return all(number == 0 or math.isnan(number) for number in numbers)


def read_cells(path: Path) -> Cells:
    """Read a file by its name's end; without .json or .parquet it is CSV.

    Raises:
        TableError: it cannot be read, has no rows, or a column twice; one line with file and mend.
    """
    try:
        if path.suffix == ".json":
            rows = json.loads(path.read_text())
            if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
                raise ValueError("it must be a list of objects, one a run")
        elif path.suffix == ".parquet":
            rows = _arrow().parquet.read_table(path).to_pylist()
        else:
            return _read_csv(path)
    except OSError as error:
        raise TableError(f"{path}: cannot be read ({error.strerror or error}): give the path of a file") from error
    except (ValueError, RecursionError) as error:  # Arrow's are among them
        raise TableError(f"{path}: is not {path.suffix[1:]} ({str(error).splitlines()[0]}): mend it") from error
    columns = list(dict.fromkeys(name for row in rows for name in row))
    numbered = [(f"{path} row {i}", {name: row.get(name) for name in columns}) for i, row in enumerate(rows, start=1)]
    return _with_rows(path, columns, numbered)


def _read_csv(path: Path) -> Cells:
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            text = file.read()
        delimiter = _delimiter(text)
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        lines = [(reader.line_num, [cell.strip() for cell in row]) for row in reader if any(row)]
    except (csv.Error, UnicodeDecodeError) as error:
        raise TableError(f"{path}: is not CSV ({error}): mend it there") from error
    if delimiter == ";":
        lines[1:] = _with_points(lines[1:])
    columns = lines[0][1] if lines else []
    for name in columns:
        if columns.count(name) > 1:
            raise TableError(f"{path}: column {name!r} is there {columns.count(name)} times: keep one of them")
    for line, row in lines[1:]:
        if len(row) != len(columns):
            raise TableError(f"{path} line {line}: has {len(row)} cells for {len(columns)} columns: mend the row")
    return _with_rows(path, columns, [(f"{path} line {n}", dict(zip(columns, row))) for n, row in lines[1:]])


def _delimiter(text: str) -> str:
    """What separates the cells of the header: the one of DELIMITERS that makes most cells."""
    header = text.lstrip("\r\n").splitlines()[:1]
    return max(DELIMITERS, key=lambda delimiter: sum(map(len, csv.reader(header, delimiter=delimiter))))


def _with_points(lines: list[tuple[int, list[str]]]) -> list[tuple[int, list[str]]]:
    """Rows with points for decimal commas; where some numbers have points, commas are something else, and stay."""
    marks = {found[1] for _, row in lines for cell in row if (found := DECIMAL.fullmatch(cell))}
    if marks != {","}:
        return lines
    return [(n, [cell.replace(",", ".") if DECIMAL.fullmatch(cell) else cell for cell in row]) for n, row in lines]


def _with_rows(path: Path, columns: list[str], rows: list[tuple[str, Row]]) -> Cells:
    if not rows:
        raise TableError(f"{path}: has no rows: give a header and one row a run")
    return Cells(path, columns, rows)


def joined(mixtures: Cells, metrics: Cells) -> tuple[Cells, int]:
    """The runs that are in both files, by the first of IDS that both have, and how many are in one only.

    Raises:
        TableError: there is no such column, or it names a run twice; another column is in both.
    """
    key = next((name for name in IDS if name in mixtures.columns and name in metrics.columns), None)
    if key is None:
        raise TableError(f"the two files have no column in common that names a run: one of {', '.join(RUN_IDS)}")
    if both := [name for name in mixtures.columns if name in metrics.columns and name not in IDS]:
        raise TableError(f"columns {', '.join(both)} are in both files: drop or rename them in one of the two")
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

    Raises:
        MixoptError: it cannot be written, or ends in something else.
    """
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    if path is None:
        return text.getvalue()
    try:
        match path.suffix:
            case ".csv":
                path.write_text(text.getvalue())
            case ".json":
                path.write_text(json.dumps(list(rows), indent=1) + "\n")
            case ".parquet":
                arrow = _arrow()
                arrow.parquet.write_table(arrow.Table.from_pylist(list(rows)), path)
            case end:
                raise MixoptError(f"{path}: ends in {end or 'nothing'}: name it .csv, .json or .parquet")
    except OSError as error:
        raise MixoptError(f"{path}: cannot be written ({error.strerror or error}): choose another place") from error
    return ""


def _arrow() -> Any:
    try:
        import pyarrow.parquet
    except ImportError:
        raise MixoptError(f"Parquet needs pyarrow: {INSTALL}, or take CSV or JSON") from None
    return pyarrow

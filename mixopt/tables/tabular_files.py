"""Read CSV, JSON, JSON lines and Parquet files as tables, by their suffix and by their content."""

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mixopt.errors import TableError
from mixopt.tables.cells import Cells, Row, arrow
from mixopt.tables.number_format import Line, with_plain_numbers
from mixopt.text import plain_line

DELIMITERS = ",;\t"
LONGEST = 4 * 10**6  # characters of a line: 100,000 columns, and more
MOST_CELLS = 10**8  # of rows that each name their columns
LINES = (".jsonl", ".ndjson", ".jsonlines")
SEPARATOR = re.compile(r'"?sep=(.)"?[;,\t]*', re.IGNORECASE)  # a first line that Excel writes and reads
GROUPED = re.compile(r"Name: [0-9]+ visualized")  # what W&B calls the column of names in a table of groups
PACKED = {  # how files begin that are no text, and what to do with them
    b"PK\x03\x04": "a workbook or an archive: save it as CSV, or unzip it",
    b"\x1f\x8b": "compressed: unpack it first (gunzip)",
    b"BZh": "compressed: unpack it first (bunzip2)",
    b"\xfd7zXZ": "compressed: unpack it first (unxz)",
    b"(\xb5/\xfd": "compressed: unpack it first (unzstd)",
}
WIDE = {b"\xff\xfe": "UTF-16", b"\xfe\xff": "UTF-16"}


def read_cells(path: Path) -> Cells:
    """Read a file by its suffix .json, .jsonl or .parquet; any other is CSV, or JSON if it begins like JSON.

    Raises:
        TableError: it cannot be read, has no rows, or has a column twice; one line with file, line and fix.
    """
    try:
        if path.suffix == ".parquet":
            return _of_objects(path, arrow().parquet.read_table(path).to_pylist(), "row")
        text, cut = _text(path)
        if path.suffix in LINES or (path.suffix != ".json" and text.startswith("{")):
            return _of_lines(path, text, cut)
        if path.suffix != ".json" and not (path.suffix != ".csv" and text.startswith("[")):
            return _of_csv(path, text, cut)
        try:
            rows = json.loads(text, object_pairs_hook=said_once)
        except json.JSONDecodeError:
            if not text.startswith("{"):
                raise
            return _of_lines(path, text, cut)
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise ValueError("it must be a list of objects, one a run")
        return _of_objects(path, rows, "row")
    except OSError as error:
        raise TableError(f"{path}: cannot be read ({error.strerror or error}): give the path of a file") from error
    except (ValueError, RecursionError) as error:  # Arrow's are among them
        kind = path.suffix[1:] if path.suffix in (".json", ".parquet") else "JSON"
        raise TableError(f"{path}: is not {kind} ({str(error).splitlines()[0]}): fix it") from error


def _text(path: Path) -> tuple[str, int]:
    """Return a file's UTF-8 text without byte order mark and leading blank lines, and how many of these there were."""
    data = path.read_bytes()
    for start, what in PACKED.items():
        if data.startswith(start):
            raise TableError(f"{path}: is {what}")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        found = WIDE.get(data[:2], f"{error.reason} at byte {error.start}")
        kind = "JSON" if path.suffix in (".json", *LINES) else "CSV"
        raise TableError(f"{path}: is not {kind} in UTF-8 ({found}): save it as UTF-8") from None
    rest = text.lstrip("\r\n")
    return rest, text[: len(text) - len(rest)].count("\n")


def _of_lines(path: Path, text: str, cut: int) -> Cells:
    """Read JSON lines: one object for each run, on a line of its own."""
    rows = []
    for n, line in enumerate(text.split("\n"), start=1 + cut):
        if not line.strip():
            continue
        try:
            row = json.loads(line, object_pairs_hook=said_once)
        except (ValueError, RecursionError) as error:
            why = error.msg if isinstance(error, json.JSONDecodeError) else str(error)
            raise TableError(
                f"{path} line {n}: is no JSON object ({why}): write one run there, such as "
                '{"code": 0.5, "math": 0.5, "score": 0.4}, or drop the line'
            ) from None
        if not isinstance(row, dict):
            raise TableError(
                f"{path} line {n}: is {plain_line(line.strip()[:40])}, no JSON object: write one run there, such as "
                '{"code": 0.5, "math": 0.5, "score": 0.4}, or drop the line'
            )
        rows.append((n, row))
    return _of_objects(path, [row for _, row in rows], "line", [n for n, _ in rows])


class TwiceError(ValueError):
    """A JSON object that has a name twice."""


def said_once(pairs: list[tuple[str, Any]]) -> Row:
    """Build a JSON object whose names are unique; Python would silently keep the last of two equal names.

    Raises:
        TwiceError: a name occurs twice.
    """
    row = dict(pairs)
    if len(row) < len(pairs):
        [(twice, _)] = Counter(name for name, _ in pairs).most_common(1)
        raise TwiceError(f"it has {twice!r:.80} twice")
    return row


def _of_objects(path: Path, rows: list[Row], unit: str, places: list[int] | None = None) -> Cells:
    """Return objects as rows; nested objects become columns: `{"weights": {"code": 1}}` the column `weights.code`."""
    numbers = places or range(1, len(rows) + 1)
    flat = [(f"{path} {unit} {n}", dict[str, Any]()) for n in numbers]
    for (where, found), row in zip(flat, rows):
        for name, cell in _flat(row):
            name = plain_line(name)
            if name in found:
                raise TableError(f"{where}: has {name!r} twice, as a name and as a part of another: keep one of them")
            found[name] = cell
    columns = list(dict.fromkeys(name for _, row in flat for name in row))
    if len(columns) * len(flat) > MOST_CELLS:
        raise TableError(f"{path}: has {len(columns)} columns in {len(flat)} rows: keep weights, scores and names")
    return _with_rows(path, columns, [(where, {name: row.get(name) for name in columns}) for where, row in flat])


def _flat(row: Row) -> Iterator[tuple[str, Any]]:
    for name, value in row.items():
        if isinstance(value, dict):
            yield from ((f"{name}.{inner}", cell) for inner, cell in _flat(value))
        else:
            yield name, value


def _of_csv(path: Path, text: str, cut: int) -> Cells:
    delimiter = None
    if separator := SEPARATOR.fullmatch(_first_line(text)):
        delimiter, text, cut = separator[1], text.partition("\n")[2], cut + 1
    if len(_first_line(text)) > LONGEST:
        raise TableError(f"{path}: is not CSV (its first line is more than {LONGEST} characters long): give a table")
    try:
        delimiter = delimiter or _delimiter(text)
        reader = csv.reader(_lines(text), delimiter=delimiter, strict=True)
        columns = [GROUPED.sub("Name", plain_line(name.strip())) for name in next(filter(any, reader), [])]
        _refuse_twice(path, columns)
        lines = list(_rows(path, reader, len(columns), cut))
    except (csv.Error, TypeError) as error:
        raise TableError(f"{path}: is not CSV ({error}): fix it there") from error
    numbered = with_plain_numbers(lines, delimiter)
    return _with_rows(path, columns, [(f"{path} line {n}", dict(zip(columns, row))) for n, row in numbered])


def _rows(path: Path, reader: Any, width: int, cut: int) -> Iterator[Line]:
    """Yield the rows below the header with their line numbers.

    Raises:
        TableError: a row has more or fewer cells than the header.
    """
    for row in reader:
        if any(row):
            if len(row) != width:
                line = f"{path} line {cut + reader.line_num}"
                raise TableError(f"{line}: has {len(row)} cells for {width} columns: fix the row")
            yield cut + reader.line_num, [cell.strip() for cell in row]


def _lines(text: str) -> Iterator[str]:
    """Yield the lines of a text.

    Raises:
        csv.Error: a line is longer than any table's.
    """
    for line in io.StringIO(text, newline=""):
        if len(line) > LONGEST:
            raise csv.Error(f"a line is more than {LONGEST} characters long")
        yield line


def _refuse_twice(path: Path, columns: list[str]) -> None:
    name, count = next(iter(Counter(columns).most_common(1)), ("", 0))
    if count > 1:
        raise TableError(f"{path}: column {name!r} is there {count} times: keep one of them")


def _first_line(text: str) -> str:
    return io.StringIO(text[: LONGEST + 1], newline="").readline().rstrip("\r\n")


def _delimiter(text: str) -> str:
    """Return the delimiter of the header: the one of DELIMITERS that gives most cells."""
    header = [_first_line(text)]

    def cells(delimiter: str) -> int:
        try:
            return sum(map(len, csv.reader(header, delimiter=delimiter)))
        except csv.Error:  # the whole line as one cell may be too long for one
            return 0

    return max(DELIMITERS, key=cells)


def _with_rows(path: Path, columns: list[str], rows: list[tuple[str, Row]]) -> Cells:
    if not rows:
        raise TableError(f"{path}: has no rows: give a header and one row a run")
    return Cells(path, columns, rows)

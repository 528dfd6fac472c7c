"""JSON, JSON lines, CSV and TSV read as they are written: "007", "1e3" and "2008-05-01" stay text.

`datasets` infers a type a column here, and with it 3 becomes 3.0, a date a point in time, and "007" the number 7.
"""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

LONGEST_FIELD = 1 << 30  # characters in a cell of a CSV; the csv module's own limit is 131072


class Written(float):
    """A number with a point or an exponent, and the `text` that stands for it in its file."""

    def __new__(cls, text: str) -> "Written":
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __repr__(self) -> str:
        return self.text


def read_json(text: str) -> Any:
    """JSON with its numbers as Written or int; raises ValueError."""
    return json.loads(text, parse_float=Written)


def json_rows(path: Path) -> list[dict[str, Any]]:
    """The rows of JSON lines, of a list of objects, or of an object of equally long columns.

    Raises ValueError naming the line or entry.
    """
    text = path.read_text(encoding="utf-8-sig")
    if text.lstrip().startswith("["):
        return [_row(row, f"entry {number}") for number, row in enumerate(read_json(text))]
    try:
        return [_line(line, number) for number, line in enumerate(text.split("\n"), start=1) if line.strip()]
    except ValueError:
        try:
            whole = read_json(text)
        except ValueError:
            whole = None
        if not isinstance(whole, dict):
            raise
    return _columns(whole)


def _line(text: str, number: int) -> dict[str, Any]:
    try:
        row = read_json(text)
    except ValueError as error:
        raise ValueError(f"line {number} is no JSON: {getattr(error, 'msg', error)}") from None
    return _row(row, f"line {number}")


def _row(row: Any, place: str) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise ValueError(f"{place} is {json.dumps(row)[:40]}, not an object with a value a column")
    return row


def _columns(whole: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of one object over many lines: of its columns where they are equally long, else of itself."""
    columns = list(whole.values())
    if columns and all(isinstance(column, list) and len(column) == len(columns[0]) for column in columns):
        return [dict(zip(whole, values, strict=True)) for values in zip(*columns, strict=True)]
    return [whole]


def csv_rows(path: Path, separator: str | None = None) -> list[dict[str, str]]:
    """The rows of a CSV with a header, of a .tsv by tabs; every value is text. Raises ValueError naming the line."""
    csv.field_size_limit(LONGEST_FIELD)
    with path.open(encoding="utf-8-sig", newline="") as file:
        lines = csv.reader(file, delimiter=separator or ("\t" if path.suffix == ".tsv" else ","), strict=True)
        try:
            header = next(lines, [])
            if len(set(header)) < len(header):
                raise ValueError(f"two columns have one name among {', '.join(header)}")
            return [dict(zip(header, _fitting(line, header, lines.line_num), strict=True)) for line in lines if line]
        except csv.Error as error:
            raise ValueError(f"line {lines.line_num}: {error}") from None


def _fitting(line: list[str], header: list[str], number: int) -> list[str]:
    if len(line) != len(header):
        raise ValueError(f"line {number} has {len(line)} values for {len(header)} columns")
    return line


READERS: dict[str, Callable[[Path], list[dict[str, Any]]]] = {"json": json_rows, "csv": csv_rows}

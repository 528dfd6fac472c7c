"""Read JSON, JSON lines, CSV and TSV without changing values: "007", "1e3" and "2008-05-01" stay text.

`datasets` infers a type per column: 3 becomes 3.0, a date becomes a point in time, and "007" becomes the number 7.
"""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

LONGEST_FIELD = 1 << 30  # characters of a CSV cell; the default limit of the csv module is 131072


class NumberText(float):
    """A number with a decimal point or an exponent, and its `text` in the file."""

    def __new__(cls, text: str) -> "NumberText":
        """Parse the number and keep its text."""
        number = super().__new__(cls, text)
        number.text = text
        return number

    def __repr__(self) -> str:
        return self.text


def read_json(text: str) -> Any:
    """Parse JSON, with numbers as NumberText or int.

    Raises:
        ValueError: It is not JSON.
    """
    return json.loads(text, parse_float=NumberText)


def json_rows(path: Path) -> list[dict[str, Any]]:
    """Read the rows of JSON lines, of a list of objects, or of an object of equally long columns.

    Raises:
        ValueError: The file is none of these. The message names the line or entry.
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
        raise ValueError(f"line {number} is not JSON: {getattr(error, 'msg', error)}") from None
    return _row(row, f"line {number}")


def _row(row: Any, place: str) -> dict[str, Any]:
    if not isinstance(row, dict):
        raise ValueError(f"{place} is {json.dumps(row)[:40]}, not an object with a value per column")
    return row


def _columns(whole: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows of one object on many lines: of its columns if they are equally long, else the object itself."""
    columns = list(whole.values())
    if columns and all(isinstance(column, list) and len(column) == len(columns[0]) for column in columns):
        return [dict(zip(whole, values, strict=True)) for values in zip(*columns, strict=True)]
    return [whole]


def csv_rows(path: Path, separator: str | None = None) -> list[dict[str, str]]:
    """Read the rows of a CSV file with a header. Every value is text.

    Args:
        path: The file.
        separator: Between columns; by default a tab in a .tsv file, else a comma.

    Raises:
        ValueError: A line is wrong. The message names it.
    """
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

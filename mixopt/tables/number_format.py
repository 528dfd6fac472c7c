"""Detect a text file's number format: which mark separates decimals, and which one thousands.

`0,41` has a decimal comma, and `1.234,5` has points between thousands; `12,000` may be either. Other cells of the file
can settle it. Where they do not, the cell becomes a `Doubtful`, which is read as a decimal only among cells written in
the same way (`doubt`).
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

BLANKS = " '’_\u00a0\u2009\u202f"  # no number has them as a decimal mark
NUMBER = re.compile(rf"([-+]?)([0-9][0-9.,{BLANKS}]*|[.,][0-9]+)((?:[eE][-+]?[0-9]+)?\s*%?)")
BLANK_GROUPS = re.compile(rf"([0-9]{{1,3}})(?:([{BLANKS}])[0-9]{{3}}(?:\2[0-9]{{3}})*)((?:[.,][0-9]*)?)")
# What a number may have that Python writes otherwise, or that may part thousands; and a number with a decimal point.
MARKED = re.compile(
    rf"[,{BLANKS}]|^[-+]?(?:[0-9]{{1,3}}\.[0-9]{{3}}\.|[1-9][0-9]{{0,2}}\.[0-9]{{3}}\s*%?$)", re.MULTILINE
)
POINT = re.compile(r"^[-+]?(?:[0-9]+\.[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?\s*%?$", re.MULTILINE)
DECIMAL, THOUSANDS, EITHER = "decimal", "thousands", "either"
OTHER = {",": ".", ".": ","}

Line = tuple[int, list[str]]  # the number of a line, its cells


class Doubtful(str):
    """A number whose mark may separate decimals or thousands, read in the more likely way.

    Attributes:
        written: the text in the file.
        mark: the mark in question.
        decimal: whether it is read as a decimal mark.
    """

    written: str
    mark: str
    decimal: bool

    def __new__(cls, text: str, written: str, mark: str, decimal: bool) -> "Doubtful":
        """Make the cell."""
        cell = super().__new__(cls, text)
        cell.written, cell.mark, cell.decimal = written, mark, decimal
        return cell

    @property
    def readings(self) -> str:
        """What to write instead."""
        whole = self.written.replace(self.mark, "")
        point = self.written.replace(self.mark, ".").rstrip("0").removesuffix(".")
        return f"{whole} or {point}"


@dataclass(frozen=True)
class _Found:
    """A number as written, without blanks between thousands: sign, digits with marks, exponent and percent sign."""

    sign: str
    digits: str
    tail: str

    @property
    def shown(self) -> dict[str, str]:
        """What this number shows about its marks, as {mark: use}."""
        marks = [mark for mark in self.digits if mark in OTHER]
        if not marks:
            return {}
        last = marks[-1]
        if len(set(marks)) == 2:
            return {last: DECIMAL, OTHER[last]: THOUSANDS}
        if len(marks) > 1:
            return {last: THOUSANDS}
        may_part = re.fullmatch(r"[1-9][0-9]{0,2}[.,][0-9]{3}", self.digits) and not self.tail.strip(" %")
        return {last: EITHER if may_part else DECIMAL}

    def plain(self, decimal: str) -> str:
        """Return the number as Python writes it, with `decimal` as the decimal mark."""
        return self.sign + self.digits.replace(OTHER[decimal], "").replace(decimal, ".") + self.tail


def with_plain_numbers(lines: Sequence[Line], delimiter: str) -> list[Line]:
    """Rewrite the numbers of a file's rows as Python writes them.

    A number that can be read in two ways becomes a `Doubtful`. Where the file uses one mark in both ways, cells stay as
    they are. All rows have the same length.
    """
    columns = list(zip(*(row for _, row in lines)))
    marked = [bool(MARKED.search("\n".join(column))) for column in columns]
    if not any(marked):
        return list(lines)  # as in most files: all numbers are as Python writes them
    decimal = [_shown(column, DECIMAL) if odd else _points(column) for column, odd in zip(columns, marked)]
    shown = {
        what: set[str]().union(*(_shown(column, what) for column, odd in zip(columns, marked) if odd))
        for what in (THOUSANDS, EITHER)
    }
    decimals = set[str]().union(*decimal)
    if len(decimals) == 2 or decimals & shown[THOUSANDS]:
        return list(lines)
    if "." in decimals and "," in shown[EITHER] - shown[THOUSANDS] and delimiter != ",":
        return list(lines)  # a typing error, or thousands: unclear
    likely = {mark for mark in OTHER if OTHER[mark] not in decimals and mark not in shown[THOUSANDS]}
    plain = [
        [_plain(cell, _found(cell), shown[THOUSANDS], own, likely) for cell in column] if odd else column
        for column, own, odd in zip(columns, decimal, marked)
    ]
    return [(n, list(row)) for (n, _), row in zip(lines, zip(*plain))]


def _shown(column: Iterable[str], what: str) -> set[str]:
    """Return the marks that the numbers of a column show to be used as `what`."""
    return {mark for found in map(_found, column) if found for mark, is_ in found.shown.items() if is_ == what}


def _points(column: Iterable[str]) -> set[str]:
    """Return the decimal marks of a column that has only numbers with points."""
    return {"."} if POINT.search("\n".join(column)) else set()


def doubt(columns: Sequence[Sequence[object]]) -> Doubtful | None:
    """Return the first cell that can be read in two ways, in columns that use one number format (such as the weights).

    A mark read as decimal is in doubt beside whole numbers above 0 or other marks, unless there are decimals too. A
    mark read as thousands, in a column of its own, is in doubt beside whole numbers, as `12.000` beside `800`.
    """
    texts = [cell for column in columns for cell in column if isinstance(cell, str)]
    doubtful = [cell for cell in texts if isinstance(cell, Doubtful)]
    others = [found for cell in texts if not isinstance(cell, Doubtful) and (found := _found(cell))]
    whole = any(found.digits.strip("0") for found in others if "." not in found.digits)
    if not doubtful:
        return None
    if not doubtful[0].decimal:
        return doubtful[0] if len(columns) == 1 and not whole else None
    if any("." in found.digits for found in others):
        return None
    return doubtful[0] if whole or len({cell.mark for cell in doubtful}) > 1 else None


def readings(cell: object) -> str:
    """Return what to write instead of a number that was not understood; "" for other cells."""
    found = _found(cell) if isinstance(cell, str) else None
    if found is None or list(found.shown.values()) != [EITHER]:
        return ""
    [mark] = found.shown
    return f"write {found.plain(OTHER[mark])} or {found.plain(mark)}"


@lru_cache(1 << 16)
def _found(text: str) -> _Found | None:
    """Return a cell as a number, or None if no reading of its marks makes it one."""
    matched = NUMBER.fullmatch(text)
    if not matched:
        return None
    sign, digits, tail = matched[1], matched[2].rstrip(BLANKS), matched[3]
    if any(blank in digits for blank in BLANKS):
        if not BLANK_GROUPS.fullmatch(digits):
            return None
        digits = re.sub(f"[{BLANKS}]", "", digits)
    marks = [mark for mark in digits if mark in OTHER]
    if len(set(marks)) == 2:
        group, point = marks[0], marks[-1]
        if marks.count(point) > 1 or not re.fullmatch(rf"[0-9]{{1,3}}(?:\{group}[0-9]{{3}})+\{point}[0-9]*", digits):
            return None
    elif len(marks) > 1 and not re.fullmatch(r"[0-9]{1,3}(?:[.,][0-9]{3})+", digits):
        return None
    return _Found(sign, digits, tail)


def _plain(text: str, found: _Found | None, thousands: set[str], own: set[str], likely: set[str]) -> str:
    """Return a cell's number as Python writes it.

    Args:
        text: the cell.
        found: the number in it.
        thousands: marks that separate thousands in the file.
        own: marks that are decimal in the cell's column.
        likely: marks that are likely to be decimal in the file.
    """
    if found is None:
        return text
    [(mark, what)] = list(found.shown.items())[:1] or [(".", DECIMAL)]
    if what == EITHER and mark not in own | thousands:
        return Doubtful(found.plain(mark if mark in likely else OTHER[mark]), text, mark, mark in likely)
    decimal = what == DECIMAL or (what == EITHER and mark in own)
    return found.plain(mark if decimal else OTHER[mark])

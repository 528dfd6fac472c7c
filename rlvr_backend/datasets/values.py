"""Raw values as text: an answer stays as it stands in the file, and what is no text is a bad row.

A list that is written as text ("['a', 'b']") is read as that list where a column of a published set is a list; a text
in such a column is one answer, never a list of its letters.
"""

import ast
import math
import warnings
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from rlvr_backend.datasets.declaration import BadRow, shown
from rlvr_backend.datasets.text_files import Written, read_json

PLAIN = (1e-6, 1e16)  # floats between are written without exponent
ESCAPED = "\a\b\t\v\f\r"  # what "\alpha", "\beta", "\times", "\vec", "\frac" and "\rho" begin with once unescaped
LETTERS = 26


def text_of(value: Any, what: str = "answer") -> str:
    """The text of one value: text, numbers (3.0 of a column of numbers is "3"), dates as YYYY-MM-DD.

    `what` names the column. Raises BadRow for everything that has no one text: nothing, NaN, true and false, points in
    time, bytes, lists, mappings.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, Written):
        return value.text
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    if isinstance(value, float) and math.isfinite(value):
        return _number(value)
    if isinstance(value, Decimal) and value.is_finite():
        return format(value, "f")
    if isinstance(value, date) and not isinstance(value, datetime):
        return value.isoformat()
    found = next((name for kind, name in KINDS.items() if isinstance(value, kind)), f"a {type(value).__name__}")
    raise BadRow(f"{what} with {found} in place of text", value, "write it as text, in quotes")


KINDS = {
    type(None): "null",
    bool: "true or false",
    float: "NaN or infinity",
    Decimal: "NaN or infinity",
    bytes: "bytes",
    datetime: "a point in time",
    list: "a list in a list",
    dict: "a mapping",
}


def _number(value: float) -> str:
    if value.is_integer() and abs(value) < PLAIN[1]:
        return str(int(value))
    return format(Decimal(repr(value)), "f") if PLAIN[0] <= abs(value) < PLAIN[1] else repr(value)


def texts_of(value: Any, what: str = "answer") -> list[str]:
    """The texts of one value or of a list of values; of nothing none. Raises BadRow."""
    return [text_of(one, what) for one in listed(value)]


def listed(value: Any) -> list[Any]:
    """A list as it is, one value as a list of one, nothing as an empty list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def several(value: Any, what: str) -> list[str]:
    """The texts of a column that is a list as published: the list, the list written as text, or one text."""
    return texts_of(_written_list(value, what) if _looks_listed(value) else value, what)


def options(value: Any, what: str = "options") -> list[str]:
    """The options of a question, from a list or a list written as text. Raises BadRow where they are none."""
    if isinstance(value, str) and not _looks_listed(value):
        raise BadRow(f"{what} are one text, no list", value, "write a list of texts")
    found = several(value, what)
    if len(found) > LETTERS:
        raise BadRow(f"more than {LETTERS} {what}", len(found), "keep as many as there are letters")
    return found


def place_of(answer: Any, choices: Sequence[str], fold: bool = False) -> int:
    """The index of the option that an answer is; with `fold` another case will do. Raises BadRow where none is."""
    text = text_of(answer).strip()
    for same in (str, str.casefold) if fold else (str,):
        places = [place for place, choice in enumerate(choices) if same(choice.strip()) == same(text)]
        if len(places) == 1:
            return places[0]
        if places:
            raise BadRow("answer is several of the options", text, f"name each option once, not {shown(list(choices))}")
    raise BadRow("answer is none of the options", text, f"write one of {shown(list(choices))}")


def _looks_listed(value: Any) -> bool:
    return isinstance(value, str) and value.strip().startswith("[") and value.strip().endswith("]")


def _written_list(text: str, what: str) -> list[Any]:
    """["a", "b"] from "['a', 'b']"."""
    try:
        found = read_json(text)
    except (ValueError, RecursionError):
        try:
            with warnings.catch_warnings(action="ignore"):  # of "\s", which stays as it is
                found = ast.literal_eval(text.strip())
        except (ValueError, SyntaxError, RecursionError, MemoryError) as error:
            raise BadRow(
                "list of options or answers cannot be read", text, f"write the {what} as a list, ['first', 'second']"
            ) from error
    if any(sign in one for one in found if isinstance(one, str) for sign in ESCAPED if sign not in text):
        raise BadRow(
            "list of options or answers with single backslashes", text, r"write two for one, as in '$\\frac{1}{2}$'"
        )
    return found

"""Convert raw values to text: an answer stays as it is in the file, and a value without text is a bad row.

In a column of lists of a published set, a list written as text ("['a', 'b']") is read as that list. Any other text in
such a column is one answer, never a list of its letters.
"""

import ast
import math
import warnings
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from rlvr_backend.datasets.declaration import BadRow
from rlvr_backend.datasets.text_files import NumberText, read_json
from rlvr_backend.visible import short_repr

WITHOUT_EXPONENT = (1e-6, 1e16)  # range of floats that are written without an exponent
ESCAPED = "\a\b\t\v\f\r"  # how "\alpha", "\beta", "\times", "\vec", "\frac" and "\rho" start once unescaped
LETTERS = 26


def text_of(value: Any, what: str = "answer") -> str:
    """Return the text of one value: text, a number (3.0 in a column of numbers is "3"), or a date as YYYY-MM-DD.

    Args:
        value: The value.
        what: Name of the column, for the message.

    Raises:
        BadRow: The value has no single text: null, NaN, true and false, points in time, bytes, lists, mappings.
    """
    if isinstance(value, str):
        return value
    if isinstance(value, NumberText):
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
    low, high = WITHOUT_EXPONENT
    if value.is_integer() and abs(value) < high:
        return str(int(value))
    return format(Decimal(repr(value)), "f") if low <= abs(value) < high else repr(value)


def texts_of(value: Any, what: str = "answer") -> list[str]:
    """Return the texts of a value or a list of values; an empty list for null.

    Args:
        value: The value.
        what: Name of the column, for the message.

    Raises:
        BadRow: A value has no single text.
    """
    return [text_of(one, what) for one in as_list(value)]


def as_list(value: Any) -> list[Any]:
    """Return a list as it is, one value as a list of one, null as an empty list."""
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def texts_of_list(value: Any, what: str) -> list[str]:
    """Return the texts of a column of lists: of a list, of a list written as text, or of one text."""
    return texts_of(_written_list(value, what) if _looks_listed(value) else value, what)


def options(value: Any, what: str = "options") -> list[str]:
    """Return the options of a question, from a list or a list written as text.

    Raises:
        BadRow: It is not a list of options.
    """
    if isinstance(value, str) and not _looks_listed(value):
        raise BadRow(f"{what} are one text, not a list", value, "write a list of texts")
    found = texts_of_list(value, what)
    if len(found) > LETTERS:
        raise BadRow(f"more than {LETTERS} {what}", len(found), "keep as many as there are letters")
    return found


def place_of(answer: Any, choices: Sequence[str], fold: bool = False) -> int:
    """Return the index of the option that an answer is.

    Args:
        answer: The answer.
        choices: The options.
        fold: Whether case may differ.

    Raises:
        BadRow: It is none or several of them.
    """
    text = text_of(answer).strip()
    for same in (str, str.casefold) if fold else (str,):
        places = [place for place, choice in enumerate(choices) if same(choice.strip()) == same(text)]
        if len(places) == 1:
            return places[0]
        if places:
            raise BadRow(
                "answer is several of the options", text, f"name each option once, not {short_repr(list(choices))}"
            )
    raise BadRow("answer is none of the options", text, f"write one of {short_repr(list(choices))}")


def _looks_listed(value: Any) -> bool:
    return isinstance(value, str) and value.strip().startswith("[") and value.strip().endswith("]")


def _written_list(text: str, what: str) -> list[Any]:
    """The list that a text such as "['a', 'b']" is."""
    try:
        found = read_json(text)
    except (ValueError, RecursionError):
        try:
            with warnings.catch_warnings(action="ignore"):  # about "\s", which stays as it is
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

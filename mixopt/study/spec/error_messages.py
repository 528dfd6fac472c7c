"""Messages about a study file: what pydantic finds wrong, as one line for each error."""

import re
from collections.abc import Mapping
from typing import Any

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from mixopt.errors import did_you_mean
from mixopt.study.spec.schema import keys_at

FIXES = {
    "missing": "is missing: add it",
    "literal_error": "must be {expected}",
    "greater_than_equal": "must be at least {ge:g}",
    "greater_than": "must be greater than {gt:g}",
    "less_than_equal": "must be at most {le:g}",
    "less_than": "must be less than {lt:g}",
    "finite_number": "must be a finite number",
    "string_pattern_mismatch": "must be letters, digits, '_', '-' and '.', and start with a letter or digit",
    "string_too_long": "must have at most {max_length} characters",
    "too_short": "must have at least {min_length}",
    "too_long": "must have at most {max_length}",
    "int_type": "must be a whole number",
    "int_from_float": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "bool_parsing": "must be true or false",
    "string_type": "must be text",
    "list_type": "must be a list",
    "tuple_type": "must be a list",
    "dict_type": "must be a mapping",
    "model_type": "must be a mapping",
    "invalid_key": "must be text: put it in quotes",
}
MOST = 20  # errors of a file that are shown
SHOWN = 60  # characters of a value that a message shows
LONG = 200  # bits of a whole number that is not shown


def in_words(error: ValidationError) -> list[str]:
    """All errors as `key: what to do (given: value)`, unknown keys first.

    A key that is missing because it is misspelt is not reported a second time.
    """
    found = sorted(error.errors(), key=lambda one: one["type"] != "extra_forbidden")
    meant = {_meant(_path(one)) for one in found if one["type"] == "extra_forbidden"}
    lines = [_line(one) for one in found if one["type"] != "missing" or tuple(_path(one)) not in meant]
    more = len(lines) - MOST
    return lines if more <= 0 else [*lines[:MOST], f"and {more} more errors: fix these first"]


def _line(error: ErrorDetails) -> str:
    kind, given, path = error["type"], error.get("input"), _path(error)
    context: Mapping[str, Any] = error.get("ctx", {})
    if kind == "extra_forbidden":
        known = keys_at(path[:-1])
        close = did_you_mean(path[-1], known)
        message = f"unknown key{close or ': take it out' + (', or use ' + ' or '.join(known) if known else '')}"
    else:
        message = FIXES[kind].format(**context) if kind in FIXES else error["msg"].removeprefix("Value error, ")
    if kind == "one_key_of" and isinstance(given, dict):
        given = ", ".join(map(str, given))
        message += did_you_mean(given, keys_at(path))
    if kind == "literal_error":
        message += did_you_mean(given, re.findall("'([^']*)'", context["expected"]))
    shown = "" if kind in ("missing", "value_error") else f" (given: {_short(given)})"
    return f"{'.'.join(path) or 'study file'}: {message}{shown}"


def _path(error: ErrorDetails) -> list[str]:
    """The keys that lead to an error, without pydantic's tags of alternatives."""
    parts = [str(part) for part in error["loc"] if part != "[key]"]
    tags = len(parts) - (error["type"] == "extra_forbidden")  # an unknown key may look like a tag
    return [" ".join(part.split()) for place, part in enumerate(parts) if place >= tags or not part.startswith("(")]


def _meant(path: list[str]) -> tuple[str, ...]:
    """The path of the key that a misspelt one stands for."""
    close = re.search("'(.*)'", did_you_mean(path[-1], keys_at(path[:-1]))) if path else None
    return (*path[:-1], close[1]) if close else ()


def _short(given: object) -> str:
    """A value, as far as a line has room for it."""
    if isinstance(given, str):
        return shortened(given)
    if isinstance(given, int) and given.bit_length() > LONG:  # Python refuses to write thousands of digits
        return "a number of more than 60 digits"
    if isinstance(given, (int, float)):
        return repr(given)
    return "nothing" if given is None else "a mapping" if isinstance(given, dict) else "a list"


def shortened(text: str) -> str:
    """A text in quotes, as far as a line has room for it."""
    return repr(text if len(text) <= SHOWN else text[:SHOWN] + "...")

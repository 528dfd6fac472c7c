"""Turn pydantic's validation errors into one line that names each item and its value."""

from collections.abc import Callable, Iterable
from difflib import get_close_matches
from typing import Any

from pydantic import ValidationError

from rlvr_backend.visible import short_repr


def describe(error: ValidationError, item: Callable[[str], str], known: Iterable[str]) -> str:
    """Describe all problems of a validation error on one line.

    Args:
        error: What pydantic raised.
        item: Maps a dotted field name ("" for the whole) to the words that name it in the message.
        known: The names of the top-level fields.
    """
    return "; ".join(_problem(found, item, list(known)) for found in error.errors(include_url=False))


def _problem(found: Any, item: Callable[[str], str], known: list[str]) -> str:
    name = ".".join(map(str, found["loc"]))
    message = found["msg"].removeprefix("Value error, ")
    if found["type"] == "missing":
        return f"{item(name)} is missing"
    if found["type"] == "extra_forbidden":
        near = get_close_matches(name, known, 1)
        hint = f"did you mean {near[0]!r}? " if near else ""
        return f"{item(name)} is unknown" + (f": {hint}known are {', '.join(known)}" if len(found["loc"]) == 1 else "")
    if message.startswith("Input should "):
        return f"{item(name)} must {message.removeprefix('Input should ')}, not {short_repr(found['input'])}"
    return f"{item(name)}: {message}"

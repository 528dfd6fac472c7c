"""Print for all commands: results to stdout, errors and remarks to stderr, control characters as escapes.

Printed text comes from outside: neither control characters (text.py) nor rich's markup in it take effect.
"""

import json
import logging
import math
import sys
import traceback
from collections.abc import Iterable
from typing import Any

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from mixopt.text import visible


class PlainConsole(Console):
    """A console that escapes control characters in all text; rich's own terminal codes pass."""

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, emoji=False, highlight=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        """Return a string as plain text on one line."""
        return super().render_str(visible(text), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """Render anything else with control characters escaped."""
        for segment in super().render(renderable, options):
            shown = segment.text if segment.control else visible(segment.text, lines=True)
            yield segment if shown == segment.text else Segment(shown, segment.style)


out = PlainConsole()
err = PlainConsole(stderr=True)


def say(text: str) -> None:
    """Print a line without wrapping, the same in a log as in a terminal."""
    out.print(text, soft_wrap=True)


def document(value: Any) -> None:
    """Print one JSON document for scripts; numbers that are not finite become null."""
    data(json.dumps(_finite(value), indent=2, allow_nan=False) + "\n")


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def data(text: str) -> None:
    """Print data to stdout unchanged for a pipe or file; a terminal gets them without control characters."""
    sys.stdout.write(visible(text, lines=True) if sys.stdout.isatty() else text)
    sys.stdout.flush()


def remark(text: str) -> None:
    """Print a remark to stderr."""
    err.print(text, soft_wrap=True)


def warn(why: object) -> None:
    """Print a warning to stderr."""
    remark(f"warning: {why}")


def complain(why: str) -> None:
    """Print an error to stderr."""
    remark(f"error: {why}")


def log_lines(text: str) -> list[str]:
    """Return the lines of a log, with tabs as spaces."""
    return [line.expandtabs() for line in text.splitlines()]


def complain_of_fault(fault: BaseException) -> None:
    """Print an unexpected exception with its traceback to stderr."""
    for line in log_lines("".join(traceback.format_exception(fault))):
        remark(line)


class PlainRecord(logging.LogRecord):
    """A log record of a library, without control characters in its message."""

    def getMessage(self) -> str:
        """Return the message with control characters escaped."""
        return visible(super().getMessage(), lines=True)

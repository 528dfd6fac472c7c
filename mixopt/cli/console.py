"""Where all commands print: `out` for what was asked for, `err` for what went wrong.

Nothing that is printed is obeyed, wherever it comes from: neither control characters (visible.py) nor rich's markup.
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
    """A console that shows text as it is; what rich itself sends to the terminal passes."""

    def __init__(self, **options: Any) -> None:
        super().__init__(markup=False, emoji=False, highlight=False, **options)

    def render_str(self, text: str, **options: Any) -> Text:
        """Text that was handed over as a string, before it is measured and laid out; it stays on one line."""
        return super().render_str(visible(text), **options)

    def render(self, renderable: RenderableType, options: ConsoleOptions | None = None) -> Iterable[Segment]:
        """All else, as it is written."""
        for segment in super().render(renderable, options):
            shown = segment.text if segment.control else visible(segment.text, lines=True)
            yield segment if shown == segment.text else Segment(shown, segment.style)


out = PlainConsole()
err = PlainConsole(stderr=True)


def say(text: str) -> None:
    """A plain line: no wrapping, the same in a log as in a terminal."""
    out.print(text, soft_wrap=True)


def document(value: Any) -> None:
    """One JSON document, for scripts; numbers that are not finite are null, since JSON has none of them."""
    data(json.dumps(_finite(value), indent=2, allow_nan=False) + "\n")


def _finite(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _finite(part) for key, part in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(part) for part in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def data(text: str) -> None:
    """Data on stdout, exactly as they are for a pipe or a file; for a terminal without control characters."""
    sys.stdout.write(visible(text, lines=True) if sys.stdout.isatty() else text)
    sys.stdout.flush()


def remark(text: str) -> None:
    """A line beside what was asked for, on stderr."""
    err.print(text, soft_wrap=True)


def warn(why: object) -> None:
    """What is to be looked at, on stderr."""
    remark(f"warning: {why}")


def complain(why: str) -> None:
    """What went wrong, on stderr; an exit code goes with it."""
    remark(f"error: {why}")


def log_lines(text: str) -> list[str]:
    """A log, each of its lines to be printed as one, with its tabs as spaces."""
    return [line.expandtabs() for line in text.splitlines()]


def complain_of_fault(fault: BaseException) -> None:
    """What nobody expected, with its traceback, on stderr."""
    for line in log_lines("".join(traceback.format_exception(fault))):
        remark(line)


class PlainRecord(logging.LogRecord):
    """What a library logs, without control characters, whichever handler prints it."""

    def getMessage(self) -> str:
        return visible(super().getMessage(), lines=True)

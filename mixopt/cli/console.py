"""Where all commands print: `out` for what was asked for, `err` for what went wrong."""

import json
from typing import Any

from rich.console import Console

out = Console()
err = Console(stderr=True)


def say(text: str) -> None:
    """A plain line: no markup, no wrapping, the same in a log as in a terminal."""
    out.print(text, highlight=False, markup=False, soft_wrap=True)


def document(value: Any) -> None:
    """One JSON document, for scripts."""
    say(json.dumps(value, indent=2, allow_nan=False))


def complain(why: str) -> None:
    """What went wrong, on stderr; an exit code goes with it."""
    err.print(f"error: {why}", highlight=False, markup=False, soft_wrap=True)

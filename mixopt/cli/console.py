"""Where all commands print: `out` for what was asked for, `err` for what went wrong."""

from rich.console import Console

out = Console()
err = Console(stderr=True)


def say(text: str) -> None:
    """A plain line: no markup, no wrapping, the same in a log as in a terminal."""
    out.print(text, highlight=False, markup=False, soft_wrap=True)

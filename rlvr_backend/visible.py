r"""Make text safe and short to print: control characters become escapes such as `\x1b`.

mixopt/text.py does the same for mixopt. The two packages never import each other.
"""

import re
from typing import Any

CONTROL_CHARACTERS = (
    "\x00-\x1f\x7f-\x9f"  # C0, with ESC, and C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # writing direction
    "\u2028\u2029"  # line and paragraph separators
    "\ud800-\udfff"  # lone surrogates, which cannot be printed
)
LONGEST = 60  # characters of a value in a message
_NOT_NEWLINE_OR_TAB = re.compile(f"(?![\n\t])[{CONTROL_CHARACTERS}]")


def visible(text: str) -> str:
    """Escape all control characters of a text except newlines and tabs."""
    return _NOT_NEWLINE_OR_TAB.sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def short_repr(value: Any) -> str:
    """Show a value on one line of at most LONGEST characters."""
    text = "null" if value is None else repr(value)
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."

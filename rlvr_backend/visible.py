r"""What is printed of data sets, files and errors: control characters stand in it as escapes, `\x1b`.

The same as mixopt's (mixopt/text.py), which this package never imports.
"""

import re

OBEYED = (
    "\x00-\x1f\x7f-\x9f"  # C0, with ESC, and C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # the direction of writing
    "\u2028\u2029"  # ends of lines and paragraphs
    "\ud800-\udfff"  # halves of characters, which cannot be printed
)
_BUT_LINES = re.compile(f"(?![\n\t])[{OBEYED}]")


def visible(text: str) -> str:
    """Text in which a terminal obeys nothing but ends of lines and tabs."""
    return _BUT_LINES.sub(lambda found: found[0].encode("unicode_escape").decode(), text)

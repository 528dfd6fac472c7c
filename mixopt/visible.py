r"""Text from outside as it may be shown: what a terminal or a browser would obey stands in it as an escape, `\x1b`.

A label, a trainer's log, a file's name or a server's error may hold control characters, which move a terminal's cursor,
rename its window or hide what stands before them, and marks that turn the direction of writing around.
"""

import re

OBEYED = (
    "\x00-\x1f\x7f-\x9f"  # C0, with ESC, and C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # the direction of writing
    "\u2028\u2029"  # ends of lines and paragraphs
    "\ud800-\udfff"  # halves of characters, as in names of files that are no UTF-8: they cannot be printed
)
_ANY = re.compile(f"[{OBEYED}]")
_BUT_LINES = re.compile(f"(?![\n\t])[{OBEYED}]")


def visible(text: str, *, lines: bool = False) -> str:
    r"""Text without control characters; `lines` keeps the ends of lines and tabs.

    >>> visible("a\x1b[31mb\n")
    'a\\x1b[31mb\\n'
    """
    return (_BUT_LINES if lines else _ANY).sub(lambda found: found[0].encode("unicode_escape").decode(), text)

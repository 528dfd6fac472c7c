r"""Text from outside made safe to print: control characters as escapes (`\x1b`), names on one line; plurals.

A label, a trainer's log, a file's name or a server's error may hold control characters that move a terminal's cursor
or rename its window, and marks that turn the direction of writing around.
"""

import re

LONGEST = 200  # characters of a name on one line
ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\?)?|[ -/]*[0-~])?")  # ECMA-48
OBEYED = (
    "\x00-\x1f\x7f-\x9f"  # C0, with ESC, and C1
    "\u061c\u200e\u200f\u202a-\u202e\u2066-\u206f"  # the direction of writing
    "\u2028\u2029"  # ends of lines and paragraphs
    "\ud800-\udfff"  # surrogates, as in file names that are not UTF-8: they cannot be printed
)
_ANY = re.compile(f"[{OBEYED}]")
_BUT_LINES = re.compile(f"(?![\n\t])[{OBEYED}]")


def visible(text: str, *, lines: bool = False) -> str:
    r"""Return text with its control characters written as escapes; `lines` keeps line breaks and tabs.

    >>> visible("a\x1b[31mb\n")
    'a\\x1b[31mb\\n'
    """
    return (_BUT_LINES if lines else _ANY).sub(lambda found: found[0].encode("unicode_escape").decode(), text)


def plain_line(text: str) -> str:
    """Return text as one line of at most LONGEST printable characters, without escape sequences."""
    if text.isprintable() and len(text) <= LONGEST:
        return text
    line = " ".join(ESCAPE.sub("", text).split())
    line = "".join(character for character in line if character.isprintable())
    return line if len(line) <= LONGEST else line[: LONGEST - 3] + "..."


def counted(count: int, noun: str) -> str:
    """Return a count with its noun: "1 test", "2 tests"."""
    return f"{count} {noun}{'' if count == 1 else 's'}"

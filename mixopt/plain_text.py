"""Text of others, such as a column's name, as one line that every terminal and page shows as it is."""

import re

ESCAPE = re.compile(r"\x1b(?:\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(?:\x07|\x1b\\)?|[ -/]*[0-~])?")  # of ECMA-48
LONGEST = 200  # characters


def plain_line(text: str) -> str:
    """The text without escape sequences, control characters, marks of direction and halves of characters, its line
    breaks as blanks, and LONGEST characters of it at most."""
    if text.isprintable() and len(text) <= LONGEST:
        return text
    line = " ".join(ESCAPE.sub("", text).split())
    line = "".join(character for character in line if character.isprintable())
    return line if len(line) <= LONGEST else line[: LONGEST - 3] + "..."

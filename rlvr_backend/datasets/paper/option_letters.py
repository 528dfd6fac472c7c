"""Letters of options in published sets: that of an answer, and those that a question lists."""

import re

from rlvr_backend.datasets.declaration import BadRow

OPTION = re.compile(r"\(?([A-Z])(?:[).:].*)?", re.DOTALL)
OFFERED = re.compile(r"\(([A-Z])\)|^[ \t]*([A-Z])[.):]", re.MULTILINE)


def letter_of(answer: str, letters: str) -> str | None:
    """Return the letter of "B", "(B)", "B. 40" or "B: 40" if it is one of `letters`, else None."""
    found = OPTION.fullmatch(answer)
    return found.group(1) if found and found.group(1) in letters else None


def check_offered(letter: str, question: str) -> None:
    """Check that a letter is among the options that a question lists, from (A) or "A." on, if it lists any.

    Raises:
        BadRow: It is not.
    """
    offered = {first or second for first, second in OFFERED.findall(question)}
    listed = [one for number, one in enumerate(sorted(offered)) if one == chr(ord("A") + number)]
    if len(listed) > 1 and len(listed) == len(offered) and letter not in offered:
        raise BadRow("answer is none of the options", letter, f"write one of {', '.join(listed)}")

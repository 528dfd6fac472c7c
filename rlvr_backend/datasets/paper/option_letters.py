"""The letter of an option, and the letters that a question offers, where a published set has both as text."""

import re

from rlvr_backend.datasets.declaration import BadRow

OPTION = re.compile(r"\(?([A-Z])(?:[).:].*)?", re.DOTALL)
OFFERED = re.compile(r"\(([A-Z])\)|^[ \t]*([A-Z])[.):]", re.MULTILINE)


def letter_of(answer: str, letters: str) -> str | None:
    """The letter in "B", "(B)", "B. 40" or "B: 40", where it is one of these; None in other answers."""
    found = OPTION.fullmatch(answer)
    return found.group(1) if found and found.group(1) in letters else None


def check_offered(letter: str, question: str) -> None:
    """Raises BadRow where a question lists its options, from (A) or "A." on, and the letter is none of them."""
    offered = {first or second for first, second in OFFERED.findall(question)}
    listed = [one for number, one in enumerate(sorted(offered)) if one == chr(ord("A") + number)]
    if len(listed) > 1 and len(listed) == len(offered) and letter not in offered:
        raise BadRow("answer is none of the options", letter, f"write one of {', '.join(listed)}")

"""The columns image, problem, solution that R1-V introduced and Visual-RFT and the paper's authors kept."""

import re
from typing import Any

from rlvr_backend.datasets.paper.option_letters import check_offered, letter_of
from rlvr_backend.datasets.declaration import BadRow, Example
from rlvr_backend.datasets.values import listed, text_of

COLUMNS = ("image", "problem", "solution")
SUFFIX = re.compile(r"Output the thinking process\b.*", re.DOTALL)
ANSWER = re.compile(r"<answer>(.*?)</answer>", re.DOTALL)
LETTERS = "ABCDEFGHIJ"


def question(problem: str | None) -> str:
    """The problem without the reasoning prompt that some of these sets have in it already."""
    return SUFFIX.sub("", problem or "")


def answer(solution: Any) -> str:
    """What stands between the answer tags of a solution, or all of it where there are none. Raises BadRow."""
    text = "" if solution is None else text_of(solution, "solution")
    found = ANSWER.search(text)
    return (found.group(1) if found else text).strip()


def texts(row: dict[str, Any]) -> list[Example]:
    """A question whose answer is a text."""
    return [Example(question(row["problem"]), listed(row["image"]), answer(row["solution"]))]


def letters(row: dict[str, Any]) -> list[Example]:
    """A question whose answer is an option's letter, with or without the option's text."""
    asked, said = question(row["problem"]), answer(row["solution"])
    if not said:
        raise BadRow("empty answer")
    if not (letter := letter_of(said, LETTERS)):
        raise BadRow("answer is no option's letter", said, "write the letter, as in B, (B) or B. 40")
    check_offered(letter, asked)
    return [Example(asked, listed(row["image"]), letter)]

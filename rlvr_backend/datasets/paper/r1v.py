"""The columns image, problem, solution of R1-V, which Visual-RFT and the paper's authors use too."""

import re
from typing import Any

from rlvr_backend.datasets.declaration import BadRow, Example
from rlvr_backend.datasets.paper.option_letters import check_offered, letter_of
from rlvr_backend.datasets.values import as_list, text_of

COLUMNS = ("image", "problem", "solution")
SUFFIX = re.compile(r"Output the thinking process\b.*", re.DOTALL)
ANSWER = re.compile(r"<answer>(.*?)</answer>", re.DOTALL)
LETTERS = "ABCDEFGHIJ"


def question(problem: str | None) -> str:
    """Return the problem without the reasoning prompt that some of these sets include."""
    return SUFFIX.sub("", problem or "")


def answer(solution: Any) -> str:
    """Return the text between the answer tags of a solution, or all of it without tags.

    Raises:
        BadRow: The solution is not text.
    """
    text = "" if solution is None else text_of(solution, "solution")
    found = ANSWER.search(text)
    return (found.group(1) if found else text).strip()


def parse_text_row(row: dict[str, Any]) -> list[Example]:
    """Return a question whose answer is a text."""
    return [Example(question(row["problem"]), as_list(row["image"]), answer(row["solution"]))]


def parse_letter_row(row: dict[str, Any]) -> list[Example]:
    """Return a question whose answer is an option's letter, with or without the option's text.

    Raises:
        BadRow: The answer is not a letter, or none of the options.
    """
    asked, text = question(row["problem"]), answer(row["solution"])
    if not text:
        raise BadRow("empty answer")
    if not (letter := letter_of(text, LETTERS)):
        raise BadRow("answer is not an option's letter", text, "write the letter, as in B, (B) or B. 40")
    check_offered(letter, asked)
    return [Example(asked, as_list(row["image"]), letter)]

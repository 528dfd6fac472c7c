"""Reward `relaxed`: relaxed accuracy, the score of ChartQA.

It also stands for Mixed-R1's chart reward, of which docs/paper.md only says that it has a numeric tolerance.

A number may be off by 5 % of the true one, or less. Text must match except for case, Markdown, quotes and a full stop.
As in the scorers that the field shares, a percent sign divides by 100 ("20%" is "0.2" and not "20"), and years are
numbers like others ("1950" agrees with "2010"). Differences from them, as a human reader would judge: numbers are
parsed as people write them (quantity.py); a unit that one side leaves out does not count, but two different units do;
"5 million" is "5000000" and, if the chart counts in millions, "5"; the 5 % are exact; a true 0 needs a 0; lists are
compared item by item.

A decimal comma ("5,5") and a number inside a sentence are not read.

References:
    Masry et al. 2022, "ChartQA: A Benchmark for Question Answering about Charts with Visual and Logical Reasoning",
    arXiv:2203.10244, section 5.1.
"""

import re
from fractions import Fraction

from rlvr_backend.rewards.parse import LONGEST
from rlvr_backend.rewards.quantity import Quantity, quantity_of
from rlvr_backend.rewards.truth import Truth
from rlvr_backend.rewards.typography import bare_answer

TOLERANCE = Fraction(5, 100)  # of the true number
RANGE = re.compile(r"(?<=\d)\s*(?:-|\bto\b)\s*(?=[$€£¥]?\d)")
COMMA = re.compile(r"\s*;\s*|\s*,\s+(?:and\s+)?|\s*,(?!\d{3}\b)|\s+and\s+")
MOST_ITEMS = 100
DEEPEST = 5  # levels of nested lists that are compared


def relaxed(answer: str, truth: Truth) -> float:
    """Return 1.0 if the answer is within 5 % of a numeric reference, or equals a reference but for case; else 0.0."""
    return float(any(_agree(answer.strip(), reference) for reference in truth.references))


def _agree(answer: str, reference: str, deepest: int = DEEPEST) -> bool:
    if not answer:
        return False
    if answer.casefold() == reference.casefold():
        return True
    if len(answer) > LONGEST or not deepest:
        return False
    number, true = quantity_of(answer), quantity_of(reference)
    if number and true:
        return _close(number, true)
    answer, reference = bare_answer(answer).casefold(), bare_answer(reference).casefold()
    if RANGE.sub("-", answer) == RANGE.sub("-", reference):
        return True
    said_items, true_items = _items(answer), _items(reference)
    in_brackets = (said_items, true_items) != ([answer], [reference])
    if not in_brackets or len(said_items) != len(true_items):
        return False
    return all(_agree(one, other, deepest - 1) for one, other in zip(said_items, true_items))


def _items(text: str) -> list[str]:
    """The items of a list, with its brackets or without; "(5)" is not a list, since it may mean -5."""
    square = text[:1] + text[-1:] == "[]"
    if square or (text[:1] + text[-1:] == "()" and ("," in text or ";" in text)):
        text = text[1:-1].strip()
    return COMMA.split(text, maxsplit=MOST_ITEMS)


def _close(number: Quantity, true: Quantity) -> bool:
    if number.unit and true.unit and number.unit != true.unit:
        return False
    pairs = [(number.number * number.scale, true.number * true.scale)]
    if (number.scale == 1) != (true.scale == 1):
        pairs.append((number.number, true.number))
    return any(abs(one - other) <= TOLERANCE * abs(other) for one, other in pairs)

"""Reward `choice`: yes/no and multiple choice (Mixed-R1's matching reward, and the score of MathVista and MMMU).

A reference is a letter ("B"), a set of letters that are all right ("AC", "A, C"), yes or no, or a text. Letters are
read by option_letters.py, yes and no by yes_no.py. A text must be the whole answer, except for case, Markdown and a
full stop. An answer that names two options, or both yes and no, scores 0: hedging must not pay. Options named by their
text are not read, unless the text is the reference itself.
"""

import re

from rlvr_backend.rewards.option_letters import option_of, options_of
from rlvr_backend.rewards.parse import LONGEST
from rlvr_backend.rewards.truth import Truth
from rlvr_backend.rewards.typography import bare_answer, without_markup
from rlvr_backend.rewards.yes_no import yes_or_no

YES_NO = re.compile(r"(?i:yes|no|true|false)")
LETTER = re.compile(r"[\s\"'(\[{<$.,:;]*([A-Za-z])[\s\"')\]}>$.,:;]*")  # and not "C++"
SEVERAL = re.compile(r"\W*[A-H](?:(?:\s*[,;/&+、]\s*|\s+and\s+|\s+)[A-H])+\W*|(?=[A-H]{2})A?B?C?D?E?F?G?H?")


def choice(answer: str, truth: Truth) -> float:
    """Return 1.0 if the answer chooses the same as a reference, or equals it except for case; else 0.0."""
    return float(any(_agree(answer.strip(), reference) for reference in truth.references))


def _agree(answer: str, reference: str) -> bool:
    if not answer:
        return False
    if answer.casefold() == reference.casefold():
        return True
    if len(answer) > LONGEST:
        return False
    reference = without_markup(reference)
    if YES_NO.fullmatch(reference):
        return yes_or_no(answer) == yes_or_no(reference)
    if letter := LETTER.fullmatch(reference):
        return option_of(answer) == letter[1].upper()
    if SEVERAL.fullmatch(reference) and (wanted := options_of(reference)):
        return options_of(answer) == wanted
    return bare_answer(answer).casefold() == bare_answer(reference).casefold()

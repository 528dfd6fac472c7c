"""Matching of yes/no and of multiple choice: Mixed-R1's matching reward, and the field's score of MathVista and MMMU.

A reference is a letter ("B"), a set of letters that are all wanted ("AC", "A, C"), yes or no, or a text. Letters are
read by letters.py, verdicts by yes_no.py; a text must be the whole answer, but for case, Markdown and a full stop.
Answers that name two options, or both yes and no, score 0: hedging must not pay. Not covered: options named by their
text, unless it is the reference itself.
"""

import re

from rlvr_backend.rewards.letters import option_of, options_of
from rlvr_backend.rewards.parse import LONGEST
from rlvr_backend.rewards.plain import plain, said
from rlvr_backend.rewards.truth import Truth
from rlvr_backend.rewards.yes_no import yes_or_no

YES_NO = re.compile(r"(?i:yes|no|true|false)")
LETTER = re.compile(r"[\s\"'(\[{<$.,:;]*([A-Za-z])[\s\"')\]}>$.,:;]*")  # and not "C++"
SEVERAL = re.compile(r"\W*[A-H](?:(?:\s*[,;/&+、]\s*|\s+and\s+|\s+)[A-H])+\W*|(?=[A-H]{2})A?B?C?D?E?F?G?H?")


def choice(answer: str, truth: Truth) -> float:
    """1.0 if the answer chooses what a reference (letters, yes, no) does, or is a reference but for case; else 0.0."""
    return float(any(_agree(answer.strip(), reference) for reference in truth.references))


def _agree(answer: str, reference: str) -> bool:
    if not answer:
        return False
    if answer.casefold() == reference.casefold():
        return True
    if len(answer) > LONGEST:
        return False
    reference = plain(reference)
    if YES_NO.fullmatch(reference):
        return yes_or_no(answer) == yes_or_no(reference)
    if letter := LETTER.fullmatch(reference):
        return option_of(answer) == letter[1].upper()
    if SEVERAL.fullmatch(reference) and (wanted := options_of(reference)):
        return options_of(answer) == wanted
    return said(answer).casefold() == said(reference).casefold()

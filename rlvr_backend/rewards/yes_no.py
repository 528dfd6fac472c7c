"""Read yes or no from an answer.

The word starts a clause ("Yes, there is no doubt", "it is red, so no") or is introduced ("the answer is no"). "no"
before a noun does not count ("there is no cat"), and an answer that says both says neither. "true" and "false" count
as yes and no.
"""

import re

from rlvr_backend.rewards.negation import without_double_negation
from rlvr_backend.rewards.typography import without_markup

MEANING = dict.fromkeys(("y", "yes", "yeah", "yep", "yup", "true"), "yes")
MEANING |= dict.fromkeys(("n", "no", "nope", "nah", "false"), "no")
WHOLE = re.compile(rf"\W*({'|'.join(MEANING)})\W*", re.IGNORECASE)
VERDICT = re.compile(
    r"(?<![\w'-])(?:(yes)|(true|no|false)(?=\W*$|\s*[,;:!?)\"\n/|]|\s*\.(?!\s*\d)|\s+-|\s+(?:it|its|they|he|she|we|you|"
    r"i|there|this|that|these|those|the|an?|way|and|or|but|yes|no|because|since|in|for|as)\b))(?![\w'-])",
    re.IGNORECASE,
)
INTRODUCED = re.compile(
    r"(?:^|[\n,.;:!?(\"/|-]|\b(?:so|thus|hence|therefore|because|and|or|but|yes|no|think|believe|say|guess|actually|maybe|definitely|"
    r"absolutely|certainly|probably|(?:is|'s) a|"
    r"(?<!there )is)|'s)\W*$",
    re.IGNORECASE,
)
DENIED = re.compile(r"(?:\b(?:not|never|neither|nor|cannot|if|whether)|n't)\W+(?:\w+\W+){0,3}$", re.IGNORECASE)


def yes_or_no(answer: str) -> str | None:
    """Return "yes" or "no" if the answer says exactly one of them, else None."""
    text = without_double_negation(without_markup(answer))
    if whole := WHOLE.fullmatch(text):
        return MEANING[whole[1].lower()]
    found = [verdict for verdict in VERDICT.finditer(text) if INTRODUCED.search(text[: verdict.start()][-40:])]
    if not found or DENIED.search(text[: found[0].start()][-80:]):
        return None
    meanings = {MEANING[verdict[0].lower()] for verdict in found}
    return meanings.pop() if len(meanings) == 1 else None

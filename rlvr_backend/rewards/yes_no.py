"""The verdict of an answer: yes or no.

It begins a clause ("Yes, there is no doubt", "it is red, so no") or is led up to ("the answer is no"). "no" before a
noun is no verdict ("there is no cat"), and an answer that says both says neither. "true" and "false" are verdicts too.
"""

import re

from rlvr_backend.rewards.denial import simplified
from rlvr_backend.rewards.plain import plain

SAME = dict.fromkeys(("y", "yes", "yeah", "yep", "yup", "true"), "yes")
SAME |= dict.fromkeys(("n", "no", "nope", "nah", "false"), "no")
WHOLE = re.compile(rf"\W*({'|'.join(SAME)})\W*", re.IGNORECASE)
VERDICT = re.compile(
    r"(?<![\w'-])(?:(yes)|(true|no|false)(?=\W*$|\s*[,;:!?)\"\n/|]|\s*\.(?!\s*\d)|\s+-|\s+(?:it|its|they|he|she|we|you|"
    r"i|there|this|that|these|those|the|an?|way|and|or|but|yes|no|because|since|in|for|as)\b))(?![\w'-])",
    re.IGNORECASE,
)
LED_UP_TO = re.compile(
    r"(?:^|[\n,.;:!?(\"/|-]|\b(?:so|thus|hence|therefore|because|and|or|but|yes|no|think|believe|say|guess|actually|maybe|definitely|"
    r"absolutely|certainly|probably|(?:is|'s) a|"
    r"(?<!there )is)|'s)\W*$",
    re.IGNORECASE,
)
DENIED = re.compile(r"(?:\b(?:not|never|neither|nor|cannot|if|whether)|n't)\W+(?:\w+\W+){0,3}$", re.IGNORECASE)


def yes_or_no(answer: str) -> str | None:
    """ "yes" or "no", whichever alone the answer says, else None."""
    text = simplified(plain(answer))
    if whole := WHOLE.fullmatch(text):
        return SAME[whole[1].lower()]
    found = [verdict for verdict in VERDICT.finditer(text) if LED_UP_TO.search(text[: verdict.start()][-40:])]
    if not found or DENIED.search(text[: found[0].start()][-80:]):
        return None
    said = {SAME[verdict[0].lower()] for verdict in found}
    return said.pop() if len(said) == 1 else None

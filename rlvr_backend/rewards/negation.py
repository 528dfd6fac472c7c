"""Find what a sentence negates: "not A", "C is wrong", "all but B"; clause by clause, in English and some Chinese."""

import re

SURELY = re.compile(
    r"\b(?:there(?:'s| is) )?(?:no|without(?: an?y?)?|beyond(?: an?y?)?) (?:doubt|question)\b(?: that\b)?",
    re.IGNORECASE,
)
NOT_WRONG = re.compile(r"(?:\bnot|n't) (?:wrong|incorrect|false)\b", re.IGNORECASE)
ONLY = re.compile(r"\b(?:nothing|none|no one|no other \w+) (?:but|except|other than)\b", re.IGNORECASE)
ALL_BUT = re.compile(r"\b((?:all|any|every|each)\w*(?: \w+){0,3}?) but\b", re.IGNORECASE)

NEGATION = re.compile(
    r"\b(?:not|no|never|neither|nor|none|cannot|without|except\w*|exclud\w+|eliminat\w+|rul(?:e[sd]?|ing) out|"
    r"reject\w*|wrong|incorrect\w*|false|untrue|invalid|impossible|unlikely|unlike|doubt\w*|rather than|instead of|"
    r"other than|apart from|aside from|besides|dismiss\w*|discard\w*|least)\b|n't\b|[不非错没否¬≠✗✘❌✕]",
    re.IGNORECASE,
)
BOUNDARY = re.compile(
    r"[.;!?](?=\s)|[\n,，。]|->|=>|[→⇒]|"
    r"\b(?:but|because|since|so|therefore|thus|hence|while|whereas|although|though|however|as|then|and it'?s)\b|"
    r"\s(?=(?:rather than|instead of|unlike|except|other than)\b)|\s(?=not (?:(?:option|choice) )?\W?[A-Za-z]\b(?!'))",
    re.IGNORECASE,
)
CONDITION = re.compile(r"\b(?:if not|unless|otherwise)\b", re.IGNORECASE)
# What negates the letter before it: in a sentence, after the sign of a label, and with less in between.
VERB = r"(?:is|was|are|were|seems?|looks?|appears?|can|could|would|should|must|may|might|does|do|has|will)"
WRONG = r"(?:wrong|incorrect|false|untrue|invalid)"
NO_ANSWER = r"not (?:the )?(?:correct|right|true|possible|valid|answer|it|this|an? )"
NEGATED_NEXT = re.compile(
    rf"\W{{0,4}}(?:(?:{VERB}|'s)\s?(?:\w+ ){{0,2}}?(?:n't|not|never|no|{WRONG}|impossible|unlikely|excluded|eliminated|"
    r"ruled|out|worst|distractor)\b|\w+n't\b|cannot\b|是?[不错非])",
    re.IGNORECASE,
)
NEGATED_LABEL = re.compile(
    rf"\W{{0,4}}(?:(?:is|was|'s) (?:\w+ )?(?:{WRONG}|{NO_ANSWER})|(?:is|was)n't (?:correct|right|true|the answer|it\b))"
)
NEGATED_LOOSELY = re.compile(
    rf"[\s(,;?!\[-]*(?:(?:{WRONG}|no|nope|not)(?=\W*$|\s*[,.;!)])|{WRONG} (?:because|since|as)\b|{NO_ANSWER})|"
    r"\s*[✗✘❌✕]",
    re.IGNORECASE,
)
SUBJECT = re.compile(rf"\s+{VERB}\b", re.IGNORECASE)


def without_double_negation(text: str) -> str:
    """Replace double negations by what they mean: "no doubt" by "surely", "nothing but" by "only"."""
    text = NOT_WRONG.sub(" right", SURELY.sub("surely", text))
    return ALL_BUT.sub(r"\1 except", ONLY.sub("only", text))


def clauses(text: str, whole: list[tuple[int, int]]) -> list[tuple[int, int, bool]]:
    """Split a text into clauses.

    Args:
        text: The text.
        whole: Spans that are not split, such as a list "A, B".

    Returns:
        (start, end, whether it is negated) of each clause.
    """
    inside = {place for start, end in whole for place in range(start, end)}
    cuts = [found.span() for found in BOUNDARY.finditer(text) if found.start() not in inside]
    starts, ends = [0, *(end for _, end in cuts)], [*(start for start, _ in cuts), len(text)]
    return [(start, end, bool(NEGATION.search(text, start, end))) for start, end in zip(starts, ends, strict=True)]

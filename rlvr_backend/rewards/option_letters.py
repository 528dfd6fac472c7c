"""Read which option an answer names by its letter.

A letter at the start ("D. Both (A) and (B)", "A because ...") counts before everything after it, since the text of an
option may contain letters. Later letters count if something introduces them ("so B", "the answer is (b)"); in "vitamin
C", "Figure A", "5 A" a letter is part of a text. A letter in a negated clause is not chosen. If two letters are left,
none is chosen: hedging must not pay.
"""

import re
from bisect import bisect_right

from rlvr_backend.rewards.negation import (
    CONDITION,
    NEGATED_LABEL,
    NEGATED_LOOSELY,
    NEGATED_NEXT,
    SUBJECT,
    clauses,
    without_double_negation,
)
from rlvr_backend.rewards.typography import without_markup

# A and I are options, not an article and a pronoun, before one of these words, or before no word.
NO_NOUN = (
    r"(?:is|isn't|was|or|and|nor|because|since|so|as|but|not|rather|instead|the|an?|this|that|these|those|it|its|they|"
    r"there|both|neither|none|all|who|which|due|therefore|vs|versus)\b"
)
NO_VERB = r"(?:is|isn't|or|and|nor|because|not|the|an?|this|these|those|vs|versus)\b"
ARTICLE = rf"(?!\s+(?![A-Z]\b)(?i:(?!{NO_NOUN})[^\W\d_])|\s+\d[\d.]*-[^\W\d_])"
PRONOUN = rf"(?!\s+(?![A-Z]\b)(?i:(?!{NO_VERB})[^\W\d_]))"
# What must not touch a letter on its own: other letters, units, signs of grades and languages ("C#", "A+", "25 °C").
BEFORE = r"(?<![\w'°%@#.\-^¬!~≠\\(\[<])"
AFTER = r"(?![\w'°%@#+^*²³′]|-(?!\s)|\.\w|\.{2,}\s?\w|\s?[~…]\s?\w)"
BARE = rf"{BEFORE}(?:[B-HJ-Z]{AFTER}|A{AFTER}{ARTICLE}|I{AFTER}{PRONOUN})\)?"
HELD = r"(?<![\w'\\])[(\[<]\s?[A-Za-z]\s?[)\]>](?!\w)"  # "(b)", but not f(x)
ITEM = rf"(?:{HELD}|{BARE})"
NAMED = r"(?:options?|choices?|letters?|选项)"
JOIN = (
    r"(?:\s*[,/&+|、，]\s*(?:(?:and|or|nor)\s+)?|\s+(?:and|or|nor|vs\.?|versus|and/or|as well as|along with|plus)\s+|"
    r"\s*(?:[和与及]|或者?)\s*)"
    rf"(?:(?i:the\s+)?(?i:{NAMED})\s+)?"
)
# Letters that belong together: "B", "A or B", "(A), (B) and (C)".
UNIT = re.compile(rf"{ITEM}(?:{JOIN}{ITEM})*")
LISTED = rf"{ITEM}(?:{JOIN}{ITEM})+"
ONLY_LETTERS = re.compile(rf"\W*{ITEM}(?:(?:{JOIN}{ITEM})+|(?:\s*{ITEM})+)\W*|(?:[A-Z][.:]\s*){{3,}}")
RUN = re.compile(r"\W*[A-Z]{2,8}\W*")
ALTERNATIVE = re.compile(r"\b(?:or|nor|vs\.?|versus)\b|[/|或]", re.IGNORECASE)
# The text of an option that combines other options: "both (A) and (B)".
COMBINED = re.compile(rf"\W*(?:(?i:both|either|neither|only|all(?: of)?|none of|not)\s+)*{LISTED}")
# Where Chinese, Japanese or Korean meets a letter, without a space between them: "答案是A".
SEAM = re.compile(
    r"(?<=[\u3040-\u9fff\uac00-\ud7af])(?=[(\[]?[A-Za-z])|(?<=[A-Za-z)\]])(?=[\u3040-\u9fff\uac00-\ud7af])"
)

IS = r"(?:\W{0,3}(?:is|'s|was|are|must be|should be|would be|will be|为|是)(?![\w']))*"
PAIR_OF_ANY_CASE = re.compile(r"\W*[A-Za-z](?:(?:\)?\s*[,;/&|+]\s*\(?|\)?\s+(?:and|or|nor)\s+\(?)[A-Za-z])+\W*")
WHOLE = re.compile(r"[\s✓✔✅☑\"'(\[{<$\\|.,:;>*=]*([A-Za-z])[\s\"')\]}>$\\|.,:;?!*✓✔✅☑]*")
# What may precede a leading letter: "The correct answer is option", "I'd go with".
CUE = re.compile(
    r"(?:(?:so|thus|hence|therefore|ok|okay|well)\b\W+)?"
    r"(?:(?:i(?:'d| would| will|'ll)?|we) )?"
    r"(?:(?:think|believe|guess|say|choose|chose|pick|select|go with)(?: that)?\W+)?"
    r"(?:(?:the|my|our|final|correct|right|best|most|likely|only|appropriate|single|is)\b\W{1,3})*"
    rf"(?:answer|response|it|that|{NAMED}|正确答案|答案|答|故选|选择|应选|选)?{IS}"
    rf"(?:\W{{0,4}}(?:the )?(?:(?:correct|right|best) )?{NAMED}(?![A-Za-z]){IS})?(?:[\s:=>.*\"]|-(?=\s))*",
    re.IGNORECASE,
)
LEAD = re.compile(r"(?P<open>[(\[<{\"'])?\s?(?P<letter>[A-Za-z])(?P<close>\s?[)\]>}\"'])?(?P<rest>.*)", re.DOTALL)
# What may separate a letter from its option's text: the sign of a label for any case, more for capitals.
LABEL = re.compile(r"\s?[)\].:、](?=\s|$)|[ \t]*\n")
LABEL_OF_CAPITAL = re.compile(r"\s?(?:[)\]、]|[:.](?![A-Za-z]\b|\.))")
LOOSE = re.compile(r"\s?(?:[,;?!|=(\[→⇒✓✔✅☑]|-+(?=[\s>])|=>)|\s+(?=[^\w\s])|\s+(?=\d)(?!\d[\d.]*-[^\W\d_])")

# A change of mind: "no wait, B", "or maybe C".
REVISED = re.compile(
    r"(?i:\b(?:wait|actually|rather|instead|correction|sorry|scratch that|on second thoughts?|or|maybe|possibly|"
    r"perhaps|alternatively|otherwise|no|(?:might|could|may) be|final answer|answer(?= is|:)|"
    r"(?:correct|right) (?:answer|option|choice))\b)(?! than| of)[\s,:;.!*-]*"
    r"(?:(?i:maybe|possibly|perhaps|even|else|it's|it is|the|correct|final|answer|is|option|choice|rather)\b[\s:]*)*"
    rf"({ITEM})"
)
# The label of another option, "B) 6" or "B. dog", but not an initial ("J. S. Bach").
LABELLED = re.compile(
    r"(?:^|(?<=[\s,;]))([A-Z])(?:\)|:)(?=\s|\d)|(?:^|(?<=[\n,;]))\s?([A-Z])\.\s|(?<=[a-z0-9] )([A-Z])\.\s+(?=[a-z\d])"
)

# What introduces a later letter, strongest first: a conclusion, a choice, a mere introduction.
EXPLICIT = re.compile(
    rf"(?:\b(?:answer|{NAMED})|答案|选项|选择?|答)(?:\W{{0,3}}\b(?:is|was|be|are)\b|[为是])*"
    rf"(?:\W{{1,3}}\b(?:the|probably|likely|definitely|clearly|indeed|surely|{NAMED}))*\W{{0,4}}$|"
    r"\b(?:choose|chose|pick|picked|select|selected|choosing|picking|selecting|go with|going with|went with|go for|"
    rf"opt for|prefer|vote for|mark|circle)(?: the)?(?: {NAMED})?\W{{0,3}}$",
    re.IGNORECASE,
)
CONCLUDED = re.compile(
    rf"(?:\b(?:answer|{NAMED})\W{{0,3}}(?:\b(?:is|be)\b|[:=])(?:\W{{1,3}}\b(?:the|{NAMED}))*|"
    rf"\b(?:so|thus|hence|therefore)\b(?:\W{{1,3}}(?:it is|it's|choose|pick|{NAMED}))?|答案[为是]?)\W{{0,4}}$",
    re.IGNORECASE,
)
CONCLUDED_LATER = re.compile(rf"{CONCLUDED.pattern[:-1]}{ITEM}", re.IGNORECASE)
EXPLICIT_NEXT = re.compile(
    r"\W{0,3}(?:is|was|must be|should be|would be|seems|looks)\s+(?:\w+\s+){0,2}?(?:correct|right|true|answer|best)\b",
    re.IGNORECASE,
)
INTRODUCED = re.compile(
    r"(?:^|[:(\"]|\b(?:is|was|be|so|thus|hence|therefore|then|only|just|think|say|guess|believe|probably|likely|surely|"
    r"definitely|clearly|maybe|perhaps|either|both|yes|no|means|gives|leaves)|'s|[是为选])[\s:=(\"',.>]{0,3}$",
    re.IGNORECASE,
)


def option_of(answer: str) -> str | None:
    """Return the capital letter of the one option that an answer names, or None if it names none or several."""
    text = SEAM.sub(" ", without_double_negation(without_markup(answer)))
    if whole := WHOLE.fullmatch(text):
        return whole[1].upper()
    if ONLY_LETTERS.fullmatch(text):
        return _one(_letters(text))
    if PAIR_OF_ANY_CASE.fullmatch(text):
        return _one(set(re.findall(r"\b[A-Z]\b", text.upper())))
    letter, negated = _leading(text)
    if letter and not negated:
        return letter
    return None if letter == "" else _further_on(text, {letter} if negated else set())


def options_of(answer: str) -> set[str] | None:
    """Return the capital letters of an answer that lists options, such as "A, C", "AC", "A and C", or None."""
    text = without_double_negation(without_markup(answer))
    text = text[CUE.match(text).end() :].replace(";", ",")
    if RUN.fullmatch(text):
        return set(re.findall("[A-Z]", text))
    return _letters(text) if ONLY_LETTERS.fullmatch(text) and not ALTERNATIVE.search(text) else None


def _leading(text: str) -> tuple[str | None, bool]:
    """The letter at the start of an answer ("" if it hedges, None without one), and whether it is negated at once."""
    cue = CUE.match(text)
    start = text[cue.end() :]
    lead = LEAD.match(start)
    if not lead or (lead["open"] and not lead["close"]):
        return None, False
    letter, rest, held = lead["letter"].upper(), lead["rest"], bool(lead["open"])
    if lead["close"] and not held:
        rest = lead["close"] + rest
    capital, named = lead["letter"].isupper(), re.search(rf"{NAMED}\W*$", cue[0], re.IGNORECASE) is not None
    label = held or LABEL.match(rest) or (capital and LABEL_OF_CAPITAL.match(rest))
    if not label and not _loosely(lead["letter"], rest, capital, named):
        return None, False
    if (listed := re.match(rf"\W*{LISTED}", start)) and len(_letters(listed[0])) > 1:
        return (None if NEGATED_NEXT.match(start, listed.end()) else ""), False
    if label and not held:
        negated = NEGATED_LABEL.match(rest)
    else:
        negated = NEGATED_NEXT.match(rest) or NEGATED_LOOSELY.match(rest)
        if not negated and SUBJECT.match(rest) and CONCLUDED_LATER.search(rest):
            return None, False
    if negated:
        return letter, True
    return ("" if _hedges(letter, rest, bool(label) and not held) else letter), False


def _loosely(letter: str, rest: str, capital: bool, named: bool) -> bool:
    """Whether a letter without the sign of a label is an option: "A - 5", "B cat", "option a because"."""
    if not rest.strip():
        return True
    if LOOSE.match(rest):
        return capital or named or (not rest.lstrip().startswith("=") and not rest.lstrip()[0].isdigit())
    if not re.match(r"\s+[^\W\d_]", rest):
        return False
    if named:
        return True
    return capital and re.match(BARE, letter + rest) is not None


def _hedges(letter: str, rest: str, labelled: bool) -> bool:
    """Whether the text after a leading letter names another option, and not as the text of this one."""
    if combined := COMBINED.match(rest):
        if not labelled and max(_letters(combined[0])) > letter:
            return True
        rest = rest[combined.end() :]
    elif not labelled and re.fullmatch(rf"(?:\W*{ITEM})+\W*", rest):
        return _letters(rest) != {letter}
    others = {found[1] or found[2] or found[3] for found in LABELLED.finditer(rest)}
    if not labelled:
        others |= {found for found in _letters(" ".join(re.findall(HELD, rest))) if found > letter}
    others |= {other for found in REVISED.finditer(rest) for other in _letters(found[1])}
    return bool(others - {letter})


def _further_on(text: str, negated: set[str]) -> str | None:
    """The one letter that is introduced somewhere and negated nowhere."""
    units = [(found.span(), _letters(found[0])) for found in UNIT.finditer(text)]
    concluded, explicit, introduced, decided = set(), set(), set(), 0
    parts = clauses(text, [span for span, _ in units])
    for (start, end), letters in units:
        first, last, is_negated = parts[bisect_right(parts, start, key=lambda part: part[0]) - 1]
        if is_negated:
            negated |= letters
            continue
        before = text[max(0, start - 80) : start]
        at_the_end = text[start] in "([<" and not text[end:last].strip(" .)")  # "the red one (B)"
        if CONCLUDED.search(before):
            concluded |= letters
            decided = end
        elif EXPLICIT.search(before):
            explicit |= letters
        elif at_the_end or INTRODUCED.search(text[max(first, start - 40) : start]):
            (explicit if EXPLICIT_NEXT.match(text[end:last]) else introduced).update(letters)
    chosen = concluded or explicit or introduced
    if chosen is not introduced and any(
        _letters(found[1]) - chosen - negated for found in REVISED.finditer(text, decided)
    ):
        return None
    return _one(chosen - negated) if len(chosen) == 1 and not CONDITION.search(text) else None


def _letters(text: str) -> set[str]:
    return {letter for found in re.findall(ITEM, text) for letter in re.findall("[A-Z]", found.upper())}


def _one(letters: set[str]) -> str | None:
    return next(iter(letters)) if len(letters) == 1 else None

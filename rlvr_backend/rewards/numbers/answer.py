r"""Split an answer into its parts: numbers with units, lists, names ("x = 5"), chains ("2+3 = 5"), ratios, words."""

import re
from collections.abc import Iterator
from fractions import Fraction

from rlvr_backend.rewards.numbers.answer_types import Answer, Chain, Listing, Named, Quantity, Ratio, Words
from rlvr_backend.rewards.numbers.formula import TRIGONOMETRY, formula, has_variables, is_set
from rlvr_backend.rewards.numbers.literals import number_literal, split_number
from rlvr_backend.rewards.numbers.markup import NEGATION, closing, one_spelling
from rlvr_backend.rewards.numbers.units import is_letter, multiplied, units

DEEPEST = 6  # lists in lists
MOST = 100  # items of a list
CURRENCY = re.compile(r"(?P<sign>[+-]?) ?(?P<money>(?:US)?¤|[€£¥₹]|(?:USD|EUR|GBP|Rs\.?|INR)(?= ?[\d.])) ?")
SAME_MONEY = re.compile(r" ?(?:USD|US dollars|dollars|EUR|euros|GBP|pounds)")
THOUSANDS = re.compile(r"(?<![\d.,])[1-9]\d{0,2}(?:,\d{3})+(?!\d|,\d)", re.ASCII)
SEPARATOR = re.compile(r"\s*(?:[,;]\s*(?:and|or)\s|[,;]|\s(?:and|or)\s)\s*")
EQUAL = re.compile(r"(?<![<>!=])=+(?![<>])|\\approx(?![a-zA-Z])")
TIME = re.compile(r"[0-2]?\d(?::[0-5]\d){1,2}", re.ASCII)
ABOUT = re.compile(r" ?\((?:approx(?:\.|imately|imate)?|rounded)\)$")
LABELS = frozenset(("answer", "ans", "finalanswer", "theanswer", "result", "theresult"))


def read_answer(text: str) -> Answer:
    """Return the parts of an answer. Text that is not mathematics becomes Words."""
    return _read(one_spelling(text), 0)


def _read(text: str, depth: int) -> Answer:
    text = re.sub(r"^(?:(?:=|\\approx|\\sim)\s*)+", "", text.strip()).strip()
    if not text or depth > DEEPEST:
        return Words(text)
    return (
        _number(text)
        or _listing(text, depth)
        or _equated(text, depth)
        or _bracketed(text, depth)
        or _either_sign(text, depth)
        or _ratio(text)
        or _formula(text)
        or Words(text)
    )


def _number(text: str) -> Quantity | None:
    """A number literal with or without a unit or a currency sign."""
    text = ABOUT.sub("", text)
    sign, before, rest = "", "", text
    if match := CURRENCY.match(text):
        sign, before, rest = match["sign"], _money(match["money"]), text[match.end() :]
    if rest.startswith("{") and (end := closing(rest, 0)) > 0:  # a box inside
        rest = rest[1:end].strip() + rest[end + 1 :]
    if not (found := split_number(rest)):
        return None
    number, rest = found
    factor, rest = multiplied(rest, money=bool(before))
    if factor != 1:
        number = number.times(Fraction(factor))
    number = number.times(Fraction(-1)) if sign == "-" else number
    rest = SAME_MONEY.sub("", rest, count=1) if before and SAME_MONEY.match(rest) else rest
    if before:
        rest = f"{before} {rest}".strip()
    if not rest:
        return Quantity(number)
    meant = units(rest)
    return Quantity(number, meant, is_letter(rest)) if meant else None


def _money(sign: str) -> str:
    """A currency sign or code in the spelling of units.py."""
    return sign.replace("US¤", "¤").rstrip(".")


def _listing(text: str, depth: int) -> Answer | None:
    """Items without brackets around them."""
    if r"\begin" in text or len(items := _items(text, keep_thousands=True)) < 2:
        return None
    return _of_items(items, "", text, depth)


def _of_items(items: list[str], brackets: str, text: str, depth: int) -> Answer:
    if len(items) > MOST or not all(items):
        return Words(text)
    parts = tuple(_read(item, depth + 1) for item in items)
    first, others = parts[0], parts[1:]
    if isinstance(first, Named) and not any(isinstance(part, Named) for part in others):  # "n = 2, 3, 4"
        return Named(first.names, Listing((first.value, *others), brackets, text), text)
    names = [part.names if isinstance(part, Named) else None for part in parts]
    if names[0] is not None and len(set(names)) == 1:  # "x = 5 or x = 6"
        values = tuple(part.value for part in parts if isinstance(part, Named))
        return Named(names[0], Listing(values, brackets, text), text)
    return Listing(parts, brackets, text)


def _items(text: str, keep_thousands: bool) -> list[str]:
    """The text between separators outside brackets."""
    kept = {i for match in THOUSANDS.finditer(text) for i in range(*match.span())} if keep_thousands else set()
    items, depth, begin, at = [], 0, 0, 0
    while at < len(text):
        if depth == 0 and at not in kept and (match := SEPARATOR.match(text, at)):
            items.append(text[begin:at].strip())
            begin = at = match.end()
            continue
        depth += (text[at] in "([{") - (text[at] in ")]}")
        at += 1
    return [*items, text[begin:].strip()]


def _equated(text: str, depth: int) -> Answer | None:
    """Names and values around equality signs. An equation such as 2x + 3y = 5 stays a formula."""
    if member := re.fullmatch(r"([a-zA-Z]|\\[a-z]+) ?\\in(?![a-zA-Z]) ?(.+)", text):
        return Named((_name(member[1]),), _read(member[2], depth + 1), text)
    parts = [text[begin:end].strip() for begin, end in _between(text)]
    if len(parts) < 2:
        return None
    if not all(parts) or is_set(text):
        return _formula(text) or Words(text)
    names = [part for part in parts if _is_name(part)]
    values = [part for part in parts if not _is_name(part)]
    if not values:
        names, values = parts[:-1], parts[-1:]
    if not names and any(has_variables(value) for value in values):
        return _formula(text) or Words(text)
    read = tuple(_read(value, depth + 1) for value in values)
    value = read[0] if len(read) == 1 else Chain(read)
    known = tuple(name for name in map(_name, names) if name.lower() not in LABELS)
    return Named(known, value, text) if known else value


def _between(text: str) -> Iterator[tuple[int, int]]:
    """Start and end of the sides of the equality signs outside brackets."""
    begin, depth, at = 0, 0, 0
    while at < len(text):
        if depth == 0 and (match := EQUAL.match(text, at)):
            yield begin, at
            begin = at = match.end()
            continue
        depth += (text[at] in "([{") - (text[at] in ")]}")
        at += 1
    yield begin, len(text)


def _is_name(text: str) -> bool:
    r"""Whether a side of "=" is a name: it has no number except as an index or a power."""
    bare = re.sub(r"[_^]\{[^{}]*\}", "", text)
    if re.fullmatch(r"[a-zA-Z]\d", bare):
        return True
    letters = re.sub(r"\\(?:pi|infty|frac|sqrt|cdot)(?![a-zA-Z])", "", bare)
    return (
        len(text) <= 60
        and not re.search(r"\d", bare)
        and bool(re.search("[a-zA-Z]", letters))
        and not NEGATION.search(text)
    )


def _name(text: str) -> str:
    return re.sub(r"\s", "", re.sub(r"\\text\{([^{}]*)\}", r"\1", text))


def _bracketed(text: str, depth: int) -> Answer | None:
    r"""A tuple, an interval, a set, or a single item in brackets."""
    opening = 1 if text.startswith(r"\{") else 0
    if text[opening] not in "([{" or closing(text, opening) != len(text) - 1:
        return None
    inside = text[opening + 1 : -1].removesuffix("\\").strip()
    brackets = text[opening] + text[-1]
    items = _items(inside, keep_thousands=", " in inside)
    if len(items) == 1:
        return _read(inside, depth + 1) if brackets in ("()", "[]", "{}") and "|" not in inside else None
    return _of_items(items, brackets, text, depth)


def _either_sign(text: str, depth: int) -> Answer | None:
    r"""The two numbers of a single \pm."""
    if text.count(r"\pm") != 1:
        return None
    before, after = text.split(r"\pm")
    both = tuple(_read(f"{before}{sign}{after}".strip(), depth + 1) for sign in "+-")
    return Listing(both, "", text) if all(isinstance(part, Quantity) for part in both) else None


def _ratio(text: str) -> Ratio | None:
    pieces = [piece.strip() for piece in text.split(":")]
    numbers = [number_literal(piece) for piece in pieces]
    if len(pieces) not in (2, 3, 4) or any(n is None or n.value < 0 or n.exponent for n in numbers):
        return None
    zero = any(re.match(r"0\d", piece) for piece in pieces)
    return Ratio(tuple(n.value for n in numbers if n), TIME.fullmatch(":".join(pieces)) is not None, zero)


def _formula(text: str) -> Quantity | None:
    """A formula with or without a unit."""
    for end, begin in _unit_positions(text):
        if (meant := units(text[begin:])) and (spelled := formula(text[:end])):
            return Quantity(spelled, meant)
    if match := CURRENCY.match(text):
        spelled = formula(match["sign"] + text[match.end() :])
        return Quantity(spelled, units(_money(match["money"]))) if spelled else None
    return Quantity(spelled) if (spelled := formula(text)) else None


def _unit_positions(text: str) -> Iterator[tuple[int, int]]:
    r"""Where a unit after a formula may start: at \text, at a sign, at a word of two letters, at "m/s"."""
    for match in re.finditer(r"(?<=[\w)}!])\s*(?=\\text\{|\\frac\{\\text|[°%¤€£¥₹¢Ω])", text):
        if text[match.end()] != "°" or not TRIGONOMETRY.search(text):  # degrees of a whole angle, not inside a sine
            yield match.start(), match.end()
    for match in re.finditer(r"(?<=[\w)}!])(?:\s+|(?<=[)}]))(?=[A-Za-zμ]{2}|[A-Za-z] ?/|\()", text):
        yield match.start(), match.end()

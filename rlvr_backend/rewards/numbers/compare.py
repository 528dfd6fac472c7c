"""Compare two answers part by part. Formulas are compared by a function that the caller passes, never here."""

import re
from collections.abc import Callable
from fractions import Fraction

from rlvr_backend.rewards.numbers.answer_types import Answer, Chain, Listing, Named, Quantity, Ratio, Words
from rlvr_backend.rewards.numbers.formula import exactly, formula, is_set, is_term
from rlvr_backend.rewards.numbers.literals import ExactNumber, same
from rlvr_backend.rewards.numbers.units import PERCENT

Question = tuple[str, str, str | None]  # two formulas, and the largest rounding error of one of them
Asked = Callable[[Question], bool]
HUNDREDTH = Fraction(1, 100)
PAIRS = ({"", "{}"}, {"", "()"}, {"", "[]"})  # all other pairs of brackets make two items different intervals
MANY = 12  # a list with more formulas is compared in order


def agree(given: Answer, true: Answer, asked: Asked) -> bool:
    """Return whether an answer agrees with the true one.

    Args:
        given: The answer.
        true: The right answer.
        asked: Returns whether two formulas are equal.
    """
    if isinstance(given, Chain):
        *others, last = given.values
        return all(agree(value, last, asked) for value in others) and agree(last, true, asked)
    if isinstance(true, Chain):
        return agree(given, true.values[-1], asked)
    if isinstance(given, Named) and isinstance(true, Named):
        return _named(given, true, asked)
    if isinstance(given, Named) or isinstance(true, Named):
        one, other = (part.value if isinstance(part, Named) else part for part in (given, true))
        return agree(one, other, asked)
    if isinstance(given, Listing) and isinstance(true, Listing):
        return _listings(given, true, asked)
    if isinstance(given, Quantity) and isinstance(true, Quantity):
        return _quantities(given, true, asked)
    if isinstance(given, Ratio) and isinstance(true, Ratio):
        return _ratios(given, true)
    if isinstance(given, Ratio) or isinstance(true, Ratio):
        return _ratio_and_number(given, true, asked)
    if isinstance(given, Words) and isinstance(true, Words):
        return _words(given.text, true.text)
    return _interval_and_inequality(given, true, asked)


def _named(given: Named, true: Named, asked: Asked) -> bool:
    if set(given.names) & set(true.names):
        return agree(given.value, true.value, asked)
    if all(name.replace("\\", "").isalnum() for name in (*given.names, *true.names)):
        return False  # x = 5 is not y = 5, and AB = 5 is not BA = 5
    one, other = formula(given.text), formula(true.text)
    return one is not None and other is not None and asked((one, other, None))


def _quantities(given: Quantity, true: Quantity, asked: Asked) -> bool:
    """Whether two quantities agree.

    Units on both sides are converted. If only one has a unit, the numbers are compared; a percentage may be a fraction.
    """
    if not given.units and not true.units:
        return _values(given.value, true.value, Fraction(1), asked)
    if given.units and true.units:
        factors = {a[0] / b[0] for a in given.units for b in true.units if a[1] == b[1]}
        return any([_values(given.value, true.value, factor, asked) for factor in sorted(factors)])
    if true.letter and not given.units:
        return False  # "5" for "5m", five times m
    factors = {Fraction(1)}
    if PERCENT in given.units | true.units:
        factors.add(HUNDREDTH if given.units else 1 / HUNDREDTH)
    return any([_values(given.value, true.value, factor, asked) for factor in sorted(factors)])


def _values(given: ExactNumber | str, true: ExactNumber | str, factor: Fraction, asked: Asked) -> bool:
    """Whether `given` times `factor` is `true`."""
    if isinstance(given, ExactNumber) and isinstance(true, ExactNumber):
        return same(given.times(factor), true)
    if (isinstance(given, ExactNumber) and given.exponent) or (isinstance(true, ExactNumber) and true.exponent):
        return False
    if isinstance(given, str) and isinstance(true, str):
        if factor == 1 and given.replace(" ", "") == true.replace(" ", ""):
            return True
        if is_term(given) != is_term(true) or ("=" in given) != ("=" in true):
            return False
    elif not is_term(given if isinstance(given, str) else str(true)):
        return False
    if isinstance(given, ExactNumber):
        given = given.times(factor)
    elif factor != 1:
        given = rf"{exactly(factor)} \cdot ({given})"
    halves = [value.half for value in (given, true) if isinstance(value, ExactNumber) and value.half is not None]
    one, other = (exactly(value.value) if isinstance(value, ExactNumber) else value for value in (given, true))
    return asked((one, other, str(halves[0]) if halves else None))


def _listings(given: Listing, true: Listing, asked: Asked) -> bool:
    if len(given.items) != len(true.items):
        return False
    kinds = {given.brackets, true.brackets}
    if len(given.items) == 2 and kinds not in PAIRS and len(kinds) == 2:
        return False
    mine, theirs = _by_name(given), _by_name(true)
    if mine and theirs:
        return mine.keys() == theirs.keys() and all(agree(mine[name], theirs[name], asked) for name in mine)
    ones, others = list(mine.values()) or list(given.items), list(theirs.values()) or list(true.items)
    if mine or theirs or not kinds <= {"", "{}"}:
        return all(agree(one, other, asked) for one, other in zip(ones, others))
    return _any_order(ones, others, asked)


def _by_name(listing: Listing) -> dict[tuple[str, ...], Answer]:
    """The items by their names, if each has a different one; else nothing."""
    named = {item.names: item.value for item in listing.items if isinstance(item, Named)}
    return named if len(named) == len(listing.items) else {}


def _any_order(ones: list[Answer], others: list[Answer], asked: Asked) -> bool:
    """Whether the items can be matched one to one so that each pair agrees (Kuhn's augmenting paths)."""
    formulas = sum(isinstance(item, Quantity) and isinstance(item.value, str) for item in ones)
    if formulas > MANY:
        return all(agree(one, other, asked) for one, other in zip(ones, others))
    edges = [[agree(one, other, asked) for other in others] for one in ones]
    partner: dict[int, int] = {}

    def paired(one: int, seen: set[int]) -> bool:
        for other, edge in enumerate(edges[one]):
            if edge and other not in seen:
                seen.add(other)
                if other not in partner or paired(partner[other], seen):
                    partner[other] = one
                    return True
        return False

    return all(paired(one, set()) for one in range(len(ones)))


def _ratios(given: Ratio, true: Ratio) -> bool:
    """Whether two times are equal, or two ratios are in proportion."""
    if true.time:
        return given.time and given.parts == true.parts
    return (
        len(given.parts) == len(true.parts)
        and not given.zero
        and all(a * true.parts[0] == b * given.parts[0] for a, b in zip(given.parts, true.parts))
    )


def _ratio_and_number(given: Answer, true: Answer, asked: Asked) -> bool:
    ratio, number = (given, true) if isinstance(given, Ratio) else (true, given)
    if not isinstance(ratio, Ratio) or not isinstance(number, Quantity) or number.units:
        return False
    if ratio.time or len(ratio.parts) != 2 or not ratio.parts[1]:
        return False
    return _values(ExactNumber(ratio.parts[0] / ratio.parts[1]), number.value, Fraction(1), asked)


def _words(given: str, true: str) -> bool:
    """Whether two texts are equal, except for spaces, and for case in words ("Yes") but not in points ("AB")."""
    one, other = (" ".join(re.sub(r"\\text|[{}]", " ", text).split()) for text in (given, true))
    if one == other or (one.replace(" ", "") == other.replace(" ", "") and "\\" in one):
        return bool(one)
    words = all(text in (text.lower(), text.capitalize(), text.title()) for text in (one, other)) and len(one) > 1
    common = one.lower() in ("yes", "no", "true", "false", "none", "even", "odd")
    return bool(one) and one.casefold() == other.casefold() and (words or common)


def _interval_and_inequality(given: Answer, true: Answer, asked: Asked) -> bool:
    """Whether an interval and an inequality or union are equal, as math-verify decides."""
    one, other = _as_formula(given), _as_formula(true)
    return bool(one and other) and (is_set(one) or is_set(other)) and asked((one, other, None))


def _as_formula(part: Answer) -> str:
    """A list or a formula as LaTeX for math-verify; "" for anything else."""
    if isinstance(part, Listing):
        return formula(part.text) or ""
    return part.value if isinstance(part, Quantity) and isinstance(part.value, str) else ""

r"""Parse number literals exactly: integers, decimals, powers of ten, fractions, mixed numbers.

Numbers that must be computed (roots, \pi, 2^10, 5!) are not parsed here.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

ROUNDING = Fraction(1, 10**6)  # largest relative error of a rounded decimal
VAST = 1000  # a larger power of ten is never computed as an integer
LONGEST = 1000  # digits of a number

INTEGER = r"(?:[1-9]\d{0,2}(?:(?:,\d{3})+|(?:\x20\d{3})+|(?:'\d{3})+)(?![\d']|[,\x20]\d)|\d+)"
DECIMAL = rf"(?:{INTEGER}(?:\.(?!\.)\d*)?|\.\d+)"
NUMBER = re.compile(
    rf"""(?P<sign>[+-]?)\x20?(?: 10\^\{{(?P<ten>[+-]?\d+)\}}
    | (?P<digits>{DECIMAL}) (?P<overline>\\(?:overline|bar|dot)\{{\d+\}})?
      (?: [eE](?P<e>[+-]?\d+) | \x20*\\(?:times|cdot)\x20*10\^\{{(?P<k>[+-]?\d+)\}} )? )""",
    re.ASCII | re.VERBOSE,
)
FRACTION = re.compile(
    rf"(?P<sign>[+-]?) ?(?:\\frac ?\{{ ?(?P<a>-?{DECIMAL}) ?\}} ?\{{ ?(?P<b>-?{DECIMAL}) ?\}}"
    rf"|(?P<c>{DECIMAL}) ?/ ?(?P<d>{DECIMAL}))(?![\d/.(]| ?[\^!])",
    re.ASCII,
)
MIXED = re.compile(
    r"(?P<sign>[+-]?) ?(?P<whole>\d+)(?: ?\\frac\{ ?(?P<a>\d+) ?\}\{ ?(?P<b>\d+) ?\}| (?P<c>\d+) ?/ ?(?P<d>\d+))"
    r"(?![\d/.(]| ?[\^!])",
    re.ASCII,
)


@dataclass(frozen=True)
class ExactNumber:
    """An exact number, `value` x 10^`exponent`.

    Attributes:
        value: The number without its exponent.
        exponent: 0 unless it is larger than VAST.
        decimal: Whether it is written as an integer or decimal, not as a fraction.
        half: Half a unit of the last decimal place, if it has a decimal point: its largest rounding error.
    """

    value: Fraction
    exponent: int = 0
    decimal: bool = False
    half: Fraction | None = None

    def times(self, factor: Fraction) -> "ExactNumber":
        """Return the number times a factor."""
        half = None if self.half is None else self.half * abs(factor)
        return ExactNumber(self.value * factor, self.exponent, self.decimal, half)


def same(one: ExactNumber, other: ExactNumber) -> bool:
    """Return whether two numbers are equal, or one is a decimal that correctly rounds the other, a fraction.

    The relative error may be 1e-6. Two integers or decimals must be equal: whether 1234567 was rounded is unknown.
    """
    if one.exponent or other.exponent:
        return (one.value, one.exponent) == (other.value, other.exponent)
    if one.value == other.value:
        return True
    if one.decimal == other.decimal:
        return False
    rounded, exact = (one, other) if one.decimal else (other, one)
    off = abs(rounded.value - exact.value)
    return rounded.half is not None and off <= rounded.half and off <= ROUNDING * abs(exact.value)


def split_number(text: str) -> tuple[ExactNumber, str] | None:
    """Return the number at the start of the text and the text after it, or None without one."""
    if len(text) > LONGEST:
        return None
    if match := MIXED.match(text):
        above, below = int(match["a"] or match["c"]), int(match["b"] or match["d"])
        if 0 < above < below:  # "4 10/3" is not a mixed number
            return ExactNumber(_signed(match, int(match["whole"]) + Fraction(above, below))), text[match.end() :]
        return None
    if match := FRACTION.match(text):
        above, below = (_decimal(match[x] or match[y]) for x, y in (("a", "c"), ("b", "d")))
        return (ExactNumber(_signed(match, above / below)), text[match.end() :]) if below else None
    if (match := NUMBER.match(text)) and not re.match(r"\d|[.,]\d", text[match.end() :]):
        return _scientific(match), text[match.end() :]
    return None


def number_literal(text: str) -> ExactNumber | None:
    """Return the number that the whole text is, or None."""
    found = split_number(text)
    return found[0] if found and not found[1] else None


def _signed(match: re.Match, value: Fraction) -> Fraction:
    return -value if match["sign"] == "-" else value


def _decimal(digits: str) -> Fraction:
    return Fraction(re.sub("[, ']", "", digits).rstrip("."))


def _scientific(match: re.Match) -> ExactNumber:
    exponent = int(match["e"] or match["k"] or match["ten"] or 0)
    digits = re.sub("[, ']", "", match["digits"] or "1")
    places = len(digits.partition(".")[2])
    value = _signed(match, Fraction(digits.rstrip(".")))
    if match["overline"]:  # 0.1\overline{6}
        period = re.sub(r"\D", "", match["overline"])
        repeated = Fraction(int(period), (10 ** len(period) - 1) * 10**places)
        value += _signed(match, repeated)
        if "." not in digits or exponent:
            value, exponent = Fraction(0), 1  # "2\overline{3}" is not a number and equals none
        return ExactNumber(value, exponent)
    if abs(exponent) <= VAST:
        scale = Fraction(10) ** exponent
        return ExactNumber(value * scale, 0, True, scale / 10**places / 2 if places else None)
    while (value and value.denominator % 10 == 0) or value.denominator > 1:
        value, exponent = value * 10, exponent - 1
    while value and value.numerator % 10 == 0:
        value, exponent = value / 10, exponent + 1
    return ExactNumber(value, exponent if value else 0, True)

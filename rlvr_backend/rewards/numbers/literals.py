r"""Numbers as they are written, read exactly: integers, decimals, powers of ten, fractions, mixed numbers.

What must be computed (roots, \pi, 2^10, 5!) is not read here.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

ROUNDING = Fraction(1, 10**6)  # of the number: how far a decimal may be from what it rounds
VAST = 1000  # powers of ten beyond this are never written out as integers
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
class Plain:
    """A number, exactly: `value` x 10^`exponent`, where the exponent is 0 unless it is vast.

    `written` says that it stands there as an integer or decimal (no fraction); `half` is half a unit of the last
    decimal place of one with a decimal point, so how far off it is from what it may be a rounding of.
    """

    value: Fraction
    exponent: int = 0
    written: bool = False
    half: Fraction | None = None

    def times(self, factor: Fraction) -> "Plain":
        half = None if self.half is None else self.half * abs(factor)
        return Plain(self.value * factor, self.exponent, self.written, half)


def same(one: Plain, other: Plain) -> bool:
    """Whether two numbers are equal, or one is a decimal that correctly rounds the other, a fraction, to 1e-6 of it.

    Two integers or decimals are compared exactly: nobody can tell that 1234567 was rounded.
    """
    if one.exponent or other.exponent:
        return (one.value, one.exponent) == (other.value, other.exponent)
    if one.value == other.value:
        return True
    if one.written == other.written:
        return False
    rounded, exact = (one, other) if one.written else (other, one)
    off = abs(rounded.value - exact.value)
    return rounded.half is not None and off <= rounded.half and off <= ROUNDING * abs(exact.value)


def leading(text: str) -> tuple[Plain, str] | None:
    """The number that the text begins with and what follows it, or None where it does not begin with one."""
    if len(text) > LONGEST:
        return None
    if match := MIXED.match(text):
        above, below = int(match["a"] or match["c"]), int(match["b"] or match["d"])
        if 0 < above < below:  # "4 10/3" is no mixed number
            return Plain(_signed(match, int(match["whole"]) + Fraction(above, below))), text[match.end() :]
        return None
    if match := FRACTION.match(text):
        above, below = (_decimal(match[x] or match[y]) for x, y in (("a", "c"), ("b", "d")))
        return (Plain(_signed(match, above / below)), text[match.end() :]) if below else None
    if (match := NUMBER.match(text)) and not re.match(r"\d|[.,]\d", text[match.end() :]):
        return _scientific(match), text[match.end() :]
    return None


def plain_number(text: str) -> Plain | None:
    """The number that the whole text is, or None."""
    found = leading(text)
    return found[0] if found and not found[1] else None


def _signed(match: re.Match, value: Fraction) -> Fraction:
    return -value if match["sign"] == "-" else value


def _decimal(digits: str) -> Fraction:
    return Fraction(re.sub("[, ']", "", digits).rstrip("."))


def _scientific(match: re.Match) -> Plain:
    exponent = int(match["e"] or match["k"] or match["ten"] or 0)
    digits = re.sub("[, ']", "", match["digits"] or "1")
    places = len(digits.partition(".")[2])
    value = _signed(match, Fraction(digits.rstrip(".")))
    if match["overline"]:  # 0.1\overline{6}
        period = re.sub(r"\D", "", match["overline"])
        repeated = Fraction(int(period), (10 ** len(period) - 1) * 10**places)
        value += _signed(match, repeated)
        if "." not in digits or exponent:
            value, exponent = Fraction(0), 1  # "2\overline{3}" is no number: equal to none
        return Plain(value, exponent)
    if abs(exponent) <= VAST:
        scale = Fraction(10) ** exponent
        return Plain(value * scale, 0, True, scale / 10**places / 2 if places else None)
    while (value and value.denominator % 10 == 0) or value.denominator > 1:
        value, exponent = value * 10, exponent - 1
    while value and value.numerator % 10 == 0:
        value, exponent = value / 10, exponent + 1
    return Plain(value, exponent if value else 0, True)

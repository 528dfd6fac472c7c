"""What an answer may be made of."""

from dataclasses import dataclass
from fractions import Fraction

from rlvr_backend.rewards.numbers.literals import Plain
from rlvr_backend.rewards.numbers.unit_table import Unit


@dataclass(frozen=True)
class Quantity:
    """A number, or a formula for math-verify, with what its unit may be; `letter`: the unit may be a variable."""

    value: Plain | str
    units: frozenset[Unit] = frozenset()
    letter: bool = False


@dataclass(frozen=True)
class Words:
    text: str


@dataclass(frozen=True)
class Listing:
    """Items between `brackets`: "()", "[]", "[)", "(]", "{}" for a set, "" for none. `text` is the whole."""

    items: tuple["Answer", ...]
    brackets: str
    text: str


@dataclass(frozen=True)
class Named:
    """What stands to the right of "x =", of "A = B =" or of "x in". `text` is the whole."""

    names: tuple[str, ...]
    value: "Answer"
    text: str


@dataclass(frozen=True)
class Chain:
    """Values that an answer calls equal; it says the last of them, if they are."""

    values: tuple["Answer", ...]


@dataclass(frozen=True)
class Ratio:
    """3:4, or a time where `time` says that it looks like one; `zero`: a part is written with a leading zero."""

    parts: tuple[Fraction, ...]
    time: bool
    zero: bool


Answer = Quantity | Words | Listing | Named | Chain | Ratio

"""Types of the parts of an answer: quantities, words, lists, names, chains and ratios."""

from dataclasses import dataclass
from fractions import Fraction

from rlvr_backend.rewards.numbers.literals import ExactNumber
from rlvr_backend.rewards.numbers.unit_table import Unit


@dataclass(frozen=True)
class Quantity:
    """A number or a formula, with its unit.

    Attributes:
        value: A number, or a formula as LaTeX.
        units: The units that it may have; empty without one.
        letter: Whether the unit may be a variable instead, as in "5m".
    """

    value: ExactNumber | str
    units: frozenset[Unit] = frozenset()
    letter: bool = False


@dataclass(frozen=True)
class Words:
    """Text that is not mathematics."""

    text: str


@dataclass(frozen=True)
class Listing:
    """A list of items.

    Attributes:
        items: The items.
        brackets: "()", "[]", "[)", "(]", "{}" for a set, "" for none.
        text: The whole text.
    """

    items: tuple["Answer", ...]
    brackets: str
    text: str


@dataclass(frozen=True)
class Named:
    """A value with names: the right side of "x =", of "A = B =" or of "x in".

    Attributes:
        names: The names.
        value: The value.
        text: The whole text.
    """

    names: tuple[str, ...]
    value: "Answer"
    text: str


@dataclass(frozen=True)
class Chain:
    """Values between equality signs. If they are equal, the answer is the last of them."""

    values: tuple["Answer", ...]


@dataclass(frozen=True)
class Ratio:
    """A ratio such as 3:4, or a time.

    Attributes:
        parts: The numbers.
        time: Whether it looks like a time.
        zero: Whether a number has a leading zero.
    """

    parts: tuple[Fraction, ...]
    time: bool
    zero: bool


Answer = Quantity | Words | Listing | Named | Chain | Ratio

"""A section of the report: a figure with a sentence, or the reason why it is left out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from matplotlib.figure import Figure

from mixopt.errors import StrategyError

Shown = tuple[Figure, str]


class LeftOut(Exception):
    """A figure has no data; the message is the reason."""


@dataclass(frozen=True)
class Section:
    """One section.

    Attributes:
        key: its anchor.
        title: its heading.
        words: the sentence, or the reason.
        figure: None if it is left out.
    """

    key: str
    title: str
    words: str
    figure: Figure | None = None

    @classmethod
    def of(cls, key: str, title: str, show: Callable[..., Shown], *about: Any) -> "Section":
        """Make the section of what `show` returns, or of the reason why it cannot."""
        try:
            figure, words = show(*about)
        except (LeftOut, StrategyError) as reason:
            return cls(key, title, str(reason))
        return cls(key, title, words, figure)


def need(holds: bool, reason: str) -> None:
    """Leave a figure out with a reason unless a condition holds.

    Raises:
        LeftOut: it does not hold.
    """
    if not holds:
        raise LeftOut(reason)

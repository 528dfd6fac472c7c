"""Counts: whole numbers from 1 on, as sizes of domains, steps, and mixtures of a design are; and counted things."""

from numbers import Integral


def is_count(value: object) -> bool:
    """Whether a value, of Python or numpy, is a whole number from 1 on."""
    return isinstance(value, Integral) and not isinstance(value, bool) and int(value) >= 1


def counted(count: int, noun: str) -> str:
    """So many of a thing: "1 test", "2 tests"."""
    return f"{count} {noun}{'' if count == 1 else 's'}"

"""Parser of linear constraints: "math + science <= 0.5", "2*math - coco >= 0.1", "math <= science".

Both sides are sums of numbers, domains, and numbers times domains. The name of a domain may contain letters, digits,
`_`, `-` and `.`, so a minus between two names needs spaces around it.
"""

import re
from collections.abc import Sequence

import numpy as np

from mixopt.errors import SpaceError, did_you_mean
from mixopt.typing import FloatArray

NUMBER = r"(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?![\w.])"
NAME_ENDS = r"(?![\w.-])"


def inequalities(constraints: Sequence[str], domains: Sequence[str]) -> tuple[FloatArray, FloatArray]:
    """Read constraints as inequalities a w <= b.

    Args:
        constraints: k of them, as text.
        domains: names of the m domains.

    Returns:
        a (k, m) and b (k,), each row scaled so that its largest coefficient is 1 in size.

    Raises:
        SpaceError: a constraint that cannot be read; the message names it and how to fix it.
    """
    names = "|".join(re.escape(name) for name in sorted(domains, key=len, reverse=True))
    name = rf"(?:{names}){NAME_ENDS}"
    term = re.compile(rf"\s*([+-])?\s*(?:({name})|({NUMBER})(?:\s*\*?\s*({name}))?)\s*")
    rows = [_inequality(constraint, list(domains), term) for constraint in constraints]
    table = np.array(rows, dtype=float).reshape(len(rows), len(domains) + 1)
    return table[:, :-1], table[:, -1]


def _inequality(constraint: str, domains: list[str], term: re.Pattern[str]) -> FloatArray:
    """The m coefficients and the right-hand side of `... <= ...`, (m + 1,)."""
    if not isinstance(constraint, str):
        raise SpaceError(f"constraint {constraint!r} must be text, such as 'math + science <= 0.5'")
    sides = re.split("(<=|>=)", constraint)
    if len(sides) != 3:
        raise SpaceError(f"constraint {constraint!r} must have one <= or >=: write it as in 'math + science <= 0.5'")
    left, right = (_side(text, constraint, domains, term) for text in sides[::2])
    difference = left - right if sides[1] == "<=" else right - left
    size = np.abs(difference[:-1]).max()
    if size == 0 or not np.isfinite(size):
        raise SpaceError(
            f"constraint {constraint!r} must leave a finite, nonzero coefficient when both sides are combined: fix it, "
            "or drop it"
        )
    return np.append(difference[:-1], -difference[-1]) / size + 0.0


def _side(text: str, constraint: str, domains: list[str], term: re.Pattern[str]) -> FloatArray:
    """The m coefficients and the constant of one side, (m + 1,)."""
    total, place = np.zeros(len(domains) + 1), 0
    while place < len(text) or place == 0:
        found = term.match(text, place)
        if found is None or (place > 0 and found[1] is None):
            word = re.search(r"[A-Za-z][\w.-]*", text[place:])
            close = did_you_mean(word[0], domains) if word else ""
            raise SpaceError(
                f"constraint {constraint!r} cannot be read at {text[place:].strip()!r}: give sums of domains "
                f"({', '.join(domains)}) and numbers, with spaces around a minus{close}"
            )
        domain = found[2] or found[4]
        factor = float((found[1] or "") + (found[3] or "1"))
        total[domains.index(domain) if domain else -1] += factor
        place = found.end()
    return total

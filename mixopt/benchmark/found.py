"""How many evaluations a method needs to find a good mixture and keep it.

Good is one of the best measured runs of a pool, or any mixture within the problem's tolerance of the best.
"""

from collections.abc import Iterable, Mapping
from typing import Any

Outcome = Mapping[str, Any]


def good_place(rows: int, part: int) -> int:
    """Return the last place that counts: 1 (the best row) for part = 1, the best hundredth for 100."""
    return 1 if part == 1 else max(1, rows // part)


def found_after(outcome: Outcome, which: str, part: int) -> int | None:
    """Return after how many evaluations a run had a good enough row and kept it, or None.

    Args:
        outcome: what `run_job` returned on a pool.
        which: "seen" for the best row evaluated, "own" for the row that the method recommends.
        part: 1 for the best row, 100 for the best hundredth.
    """
    last = good_place(outcome["rows"], part)
    return _kept_from((place["n"], place[which] <= last) for place in outcome["places"])


def within_after(outcome: Outcome) -> int | None:
    """Return after how many evaluations all recommendations were within the tolerance, or None."""
    tolerance = outcome["tolerance"]
    return _kept_from((gap["n"], gap["own"] <= tolerance) for gap in outcome["gaps"])


def _kept_from(states: Iterable[tuple[int, bool]]) -> int | None:
    """Return the first n from which on all states are good."""
    first = None
    for n, good in states:
        first = (n if first is None else first) if good else None
    return first

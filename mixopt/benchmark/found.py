"""What the results on pools say: how soon a method has found the best of the measured runs."""

from collections.abc import Mapping
from typing import Any


def good_place(rows: int, part: int) -> int:
    """The last place that counts: 1 for part = 1 (the best row), the best hundredth, at least one row, for 100."""
    return 1 if part == 1 else max(1, rows // part)


def found_after(outcome: Mapping[str, Any], which: str, part: int) -> int | None:
    """After how many evaluations a run had a good enough row and kept it, or None.

    Args:
        outcome: what `run_job` gave on a pool.
        which: "seen" for the best row evaluated, "own" for the row that the method recommends.
        part: 1 for the best row, 100 for the best hundredth.
    """
    first = None
    for place in outcome["places"]:
        if place[which] > good_place(outcome["rows"], part):
            first = None
        elif first is None:
            first = int(place["n"])
    return first

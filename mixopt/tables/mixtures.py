"""Normalise weights read from a file: sums within rounding of 1, or any sum where the user asks for it."""

import math
from collections.abc import Sequence

from mixopt.errors import TableError
from mixopt.tables.column_detection import ROUNDING, few

EXACT = 1e-9  # a sum this near is left as it is

Placed = tuple[str, dict[str, float]]  # where a row stands, and its weights by domain


def on_simplex(rows: Sequence[Placed], normalize: bool) -> list[dict[str, float]]:
    """Return the rows' weights, each row summing to 1.

    Args:
        rows: locations, and weights by domain.
        normalize: divide each row by its sum, whatever the sum is.

    Raises:
        TableError: a weight is negative, or a sum is not 1; the message names the rows.
    """
    if bad := [(where, weights) for where, weights in rows if min(weights.values()) < 0]:
        domain, weight = min(bad[0][1].items(), key=lambda item: item[1])
        raise TableError(
            f"{_places(bad)}: {domain} is {weight:g}, and weights are at least 0: fix the rows, or name the domains "
            "with --domains"
        )
    sums = [sum(weights.values()) for _, weights in rows]
    least, most = (0.0, math.inf) if normalize else (1 - ROUNDING, 1 + ROUNDING)
    if bad := [row for row, total in zip(rows, sums) if not least < total < most]:
        total = sum(bad[0][1].values())
        even = max(sums) - min(sums) <= ROUNDING * max(sums)  # such as percents, and no setting of the runs among them
        raise TableError(
            f"{_places(bad)}: the weights of {few(bad[0][1])} sum to {total:.4g}: fix the rows, or name the "
            f"domains with --domains{', and --normalize beside it' if even else ''}"
        )
    return [
        weights
        if abs(total - 1) <= EXACT and max(weights.values()) <= 1
        else {name: weight / total for name, weight in weights.items()}
        for (_, weights), total in zip(rows, sums)
    ]


def _places(rows: Sequence[Placed]) -> str:
    """Return the locations of rows: `runs.csv line 3, 7 and 2 more`."""
    first, rest = rows[0][0], [where.rpartition(" ")[2] for where, _ in rows[1:]]
    more = f" and {len(rest) - 4} more" if len(rest) > 4 else ""
    return ", ".join([first, *rest[:4]]) + more

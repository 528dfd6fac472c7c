"""Print how well surrogates predict the unseen runs of several tables: as one Markdown table, or as JSON."""

import math
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from mixopt.benchmark.estimates import Estimate
from mixopt.benchmark.surrogates import DRAWS, SIZES, Prediction


def prediction_lines(predictions: Iterable[Prediction]) -> Iterator[str]:
    """Return a row for each table and surrogate, line by line as they come."""
    columns = (f"R² after {' / '.join(map(str, SIZES))}", "rank correlation", "in 90 % interval")
    yield f"unseen mixtures after {', '.join(map(str, SIZES))} random ones, mean ± standard error of {DRAWS} draws:"
    yield ""
    yield f"| table | surrogate | {' | '.join(columns)} |"
    yield "|" + "---|" * (2 + len(columns))
    for (table, surrogate), group in groupby(predictions, key=lambda p: (p.table, p.surrogate)):
        found = list(group)
        r2 = " / ".join(p.r2.rounded(2) if p.r2 else "-" for p in found)
        rank = " / ".join(p.rank.rounded(2) if p.rank else "-" for p in found)
        coverage = " / ".join(f"{p.coverage.mean:.0%}" if p.coverage else "-" for p in found)
        unfit = next((f" ({p.unfit})" for p in found if p.unfit), "")
        yield f"| {table} | {surrogate} | {r2}{unfit} | {rank} | {coverage} |"


def predictions_document(predictions: Iterable[Prediction]) -> dict[str, Any]:
    """Return the document of `surrogate compare --tables`."""
    rows = [
        {
            "table": p.table,
            "name": p.surrogate,
            "seen": p.n,
            "r2": _pair(p.r2),
            "rank_correlation": _pair(p.rank),
            "coverage": _pair(p.coverage),
            "unfit": p.unfit or None,
        }
        for p in predictions
    ]
    return {"draws": DRAWS, "predictions": rows}


def _pair(estimate: Estimate | None) -> list[float] | None:
    """Return a mean and its standard error; None for NaN, which JSON does not have."""
    return None if estimate is None or math.isnan(estimate.mean) else [estimate.mean, estimate.se]

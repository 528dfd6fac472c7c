"""Export the results as a tidy CSV file.

It has a row for every checkpoint of every job, and for every evaluation of a problem with rows or a tolerance.
"""

import csv
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from mixopt.benchmark.job import Job

COLUMNS = (
    *("problem", "method", "seed", "version", "n", "regret_common", "regret_own"),
    *("own_score", "own_mean", "own_low", "own_high", "ask_seconds", "place_seen", "place_own", "gap_own"),
)


def write_csv(path: Path, done: Mapping[Job, Mapping[str, Any]]) -> None:
    """Write all checkpoints; a cell is empty if there is no such number."""
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, lineterminator="\n")
        writer.writeheader()
        for job, outcome in sorted(done.items(), key=lambda item: (item[0].problem, item[0].method, item[0].seed)):
            rows: dict[int, dict[str, Any]] = {
                checkpoint["n"]: dict(checkpoint) for checkpoint in outcome["checkpoints"]
            }
            for place in outcome.get("places", []):
                rows.setdefault(place["n"], {"n": place["n"]})
                rows[place["n"]] |= {"place_seen": place["seen"], "place_own": place["own"]}
            for gap in outcome.get("gaps", []):
                rows.setdefault(gap["n"], {"n": gap["n"]})
                rows[gap["n"]] |= {"gap_own": gap["own"]}
            for _, row in sorted(rows.items()):
                head = {
                    "problem": job.problem,
                    "method": job.method,
                    "seed": job.seed,
                    "version": outcome.get("version"),
                }
                writer.writerow(head | {key: _short(value) for key, value in row.items()})


def _short(value: Any) -> Any:
    return f"{value:.6g}" if isinstance(value, float) else value

"""Old runs from files, whoever wrote them; what is what is seen by the columns.

ours       what `mixopt study export` writes: w:DOMAIN, test:TEST, in_score, out_score, value, evaluations
W&B        an export of runs: config columns weights.DOMAIN or config.weights.DOMAIN; unfinished runs are left out
two files  the mixtures, and the scores of the same runs: RegMix's (joined by `index`) and Olmix's (by `run` or
           `run_id`)
any CSV    a column a domain, and columns of scores
long       any of these with a column `step`: a row a run and evaluation step (steps.py)
"""

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mixopt.errors import TableError
from mixopt.exchange.cells import INDEX, RUN_IDS, Cells, Row, joined, read_cells
from mixopt.exchange.choosing import Columns, Said, choose
from mixopt.exchange.columns import ROUNDING, clean, few
from mixopt.exchange.judging import Scores
from mixopt.exchange.steps import Placed, steps_by_run
from mixopt.past import ENQUEUED_STRATEGY, EVALUATIONS
from mixopt.runs import STRATEGIES

FINISHED = ("complete", "finished")  # ours and W&B's
EXACT = 1e-9  # a sum this near is left as it is


@dataclass(frozen=True)
class OldRun:
    """A run as a file has it: where, what it is called, weights by domain, scores by column (the last, not NaN),
    and by step and test where the file has them."""

    where: str
    label: str
    strategy: str
    weights: dict[str, float]
    scores: dict[str, float]
    by_step: dict[int, Scores]


@dataclass(frozen=True)
class OldRuns:
    """Runs, the columns of their scores, the columns of numbers that are nothing, and how many rows were left out, by
    the reason; columns by the names that they have here, where these differ; how many rows stand more than once."""

    domains: list[str]
    scores: list[str]
    runs: list[OldRun]
    unused: list[str]
    left_out: Counter[str]
    renamed: dict[str, str]
    repeated: int

    @property
    def ends(self) -> Counter[int]:
        """How many runs ended at which step, where the file says."""
        return Counter(max(run.by_step) for run in self.runs if run.by_step)


def read_old_runs(
    paths: Sequence[Path],
    value: str | None = None,
    domains: Sequence[str] | None = None,
    *,
    known_domains: Sequence[str] = (),
    known_scores: Sequence[str] = (),
    minimize: bool | None = None,
    normalize: bool = False,
) -> OldRuns:
    """Read one file, or the mixtures and the scores of the same runs from two.

    Args:
        value, domains: the columns of the score and of the weights; without them what is seen to be (columns.py).
        known_domains, known_scores: those of the study that the runs are for, by which columns are seen.
        minimize: smaller scores are better: they are negated, and called minus_NAME.
        normalize: divide every row's weights by their sum, whatever it is.

    Raises:
        TableError: a file, a column, a number or a row cannot be used; one line with file, line and mend.
    """
    if len(paths) > 2:
        raise TableError(f"{len(paths)} files: give one, or two: the mixtures, and the scores of the same runs")
    files = [read_cells(path) for path in paths]
    cells, lost = (files[0], 0) if len(files) == 1 else joined(*files)
    columns = choose(files, cells, Said(value, domains, known_domains, known_scores, minimize, normalize))
    rows, left_out = _scored(cells, columns)
    left_out += Counter({"in one file only": lost})
    if not rows:
        why = ", ".join(f"{reason} {count}" for reason, count in left_out.items())
        mend = "name its column by --value" if value is None else "fill it in"
        raise TableError(f"{paths[0]}: has no finished run with a score ({why}): {mend}")
    runs = _on_simplex([_run(where, row, columns) for where, row in rows], normalize)
    same = Counter(tuple(str(row[name]) for name in cells.columns if name not in INDEX) for _, row in rows)
    return OldRuns(
        [clean(column) for column in columns.weights],
        [columns.called(column) for column in columns.scores],
        _merged(rows, runs, columns.step) if columns.step else runs,
        columns.unused,
        left_out,
        columns.renamed,
        sum(count > 1 for count in same.values()),
    )


def _scored(cells: Cells, columns: Columns) -> tuple[list[Placed], Counter[str]]:
    """The rows of finished runs that have a score, and how many others there are, by the reason."""
    rows, left_out = [], Counter[str]()
    for where, row in cells.rows:
        state = str(row.get("state") or row.get("State") or FINISHED[0]).lower()
        if state not in FINISHED:
            left_out[f"state {state}"] += 1
        elif not _scores(where, row, columns):
            left_out["no score"] += 1
        else:
            rows.append((where, row))
    return rows, left_out


def _run(where: str, row: Row, columns: Columns) -> OldRun:
    """A row as a run; an empty cell of a weight is a domain that the run did not have."""
    cells = {clean(column): Cells.number(where, row, column) for column in columns.weights}
    weights = {name: 0.0 if math.isnan(weight) else weight for name, weight in cells.items()}
    strategy = row.get("strategy") if row.get("strategy") in STRATEGIES else ENQUEUED_STRATEGY
    scores = _scores(where, row, columns)
    return OldRun(where, _label(where, row), str(strategy), weights, scores, _by_step(where, row))


def _scores(where: str, row: Row, columns: Columns) -> dict[str, float]:
    sign = -1.0 if columns.smaller else 1.0
    cells = {columns.called(column): sign * Cells.number(where, row, column) for column in columns.scores}
    return {name: score for name, score in cells.items() if not math.isnan(score)}


def _label(where: str, row: Row) -> str:
    said = row.get("label") or next((row[name] for name in reversed(RUN_IDS) if row.get(name)), None)
    return str(said) if said else "line:" + where.rpartition(" ")[2]


def _by_step(where: str, row: Row) -> dict[int, Scores]:
    """Step -> test -> score, which ours may have as JSON."""
    try:
        said: dict[str, Any] = json.loads(row.get(EVALUATIONS) or "{}")
        return {int(step): dict(scores) for step, scores in said.items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise TableError(f"{where}: {EVALUATIONS} is not step -> test -> score in JSON: drop the column") from None


def _merged(rows: Sequence[Placed], runs: Sequence[OldRun], column: str) -> list[OldRun]:
    """The runs of a long table, of one a row: each is its last step's, with the scores of all its steps."""
    by_run = steps_by_run(rows, [tuple(run.weights.values()) for run in runs], column)
    return [
        replace(runs[steps[max(steps)]], by_step={step: runs[i].scores for step, i in steps.items()})
        for steps in by_run
    ]


def _on_simplex(runs: list[OldRun], normalize: bool) -> list[OldRun]:
    """The runs with weights that sum to 1."""
    bad = [run for run in runs if min(run.weights.values()) < 0]
    if bad:
        domain, weight = min(bad[0].weights.items(), key=lambda item: item[1])
        raise TableError(
            f"{_places(bad)}: {domain} is {weight:g}, and weights are at least 0: mend the rows, or name the domains "
            "with --domains"
        )
    sums = [sum(run.weights.values()) for run in runs]
    least, most = (0.0, math.inf) if normalize else (1 - ROUNDING, 1 + ROUNDING)
    bad = [run for run, total in zip(runs, sums) if not least < total < most]
    if bad:
        total = sum(bad[0].weights.values())
        even = max(sums) - min(sums) <= ROUNDING * max(sums)  # such as percents, and no setting of the runs among them
        raise TableError(
            f"{_places(bad)}: the weights of {few(bad[0].weights)} sum to {total:.4g}: mend the rows, or name the "
            f"domains with --domains{', and --normalize beside it' if even else ''}"
        )
    return [run if abs(total - 1) <= EXACT else _divided(run, total) for run, total in zip(runs, sums)]


def _divided(run: OldRun, total: float) -> OldRun:
    return replace(run, weights={name: weight / total for name, weight in run.weights.items()})


def _places(runs: Sequence[OldRun]) -> str:
    """Where rows stand: `runs.csv lines 3, 7 and 2 more`."""
    first, rest = runs[0].where, [run.where.rpartition(" ")[2] for run in runs[1:]]
    more = f" and {len(rest) - 4} more" if len(rest) > 4 else ""
    return ", ".join([first, *rest[:4]]) + more

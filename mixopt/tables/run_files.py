"""Read old runs from files of any origin; the columns tell what each file is.

mixopt     what `mixopt study export` writes: w:DOMAIN, test:TEST, in_score, out_score, value, evaluations
W&B        an export of runs: config columns weights.DOMAIN or config.weights.DOMAIN; unfinished runs are left out
two files  the mixtures, and the scores of the same runs: RegMix's (joined by `index`) and Olmix's (by `run` or
           `run_id`)
any CSV    one column for each domain, and columns of scores
JSON lines one object for each run, with a name for each column
long       any of these with a column of the step: one row for each run and evaluation step (long_tables.py)
"""

import json
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from mixopt.errors import TableError
from mixopt.history.keys import EVALUATIONS
from mixopt.history.runs import IMPORTED_STRATEGY, STRATEGIES
from mixopt.history.scores import Scores
from mixopt.tables.cells import Cells, Row, joined
from mixopt.tables.column_choice import Columns, TableOptions, choose
from mixopt.tables.column_detection import clean
from mixopt.tables.finished_rows import finished_rows
from mixopt.tables.long_tables import Placed, refuse_rows_of_one_run, step_column, steps_by_run
from mixopt.tables.mixtures import on_simplex
from mixopt.tables.run_columns import INDEX, STEPS, Apart, counts_steps, ids_among, is_seed
from mixopt.tables.tabular_files import read_cells
from mixopt.text import plain_line


@dataclass(frozen=True, slots=True)
class OldRun:
    """One run of a file.

    Attributes:
        where: its file and line.
        label: what it is called.
        name: its own name and training seed, which distinguish it from other runs of its mixture; None where the file
            has neither.
        weights: by domain.
        scores: by column, at the last step, without NaN.
        by_step: step -> test -> score, where the file has them.
        end: the step of its last row in a long table, or another count that the table has.
    """

    where: str
    label: str
    name: str | None
    strategy: str
    weights: dict[str, float]
    scores: dict[str, float]
    by_step: dict[int, Scores]
    end: float | None = None


@dataclass(frozen=True)
class OldRuns:
    """The runs of a file, and what was understood about its columns.

    Attributes:
        domains, scores: by their names in the study.
        goal: the score that `value` named; None without `value`.
        unused: the columns of numbers that are not used.
        left_out: how many rows are not runs, by reason.
        renamed: {column: name} where the name in the study differs; `turned` are negated tests, also by their new
            names.
        repeated: how many rows occur more than once.
        said: how rows became runs, where the step's column is not called `step`; else "".
    """

    domains: list[str]
    scores: list[str]
    goal: str | None
    runs: list[OldRun]
    unused: list[str]
    left_out: Counter[str]
    renamed: dict[str, str]
    turned: dict[str, str]
    repeated: int
    note: str

    @property
    def tests(self) -> list[str]:
        """The scores beside the one that `value` named."""
        return [name for name in self.scores if self.goal is not None and name != self.goal]

    @property
    def ends(self) -> Counter[float]:
        """How many runs end at each step, where the file has steps."""
        by_step = (max(run.by_step, default=None) for run in self.runs)
        ends = (end if run.end is None else run.end for run, end in zip(self.runs, by_step))
        return Counter(end for end in ends if end is not None)


def read_old_runs(
    paths: Sequence[Path],
    value: str | None = None,
    domains: Sequence[str] | None = None,
    *,
    tests: Sequence[str] = (),
    known_domains: Sequence[str] = (),
    known_scores: Sequence[str] = (),
    minimize: bool | None = None,
    normalize: bool = False,
) -> OldRuns:
    """Read the runs of one file, or the mixtures and the scores of the same runs from two files.

    Args:
        paths: one or two files.
        value: the column of the score. Default: found by column_detection.py, as for the next.
        domains: the columns of weights.
        tests: with `value`, other columns of scores, or patterns such as `eval/*`; a test of which smaller is better is
            negated and called minus_NAME.
        known_domains: the domains of the study that the runs are for, which help to find the columns.
        known_scores: the scores of that study.
        minimize: whether smaller scores are better; they are negated and called minus_NAME.
        normalize: divide each row's weights by their sum, whatever the sum is.

    Raises:
        TableError: a file, a column, a number or a row cannot be used; one line with file, line and fix.
    """
    if len(paths) > 2:
        raise TableError(f"{len(paths)} files: give one, or two: the mixtures, and the scores of the same runs")
    files = [read_cells(path) for path in paths]
    cells, lost = (files[0], 0) if len(files) == 1 else joined(*files)
    columns = choose(
        files, cells, TableOptions(value, domains, tests, known_domains, known_scores, minimize, normalize)
    )
    goal = columns.called(columns.scores[0]) if value is not None else None
    finished, left_out = finished_rows(cells, (*columns.weights, *columns.scores))
    runs_of = cells if len(finished) == len(cells.rows) else replace(cells, rows=finished)
    scores = _scores(runs_of, columns)
    scored = [i for i, found in enumerate(scores) if (goal in found if goal is not None else found)]
    rows, scores = [finished[i] for i in scored], [scores[i] for i in scored]
    left_out += Counter({"no score": len(finished) - len(rows), "in one file only": lost})
    if not rows:
        why = ", ".join(f"{reason} {count}" for reason, count in left_out.items())
        fix = "name its column by --value" if value is None else "fill it in"
        raise TableError(f"{paths[0]}: has no finished run with a score ({why}): {fix}")
    apart = _apart(rows, columns)
    shares = _weights(runs_of if len(rows) == len(finished) else replace(cells, rows=rows), columns)
    weights = on_simplex([(where, of_it) for (where, _), of_it in zip(rows, shares, strict=True)], normalize)
    runs = [_run(*row, *found, apart) for row, found in zip(rows, zip(weights, scores, strict=True), strict=True)]
    mixtures = [tuple(of_it.values()) for of_it in weights]
    step = step_column(rows, mixtures, columns.steps, apart)
    if step is None:
        refuse_rows_of_one_run(rows, mixtures, [*columns.weights, *columns.scores], apart)
    else:
        cells.refuse_doubtful([step])
    merged = _merged(rows, runs, step, apart) if step else runs
    same = Counter(tuple(str(row[name]) for name in cells.columns if name not in INDEX) for _, row in rows)
    return OldRuns(
        [clean(column) for column in columns.weights],
        [columns.called(column) for column in columns.scores],
        goal,
        merged,
        [name for name in columns.unused if name != step],
        left_out,
        columns.renamed,
        {name: columns.called(name) for name in columns.scores[1:] if value is not None and name in columns.smaller},
        sum(count > 1 for count in same.values()),
        f"{len(rows)} rows are {len(merged)} run{'s' * (len(merged) > 1)}: `{step}` is the step of a row"
        if step not in (None, *STEPS)
        else "",
    )


def _weights(cells: Cells, columns: Columns) -> list[dict[str, float]]:
    """Return the rows' weights as written; an empty cell is a domain that the run did not use."""
    names = [clean(column) for column in columns.weights]
    shares = np.nan_to_num(np.column_stack([cells.numbers(column) for column in columns.weights]))
    return [dict(zip(names, row)) for row in shares.tolist()]


def _apart(rows: Sequence[Placed], columns: Columns) -> Apart:
    """Return the columns that distinguish runs; a column with the same value for all mixtures does not."""
    used = {*columns.weights, *columns.scores}
    names = [name for name in rows[0][1] if name not in used]
    mixtures = {tuple(str(row[name]) for name in columns.weights) for _, row in rows}
    ids = [name for name in ids_among(names) if len(mixtures) == 1 or len({str(row[name]) for _, row in rows}) > 1]
    return Apart(ids, [name for name in names if is_seed(name)])


def _run(where: str, row: Row, weights: dict[str, float], scores: dict[str, float], apart: Apart) -> OldRun:
    """Return a row as a run."""
    strategy = row.get("strategy") if row.get("strategy") in STRATEGIES else IMPORTED_STRATEGY
    name = next((plain_line(str(row[name])) for name in reversed(apart.ids) if row[name] not in (None, "")), None)
    seeds = [plain_line(str(row[column])) for column in apart.seeds if row[column] not in (None, "")]
    label = plain_line(str(row.get("label") or "")) or name or "line:" + where.rpartition(" ")[2]
    own = " ".join([*([name] if name else []), *(f"seed {seed}" for seed in seeds)])
    return OldRun(where, label, own or None, str(strategy), weights, scores, _by_step(where, row))


def _scores(cells: Cells, columns: Columns) -> list[dict[str, float]]:
    """Return the rows' known scores, larger ones better."""
    names = [columns.called(column) for column in columns.scores]
    found = [cells.numbers(name) * (-1 if name in columns.smaller else 1) for name in columns.scores]
    rows = np.column_stack(found).tolist()
    return [{name: score for name, score in zip(names, row) if not math.isnan(score)} for row in rows]


def _by_step(where: str, row: Row) -> dict[int, Scores]:
    """Return step -> test -> score, which mixopt's exports have as JSON."""
    try:
        by_step: dict[str, Any] = json.loads(row.get(EVALUATIONS) or "{}")
        return {int(step): dict(scores) for step, scores in by_step.items()}
    except (ValueError, TypeError, AttributeError, RecursionError):
        raise TableError(f"{where}: {EVALUATIONS} is not step -> test -> score in JSON: drop the column") from None


def _merged(rows: Sequence[Placed], runs: Sequence[OldRun], column: str, apart: Apart) -> list[OldRun]:
    """Return the runs of a long table, given one run for each row: the last step of each, with the scores of all steps.

    Only training steps from 1 on are kept; a table that counts epochs, or something else, has no known steps.
    """
    merged = []
    for steps in steps_by_run(rows, [tuple(run.weights.values()) for run in runs], column, apart):
        end = max(steps)
        by_step: dict[int, Scores] = {}
        if counts_steps(column):
            by_step = {int(step): runs[i].scores for step, i in steps.items() if step >= 1}
        whole = int(end) if end.is_integer() else end
        merged.append(replace(runs[steps[end]], by_step=by_step, end=whole))
    return merged

"""Long tables: one row for each run and evaluation step, with the step in a column.

Rows belong to one run if their weights, training seed and run names are equal. Two seeds of one mixture are two runs,
and so are two trials of one mixture and seed.
"""

import re
from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from mixopt.errors import TableError
from mixopt.tables.cells import Cells, Row
from mixopt.tables.run_columns import INDEX, STEPS, Apart, counts_steps

Placed = tuple[str, Row]  # a row, and where it stands
Weights = tuple[float, ...]

HAS_DIGIT = re.compile(r"[0-9]")
NUMBERED = re.compile(r"[A-Za-z][^0-9.]*([0-9]+)")  # such as checkpoint-500


def step_column(rows: Sequence[Placed], weights: Sequence[Weights], named: Sequence[str], apart: Apart) -> str | None:
    """Return the column of the evaluation step, or None if each row is a run.

    Raises:
        TableError: rows belong to one run, and no column can be their step.
    """
    if exact := next((column for column in named if column in STEPS), None):
        return exact
    several = [group for group in _runs(rows, weights, apart).values() if _differ(rows, group)]
    varying = [column for column in named if len({str(row[column]) for _, row in rows}) > 1]
    if not several:
        if varying:
            _refuse_numbered_rows(rows, weights, varying[0], apart)
        return None
    whole = [column for column in varying if _all_steps(rows, column)]
    return next(iter([*whole, *varying]), None)


def refuse_rows_of_one_run(
    rows: Sequence[Placed], weights: Sequence[Weights], used: Sequence[str], apart: Apart
) -> None:
    """Refuse rows that are read as one run each but may be steps of one run.

    They share a run's name, or a column that is not used for anything else counts them.

    Raises:
        TableError: names two such rows, and what to write.
    """
    runs = _runs(rows, weights, apart)
    groups = [group for group in runs.values() if _differ(rows, group)]
    for group in groups:
        first, second = rows[group[0]], rows[group[1]]
        name = next((str(first[1][column]) for column in reversed(apart.ids) if first[1][column]), None)
        if name is not None:
            raise TableError(
                f"{second[0]}: is of run {name!r} as {_line(first)} is: call the column of their steps `step`, or tell "
                "the runs apart by a column `seed` or by their names"
            )
    taken = {*used, *INDEX}
    for column in rows[0][1] if len(groups) > 1 else ():
        if column not in taken and _counts(rows, groups, column, len(groups) == len(runs)):
            first, second = (rows[i] for i in groups[0][:2])
            raise TableError(
                f"{second[0]}: has the mixture of {_line(first)}, and {column} {second[1][column]} for "
                f"{first[1][column]}: call {column} `step` if it counts the steps of a run, `seed` if it tells runs "
                "apart, and drop it if neither"
            )


def steps_by_run(
    rows: Sequence[Placed], weights: Sequence[Weights], column: str, apart: Apart
) -> list[dict[float, int]]:
    """Return, for each run in the order of the file, {step: row index} with rising steps.

    Args:
        rows: the table's rows with their locations.
        weights: of each row.
        column: the column that has the step.
        apart: the columns that distinguish runs of one mixture.

    Raises:
        TableError: a step is not a number, a run has a step twice, or an id names rows instead of runs.
    """
    steps = [_step(where, row, column) for where, row in rows]
    runs: dict[object, dict[float, int]] = {}
    for key, group in _runs(rows, weights, apart).items():
        run = runs.setdefault(key, {})
        for i in group:
            if steps[i] in run:
                raise TableError(
                    f"{rows[i][0]}: is step {steps[i]:.15g} of the run of {_line(rows[run[steps[i]]])} once more: drop "
                    "one, or distinguish runs of one mixture by a column `seed` or `run`"
                )
            run[steps[i]] = i
    if column in STEPS:
        for run in runs.values():
            if max(run) < 1:
                where, row = rows[run[max(run)]]
                raise _no_step(where, row, column)
    if len(runs) == len(rows):
        _refuse_numbered_rows(rows, weights, column, apart)
    return [dict(sorted(run.items())) for run in runs.values()]


def _refuse_numbered_rows(rows: Sequence[Placed], weights: Sequence[Weights], column: str, apart: Apart) -> None:
    """Refuse rows that only an id separates, where the id may number the rows."""
    firsts: dict[object, int] = {}
    for i, (where, row) in enumerate(rows):
        first = firsts.setdefault((weights[i], _cells(row, apart.seeds)), i)
        if str(row[column]) != str(rows[first][1][column]):
            differing = [name for name in apart.ids if row[name] != rows[first][1][name]]
            raise TableError(
                f"{where}: has the mixture of {_line(rows[first])} at another {'step' if column in STEPS else column}, "
                f"and another {', '.join(differing)}: drop that column if it numbers rows, and the column {column} if "
                "it numbers runs"
            )


def _runs(rows: Sequence[Placed], weights: Sequence[Weights], apart: Apart) -> dict[object, list[int]]:
    """Return the row indices of each run."""
    runs: dict[object, list[int]] = defaultdict(list)
    for i, (_, row) in enumerate(rows):
        runs[weights[i], _cells(row, apart.columns)].append(i)
    return dict(runs)


def _differ(rows: Sequence[Placed], group: Sequence[int]) -> bool:
    """Return whether there are several rows and they are not all equal."""
    return len({tuple(map(str, rows[i][1].values())) for i in group}) > 1


def _counts(rows: Sequence[Placed], groups: Sequence[Sequence[int]], column: str, throughout: bool) -> bool:
    """Return whether a column seems to count the rows of each run.

    Two runs have the same numbers, or the same texts with digits; or, where every run has several rows (`throughout`),
    whole numbers rise in each run and start again in the next.
    """
    try:
        found = [[Cells.number(*rows[i], column) for i in group] for group in groups]
    except TableError:
        texts = [[str(rows[i][1][column]) for i in group] for group in groups]
        each_once = all(len(set(run)) == len(run) and all(map(HAS_DIGIT.search, run)) for run in texts)
        return each_once and len({tuple(sorted(run)) for run in texts}) < len(texts)
    if any(len(set(run)) < len(run) or min(run) < 0 for run in found):
        return False
    whole = all(number.is_integer() for run in found for number in run)
    rise = all(low < high for run in found for low, high in pairwise(run))
    again = any(after[0] <= before[-1] for before, after in pairwise(found))
    same = len({tuple(sorted(run)) for run in found}) < len(found)
    return same or (whole and throughout and rise and again)


def _all_steps(rows: Sequence[Placed], column: str) -> bool:
    try:
        return all(_step(where, row, column) >= 0 for where, row in rows)
    except TableError:
        return False


def _step(where: str, row: Row, column: str) -> float:
    """Return a row's step; a count of something else, such as epochs, may be a fraction or 0."""
    cell = row[column]
    numbered = None if column in STEPS or not isinstance(cell, str) else NUMBERED.fullmatch(cell)
    step = float(numbered[1]) if numbered else Cells.number(where, row, column)
    if not (step >= 0 and (step.is_integer() or not counts_steps(column))):
        raise _no_step(where, row, column)
    return step


def _no_step(where: str, row: Row, column: str) -> TableError:
    problem = f"{column} is {row[column]!r}"
    return TableError(f"{where}: {problem}, not a whole number from 1 on: fix it, or drop the row")


def _cells(row: Row, columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(row[name]) for name in columns)


def _line(placed: Placed) -> str:
    """Return a row's location within its file."""
    return " ".join(placed[0].split(" ")[-2:])

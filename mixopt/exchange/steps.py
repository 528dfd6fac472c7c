"""Long tables: a row a run and evaluation step, which stands in a column of its own.

Rows are of one run where their weights, their training seed and all that names a run are equal. So two seeds of one
mixture are two runs, and so are two trials of one mixture and seed.
"""

from collections.abc import Sequence

from mixopt.errors import TableError
from mixopt.exchange.cells import RUN_IDS, SEEDS, Cells, Row

Placed = tuple[str, Row]  # a row, and where it stands
Weights = tuple[float, ...]


def steps_by_run(rows: Sequence[Placed], weights: Sequence[Weights], column: str) -> list[dict[int, int]]:
    """For each run, in the order of the file: step -> the index of its row, steps rising; `column` has the step.

    Raises:
        TableError: a step is no whole number from 1 on, or a run has it twice; an id names rows rather than runs.
    """
    steps = [_step(where, row, column) for where, row in rows]
    runs: dict[object, dict[int, int]] = {}
    for i, (where, row) in enumerate(rows):
        run = runs.setdefault((weights[i], _cells(row, SEEDS), _cells(row, RUN_IDS)), {})
        if steps[i] in run:
            raise TableError(
                f"{where}: is step {steps[i]} of the run of {_line(rows[run[steps[i]]])} once more: drop one, or "
                "tell runs of one mixture apart by a column `seed` or `run`"
            )
        run[steps[i]] = i
    if len(runs) == len(rows):
        _refuse_numbered_rows(rows, weights, steps, column)
    return [dict(sorted(run.items())) for run in runs.values()]


def _refuse_numbered_rows(
    rows: Sequence[Placed], weights: Sequence[Weights], steps: Sequence[int], column: str
) -> None:
    """Of rows that are a run each, refuse those that only an id keeps from being steps of one: it may be the row's."""
    firsts: dict[object, int] = {}
    for i, (where, row) in enumerate(rows):
        first = firsts.setdefault((weights[i], _cells(row, SEEDS)), i)
        if steps[i] != steps[first]:
            ids = [name for name in RUN_IDS if row.get(name) != rows[first][1].get(name)]
            raise TableError(
                f"{where}: has the mixture of {_line(rows[first])} at another step, and another {', '.join(ids)}: drop "
                f"that column if it numbers rows, and the column {column} if it numbers runs"
            )


def _step(where: str, row: Row, column: str) -> int:
    step = Cells.number(where, row, column)
    if not (step >= 1 and step.is_integer()):
        said = f"{column} is {row[column]!r}"
        raise TableError(f"{where}: {said}, not a whole number from 1 on: mend it, or drop the row")
    return int(step)


def _cells(row: Row, columns: Sequence[str]) -> tuple[str, ...]:
    return tuple(str(row.get(name)) for name in columns)


def _line(placed: Placed) -> str:
    """Where a row stands within its file."""
    return " ".join(placed[0].split(" ")[-2:])

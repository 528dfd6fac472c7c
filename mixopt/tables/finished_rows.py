"""Keep the rows of finished runs, and drop unfinished runs and rows that summarise others."""

import re
from collections import Counter
from collections.abc import Sequence

from mixopt.tables.cells import Cells, Row
from mixopt.tables.column_names import words_of
from mixopt.tables.run_columns import INDEX, ids_among

# States of runs, as ours, W&B, MLflow, Ray, Slurm and others write them.
FINISHED = {"complete", "completed", "finished", "success", "successful", "succeeded", "done", "terminated"}
UNFINISHED = set(
    "fail failed failure error crashed crash killed running pending queued scheduled waiting created submitted "
    "initializing starting pruned stopped stopping paused preempted preempting canceled cancelled aborted interrupted "
    "timeout oom lost unknown replaced forgotten".split()
)
_SUMMARY = re.compile(
    r"(mean|average|avg|std|stdev|std\.?[ _]?dev\.?|standard[ _]deviation|sd|sem|var|variance|min|max|minimum|maximum|"
    r"median|sum|total|count|overall|[0-9.]+ ?%|mean ?(±|\+/?-) ?(std|sd))s?:?",
    re.IGNORECASE,
)


def finished_rows(cells: Cells, but: Sequence[str]) -> tuple[list[tuple[str, Row]], Counter[str]]:
    """Return the rows of finished runs with their locations, and how many rows were left out, by reason.

    A column `state` or `status` counts only if its cells are states of runs. A row without a state is finished.

    Args:
        cells: the table.
        but: the columns of weights and scores, which are not searched for states or summaries.
    """
    rows, left_out = [], Counter[str]()
    used = {*but}
    texts = [name for name in cells.columns if name not in used]
    column = _state_column(cells, texts)
    names = dict.fromkeys([*ids_among(texts), *(name for name in texts if name in (*INDEX, cells.columns[0]))])
    for where, row in cells.rows:
        state = _word(row[column]) if column is not None else ""
        summary = next((row[name] for name in names if _SUMMARY.fullmatch(str(row[name] or "").strip())), None)
        if state and state not in FINISHED:
            left_out[f"state {state}"] += 1
        elif summary is not None:
            left_out[f"row `{summary}` sums up others"] += 1
        else:
            rows.append((where, row))
    return rows, left_out


def _state_column(cells: Cells, columns: Sequence[str]) -> str | None:
    """Return the column that holds the runs' states: at least half of its cells are words for one."""
    words = FINISHED | UNFINISHED
    for column in columns:
        if words_of(column)[-1:] not in (["state"], ["status"]):
            continue
        states = [state for _, row in cells.rows if (state := _word(row[column]))]
        if 0 < len(states) <= 2 * sum(state in words for state in states):
            return column
    return None


def _word(cell: object) -> str:
    return "" if cell is None else str(cell).strip().lower()

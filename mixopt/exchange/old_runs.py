"""Old runs from files, whoever wrote them; what is what is seen by the columns.

ours       what `mixopt study export` writes: w:DOMAIN, test:TEST, in_score, out_score, value, evaluations
W&B        an export of runs: config columns weights.DOMAIN or config.weights.DOMAIN; unfinished runs are left out
two files  the mixtures, and the scores of the same runs: RegMix's (joined by `index`) and Olmix's (by `run` or
           `run_id`)
any CSV    a column a domain, and columns of scores
"""

import json
import math
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from mixopt.errors import TableError
from mixopt.exchange.cells import INDEX, RUN_IDS, Row, joined, read_cells
from mixopt.exchange.columns import (
    bare,
    clean,
    has_prefix,
    named,
    score_columns,
    unused_columns,
    weight_columns,
)
from mixopt.exchange.judging import Scores
from mixopt.past import ENQUEUED_STRATEGY
from mixopt.runs import STRATEGIES
from mixopt.study import EVALUATIONS

FINISHED = ("complete", "finished")  # ours and W&B's
ROUNDING = 0.01  # weights in files are rounded: a sum this near 1 is made exactly 1
EXACT = 1e-9  # a sum this near is left as it is
SMALLER = re.compile(r"loss|perplexity|ppl|bpb|error", re.IGNORECASE)  # columns of which smaller is better


@dataclass(frozen=True)
class OldRun:
    """A run as a file has it: where, what it is called, weights by domain, scores by column (not NaN), and by step and
    test where the file has them."""

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
    cells = files[0] if len(files) == 1 else joined(*files)
    found = weight_columns(cells, files[0], value, known_domains)
    weights = [named(cells, name) for name in domains] if domains else found
    scores = [named(cells, value)] if value else score_columns(cells, files, weights, known_scores)
    if len(weights) < 2:
        raise TableError(f"{paths[0]}: has no two columns of weights: name them with --domains")
    if scores[0] in weights:
        raise TableError(f"column {scores[0]!r} is the score and no domain: take it out of the domains")
    unused = unused_columns(files[0], weights, scores, known_scores)
    if normalize and not (domains or known_domains or has_prefix(weights)):
        raise TableError(
            f"{paths[0]}: are {_few(weights)} all weights? --normalize divides by their sum: say --domains, such as "
            f"--domains {','.join(weights[:2])}"
        )
    if normalize and not domains and (lost := [name for name in unused if not files[0].is_zero(name)]):
        raise TableError(f"{paths[0]}: is {_few(lost)} a weight? The study has no such domain: say --domains")
    for name in scores:
        if minimize is None and SMALLER.search(name):
            raise TableError(f"{paths[-1]}: column {name!r} looks as if smaller were better: --minimize, or --maximize")
    sign, prefix = (-1.0, "minus_") if minimize else (1.0, "")
    if len({clean(name) for name in scores}) < len(scores):
        raise TableError(f"two scores come to one name: {', '.join(scores)}: rename a column")
    runs, left_out, seen = [], Counter[str](), Counter[tuple[str, ...]]()
    for where, row in cells.rows:
        state = str(row.get("state") or row.get("State") or FINISHED[0]).lower()
        cell = {column: cells.number(where, row, column) for column in scores}
        known = {prefix + clean(column): sign * score for column, score in cell.items() if not math.isnan(score)}
        if state not in FINISHED:
            left_out[f"state {state}"] += 1
        elif not known:
            left_out["no score"] += 1
        else:
            seen[tuple(str(row[name]) for name in cells.columns if name not in INDEX)] += 1
            mixture = {column: cells.number(where, row, column) for column in weights}
            strategy = row.get("strategy") if row.get("strategy") in STRATEGIES else ENQUEUED_STRATEGY
            runs.append(OldRun(where, _label(where, row), str(strategy), _named(mixture), known, _by_step(where, row)))
    if not runs:
        why = ", ".join(f"{reason} {count}" for reason, count in left_out.items())
        raise TableError(f"{paths[0]}: has no finished run with a score ({why}): name its column by --value")
    return OldRuns(
        [clean(column) for column in weights],
        [prefix + clean(column) for column in scores],
        _on_simplex(runs, normalize),
        unused,
        left_out,
        {column: clean(column) for column in (*weights, *scores) if clean(column) != bare(column)},
        sum(count > 1 for count in seen.values()),
    )


def _named(weights: dict[str, float]) -> dict[str, float]:
    """Weights by the domain's name; an empty cell is a domain that the run did not have."""
    by_name = {clean(column): 0.0 if math.isnan(weight) else weight for column, weight in weights.items()}
    if len(by_name) < len(weights) or "" in by_name:
        raise TableError(f"two domains come to one name: {', '.join(weights)}: rename a column")
    return by_name


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


def _on_simplex(runs: list[OldRun], normalize: bool) -> list[OldRun]:
    """The runs with weights that sum to 1."""
    bad = [run for run in runs if min(run.weights.values()) < 0]
    if bad:
        raise TableError(f"{_places(bad)}: a weight is below 0: mend the rows, or name the domains with --domains")
    sums = [sum(run.weights.values()) for run in runs]
    least, most = (0.0, math.inf) if normalize else (1 - ROUNDING, 1 + ROUNDING)
    bad = [run for run, total in zip(runs, sums) if not least < total < most]
    if bad:
        total = sum(bad[0].weights.values())
        even = max(sums) - min(sums) <= ROUNDING * max(sums)  # such as percents, and no setting of the runs among them
        raise TableError(
            f"{_places(bad)}: the weights of {_few(bad[0].weights)} sum to {total:.4g}: mend the rows, or name the "
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


def _few(names: Iterable[str]) -> str:
    first, rest = list(names)[:4], list(names)[4:]
    return ", ".join(first) + (f" and {len(rest)} more" if rest else "")

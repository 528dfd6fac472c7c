"""Detect which columns of a table hold weights and scores."""

import re
from collections.abc import Iterable, Sequence

import numpy as np

from mixopt.errors import TableError
from mixopt.history.keys import IN_SCORE, OUT_SCORE
from mixopt.tables.cells import Cells
from mixopt.tables.run_columns import is_place, is_step

WEIGHT_PREFIXES = ("w:", "config.weights.", "weights.")  # ours, and W&B's
TEST_PREFIX = "test:"  # ours
OBJECTIVE = "value:"  # ours, of a study with several
MINUS = "minus_"  # begins the name of a score of which smaller was better
LISTED = 64  # columns that a message lists where one of them is to be named
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}")  # spec.base.Name
FUZZ = 1e-12  # of a sum of floats
ROUNDING = 0.01 + FUZZ  # weights in files are rounded: a sum this near 1, such as .99, is made exactly 1
SCORES = (IN_SCORE, OUT_SCORE, "value")  # ours
NOTES = re.compile(r"steps|seconds|draws:.*")  # columns of ours that are neither weights nor scores
OURS = ("state", "strategy", "label", "stopped")  # columns that files of ours have


def bare(column: str) -> str:
    """Return a column's name without mixopt's or W&B's prefix."""
    for prefix in (*WEIGHT_PREFIXES, TEST_PREFIX):
        column = column.removeprefix(prefix)
    return column


def clean(column: str) -> str:
    """Return a column's name as a valid name of a domain or test: invalid characters become `_`."""
    name = bare(column)
    return name if NAME.fullmatch(name) else re.sub(r"[^A-Za-z0-9.-]+", "_", name).lstrip("_.-")[:64].rstrip("_")


def has_prefix(weights: Sequence[str]) -> bool:
    """Return whether any column has a prefix that marks weights."""
    return any(column.startswith(WEIGHT_PREFIXES) for column in weights)


def named(cells: Cells, name: str) -> str:
    """Return the column of a name, or the first whose clean name it is.

    Raises:
        TableError: there is none.
    """
    if name in cells.columns:
        return name
    for column in cells.columns:
        if clean(column) == name:
            return column
    raise TableError(
        f"{cells.path}: has no column {name!r}: its columns are {few(filter(None, cells.columns), LISTED)}"
    )


def weight_columns(cells: Cells, first: Cells, value: str | None, known: Sequence[str]) -> list[str]:
    """Return the columns of weights: those with a prefix, else the known domains, else the numbers in the first file.

    Columns of scores, of zeros, and those that identify a run or a step are left out.

    Raises:
        TableError: a cell of such a column is not a number.
    """
    for prefix in WEIGHT_PREFIXES:
        if found := [column for column in cells.columns if column.startswith(prefix)]:
            return found
    if known and set(known) <= set(map(clean, cells.columns)):
        return [named(cells, name) for name in known]
    others = [name for name in first.columns if not (name in (*SCORES, value) or is_place(name))]
    for column in others:
        first.refuse_almost_number(column)
    return [name for name in others if first.is_number(name) and not (_is_counter(first, name) or first.is_zero(name))]


def unused_columns(first: Cells, weights: Sequence[str], scores: Sequence[str], known: Sequence[str]) -> list[str]:
    """Return the first file's columns of numbers that may be weights but were not chosen.

    There are none where the weights' columns have a prefix.
    """
    if has_prefix(weights):
        return []
    used = {*SCORES, *weights, *scores}
    others = [name for name in first.columns if name not in used and not is_place(name)]
    numbers = [name for name in others if first.is_number(name) and not _is_counter(first, name)]
    return [name for name in numbers if clean(name) not in known]


def left_columns(cells: Cells, weights: Sequence[str], scores: Sequence[str]) -> list[str]:
    """Return all columns of numbers that are neither weights nor scores, and that do not identify a run."""
    used = {*SCORES, *weights, *scores, *notes_among(cells)}
    others = (column for column in cells.columns if column not in used and not is_place(column))
    return [column for column in others if cells.is_number(column)]


def notes_among(cells: Cells) -> list[str]:
    """Return the columns that mixopt's own exports have beside weights and scores."""
    ours = set(OURS) <= set(cells.columns)
    return [column for column in cells.columns if ours and NOTES.fullmatch(column)]


def settings_among(cells: Cells, weights: Sequence[str]) -> list[str]:
    """Return the columns among `weights` that look like settings of a run, such as a learning rate.

    A column is a setting where the rows that sum to 1 (within ROUNDING) are as close to 1, or closer, without it. All
    rows count together: without a true domain the sums lack its weight, and rounding can hide that in some rows, not in
    most.
    """
    numbers = np.nan_to_num(np.column_stack([cells.numbers(name) for name in weights]))
    with np.errstate(over="ignore"):
        near = np.abs(numbers.sum(axis=1) - 1) <= ROUNDING
    rest = {name: column for name, column in zip(weights, numbers[near].T) if column.any()}
    settings = []
    while rest:
        off = np.sum(list(rest.values()), axis=0) - 1
        farther = {name: np.mean(np.abs(off - column) - np.abs(off)) for name, column in rest.items()}
        nearest = min(farther, key=farther.__getitem__)
        if farther[nearest] > FUZZ:
            break
        del rest[nearest]
        settings.append(nearest)
    return [name for name in weights if name in settings]


def _is_counter(cells: Cells, column: str) -> bool:
    """Return whether a column is a count, not a weight: named like a step, with whole numbers or numbers above 1."""
    if not is_step(column):
        return False
    numbers = cells.numbers(column)
    known = numbers[~np.isnan(numbers)]
    return bool((known == np.floor(known)).all() or known.max() > 1)


def score_columns(cells: Cells, files: Sequence[Cells], weights: Sequence[str], known: Sequence[str]) -> list[str]:
    """Return the columns of scores: mixopt's own, else the known scores, else all numbers of the second file.

    Raises:
        TableError: there are none.
    """
    used = {*weights}
    others = [column for column in cells.columns if column not in used and not is_place(column)]
    if ours := [column for column in others if column.startswith(TEST_PREFIX) or column in SCORES]:
        return ours
    if found := [column for column in others if clean(column) in known]:
        return found
    numbers = [column for column in others if cells.is_number(column) and not is_step(column)]
    if second := [column for column in numbers if len(files) == 2 and column in files[1].columns]:
        return second
    raise TableError(f"which column is the score? Give --value, one of {few([*numbers, *weights], LISTED)}")


def few(names: Iterable[str], most: int = 4) -> str:
    """Return the first names, joined for a message."""
    names = list(names)
    first, rest = names[:most], names[most:]
    return ", ".join(first) + (f" and {len(rest)} more" if rest else "")

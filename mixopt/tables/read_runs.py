"""`mixopt.read_runs`: the runs of a table as arrays, without a study."""

import warnings
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from mixopt.errors import SpaceError, TableError
from mixopt.history.runs import Runs
from mixopt.space.mixture_space import MixtureSpace


def read_runs(
    path: Path,
    value: str,
    domains: Sequence[str] | None = None,
    *,
    minimize: bool | None = None,
    normalize: bool = False,
) -> Runs:
    """Read the runs of a CSV, JSON, JSON lines or Parquet file, over the space of its domains without bounds.

    Weights that sum to 1 within .01 are taken as rounded and divided by their sum. Runs that did not finish or have no
    score are left out with a warning; another warning names outliers. In a long table, with one row for each run and
    evaluation step, the last row of each run counts.

    Args:
        path: the file.
        value: the column of the score.
        domains: the columns of weights (with or without `w:`), in this order. Default: the columns `w:NAME` if there
            are any (the domain is NAME), else all columns of numbers except the score, columns that name a run, and
            columns of zeros.
        minimize: whether smaller scores are better (a loss); then the runs' values are negated. Required, True or
            False, where the column's name suggests a loss.
        normalize: divide each row's weights by their sum, whatever the sum is.

    Returns:
        The runs, numbered from 0 in the order of the file, labelled by the file's names or by line.

    Raises:
        TableError: the file, a column, a number or a row cannot be used; one line with file, line and fix.
    """
    from mixopt.tables.far_off import far_off  # Optuna, as the next
    from mixopt.tables.run_files import read_old_runs

    old = read_old_runs([path], value, domains, minimize=minimize, normalize=normalize)
    if old.left_out:
        reasons = ", ".join(f"{reason} ({count})" for reason, count in old.left_out.items())
        warnings.warn(f"{path}: rows that are left out: {reasons}", stacklevel=2)
    [score] = old.scores
    for warning in filter(None, (old.note, *far_off(old.runs, score))):
        warnings.warn(warning, stacklevel=2)
    try:
        space = MixtureSpace(old.domains)
    except SpaceError as error:
        raise TableError(f"{path}: {error}") from error
    unknown = np.full(len(old.runs), np.nan)
    return Runs(
        space=space,
        weights=np.array([list(run.weights.values()) for run in old.runs]),
        values=np.array([run.scores[score] for run in old.runs]),
        in_scores=unknown,
        out_scores=unknown,
        numbers=np.arange(len(old.runs)),
        strategies=tuple(run.strategy for run in old.runs),
        labels=tuple(run.label for run in old.runs),
    )

"""Measured mixtures from a file as arrays: what `mixopt study import` reads, without a study."""

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
    """The runs of a CSV, JSON, JSON lines or Parquet file, over the space of its domains without bounds.

    Weights that sum to 1 within .01 are rounded ones, and divided by their sum. Runs that did not finish or have no
    score are left out, with a warning; another names a run that scores far from all others. Of a long table, a row a
    run and evaluation step with a column of the step that is no domain, each run's last row counts (io/long_tables.py).

    Args:
        value: the column of the score.
        domains: columns of weights (with or without `w:`), in this order; default: the columns `w:NAME`, where there
            are any (the domain is NAME); else all columns of numbers but the score's, those that name a run, and
            those that are 0 throughout.
        minimize: smaller scores are better (a loss): the values of the runs are negated. To be said, either way, of a
            column that is called like one.
        normalize: divide every row's weights by their sum, whatever it is.

    Returns: runs numbered from 0 in the file's order, labelled by the file's own names or by their line in it.

    Raises:
        TableError: the file, a column, a number or a row cannot be used; one line with file, line and mend.
    """
    from mixopt.tables.far_off import far_off  # Optuna, as the next
    from mixopt.tables.run_files import read_old_runs

    old = read_old_runs([path], value, domains, minimize=minimize, normalize=normalize)
    if old.left_out:
        reasons = ", ".join(f"{reason} ({count})" for reason, count in old.left_out.items())
        warnings.warn(f"{path}: rows that are left out: {reasons}", stacklevel=2)
    [score] = old.scores
    for warning in filter(None, (old.said, *far_off(old.runs, score))):
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

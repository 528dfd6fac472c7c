"""Warn of outliers: runs whose score is far from all others, such as a diverged run or a missing decimal point."""

from collections.abc import Sequence

import numpy as np

from mixopt.tables.column_detection import MINUS
from mixopt.tables.run_files import OldRun

LEAST = 4  # runs below which none is far from the others
FAR = 15.0  # times the spread of the others
NORMAL = 1.4826  # the standard deviation of a normal distribution, of its median absolute deviation


def far_off(runs: Sequence[OldRun], score: str) -> list[str]:
    """Return one warning for each run whose score is an outlier.

    An outlier is more than FAR standard deviations from the median. The standard deviation is estimated from the median
    absolute deviation, or from the interquartile range where most runs have the same score.

    References:
        Leys et al., "Detecting outliers: Do not use standard deviation around the mean, use absolute deviation around
        the median", doi:10.1016/j.jesp.2013.03.013.
    """
    scored = [run for run in runs if score in run.scores]
    values = np.array([run.scores[score] for run in scored])
    if len(values) < LEAST:
        return []
    middle = float(np.median(values))
    with np.errstate(over="ignore", invalid="ignore"):
        off = np.abs(values - middle)
        quartiles = np.quantile(values, [0.25, 0.75])
        spread = NORMAL * float(np.median(off)) or float(np.ptp(quartiles)) or 1e-3 * abs(middle)
    sign = -1 if score.startswith(MINUS) else 1
    return [
        f"{run.where}: {_called(run)}scores {sign * value:g}, far from the others (half of them are between "
        f"{min(sign * quartiles):g} and {max(sign * quartiles):g}): drop the row if it diverged, or correct the cell"
        for run, value, distance in zip(scored, values, off)
        if spread and distance > FAR * spread
    ]


def _called(run: OldRun) -> str:
    return "" if run.name is None else f"run {run.label!r} "

"""Figure: predicted against actual scores of runs that the model has not seen."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure

from mixopt.history.runs import STRATEGIES, Runs
from mixopt.models.cross_validation import Validation
from mixopt.models.surrogate import HALF_WIDTH
from mixopt.reporting.plots.style import COLOURS, MARKS, MUTED, canvas


def fit_figure(runs: Runs, score: str, validation: Validation) -> Figure:
    """Draw predictions with 90 % intervals against the actual scores, and the diagonal.

    A corner of the space that is held out is an extrapolation, with a wide interval.

    Args:
        runs: the finished trials.
        score: its name in words.
        validation: the predictions for these runs.

    Returns:
        The figure.
    """
    means, sds = validation.means, validation.sds
    figure, axes = canvas(3.8)
    for strategy in STRATEGIES:
        mine = np.array([s == strategy for s in runs.strategies])
        if mine.any():
            look: dict[str, Any] = {"color": COLOURS[strategy], "fmt": MARKS[strategy], "label": strategy}
            bars = HALF_WIDTH * sds[mine]
            axes.errorbar(runs.values[mine], means[mine], yerr=bars, markersize=3.5, lw=0.6, alpha=0.75, **look)
    ends = [min(runs.values.min(), means.min()), max(runs.values.max(), means.max())]
    axes.plot(ends, ends, color=MUTED, lw=1, ls="--")
    axes.set_xlabel(f"actual {score}")
    axes.set_ylabel(f"predicted {score} (90 % interval)")
    axes.set_title(f"R² {validation.r2:.2f}, rank correlation {validation.rank:.2f}", loc="left")
    figure.legend(loc="outside upper left", ncols=3, handletextpad=0.2)
    return figure

"""Figure: predicted against actual scores of a linear and a quadratic fit (Figure 7 of the paper, right)."""

import numpy as np
from matplotlib.figure import Figure

from mixopt.models.linear import FittedLinear
from mixopt.models.quadratic import FittedQuadratic
from mixopt.reporting.plots.style import LIGHT, MUTED, PAPER, WIDTH
from mixopt.typing import FloatArray


def fits_figure(
    weights: FloatArray, values: FloatArray, linear: FittedLinear, quadratic: FittedQuadratic, score: str
) -> Figure:
    """Draw the fits on weights (n, m) and values (n,): linear on all runs, quadratic on its kept split."""
    figure = Figure(figsize=(WIDTH, 2.9), layout="constrained")
    left, right = figure.subplots(1, 2, sharex=True, sharey=True)
    straight, bent = linear.predict(weights)[0], quadratic.predict(weights)[0]
    test, train = quadratic.test_index, quadratic.train_index
    left.plot(values, straight, "o", ms=4, color=LIGHT["seed"], alpha=0.75, label="all runs")
    left.set_title(f"linear: R² {linear.r2_train:.2f}", loc="left")
    right.plot(values[train], bent[train], "o", ms=4, color=LIGHT["seed"], mfc=PAPER, label="fitted on")
    right.plot(values[test], bent[test], "s", ms=4.5, color=LIGHT["model"], label="held out")
    right.set_title(f"quadratic: held out R² {quadratic.r2_test:.2f}", loc="left")
    ends = [values.min(), values.max()]
    reach = max(np.ptp(values), 1e-12)
    for axes in (left, right):
        axes.plot(ends, ends, color=MUTED, lw=1, ls="--")
        axes.set_xlabel(f"actual {score}")
        axes.legend(loc="upper left", handletextpad=0)
    left.set_ylabel("predicted")
    left.set_ylim(ends[0] - 0.6 * reach, ends[1] + 0.6 * reach)  # what misses by more is off the chart
    return figure

"""Figure: the cost of a study in seconds for each trial, and in hours."""

import numpy as np
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mixopt.reporting.plots.style import INK, WIDTH, scatter_by_strategy
from mixopt.typing import FloatArray, IntArray


def cost_figure(numbers: IntArray, strategies: tuple[str, ...], seconds: FloatArray) -> Figure:
    """Draw seconds (n,) against trial numbers (n,), by strategy."""
    figure = Figure(figsize=(WIDTH, 3.6), layout="constrained")
    each, total = figure.subplots(2, 1, sharex=True)
    scatter_by_strategy(each, strategies, numbers, seconds)
    each.set_ylim(bottom=0)
    each.set_ylabel("seconds a trial")
    total.step(numbers, np.cumsum(seconds) / 3600, where="post", color=INK, lw=1.4)
    total.set_ylim(bottom=0)
    total.set_ylabel("hours in all")
    total.set_xlabel("trial")
    total.xaxis.set_major_locator(MaxNLocator(integer=True))
    figure.legend(loc="outside upper left", ncols=3, handletextpad=0.2)
    return figure

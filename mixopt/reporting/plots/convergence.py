"""Figure: the value of each trial, and the best mixture so far as the final model sees it."""

from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from mixopt.history.runs import Runs
from mixopt.reporting.plots.style import BEST, canvas, scatter_by_strategy
from mixopt.typing import FloatArray


def convergence_figure(runs: Runs, best_so_far: FloatArray, score: str) -> Figure:
    """Draw values by trial number, and the rising line (n,) of posterior means."""
    figure, axes = canvas(3.0)
    scatter_by_strategy(axes, runs.strategies, runs.numbers, runs.values)
    axes.step(runs.numbers, best_so_far, where="post", color=BEST, lw=1.6, label="best so far, by posterior mean")
    axes.set_xlabel("trial")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.set_ylabel(score)
    figure.legend(loc="outside upper left", ncols=2, handletextpad=0.4, columnspacing=1)
    return figure

"""Figure: box plots of the scores by strategy (Figure 6 of the paper)."""

import numpy as np
from matplotlib.figure import Figure

from mixopt.history.runs import STRATEGIES, Runs
from mixopt.reporting.plots.style import canvas, scatter_by_strategy


def strategies_figure(runs: Runs, score: str) -> Figure:
    """Draw one box for each strategy and one point for each trial; replicates are left out."""
    runs = runs.chosen()
    figure, axes = canvas(3.4)
    there = [strategy for strategy in STRATEGIES if strategy in runs.strategies]
    groups = [runs.values[[s == strategy for s in runs.strategies]] for strategy in there]
    axes.boxplot(groups, tick_labels=[f"{s}\n(n={len(g)})" for s, g in zip(there, groups)], showfliers=False)
    jitter = np.random.default_rng(0).uniform(-0.14, 0.14, len(runs))
    places = np.array([1 + there.index(strategy) for strategy in runs.strategies])
    scatter_by_strategy(axes, runs.strategies, places + jitter, runs.values)
    axes.grid(axis="x", visible=False)
    axes.set_ylabel(score)
    return figure

"""Figure 6 of the paper for a study: the scores of its trials as a box a strategy."""

import numpy as np
from matplotlib.figure import Figure

from mixopt.runs import STRATEGIES, Runs


def strategies_figure(runs: Runs, score: str) -> Figure:
    """One box a strategy, every trial a point; `score` names the axis."""
    figure = Figure(figsize=(5.5, 4), layout="constrained")
    axes = figure.subplots()
    there = [strategy for strategy in STRATEGIES if strategy in runs.strategies]
    groups = [runs.values[[s == strategy for s in runs.strategies]] for strategy in there]
    axes.boxplot(groups, tick_labels=[f"{s}\n(n={len(g)})" for s, g in zip(there, groups)], showfliers=False)
    jitter = np.random.default_rng(0)
    for place, group in enumerate(groups, start=1):
        axes.scatter(place + jitter.uniform(-0.12, 0.12, len(group)), group, s=18, alpha=0.7)
    axes.set_ylabel(score)
    axes.set_title("Trials by strategy")
    return figure

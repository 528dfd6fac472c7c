"""The Pareto front: what was observed, and the trained and predicted mixtures of which none is better in everything."""

import numpy as np
from matplotlib.figure import Figure

from mixopt.front import Front
from mixopt.runs import Runs
from mixopt.surrogates.base import HALF_WIDTH


def front_figure(front: Front, runs: Runs) -> Figure:
    """The first score against each of the others; `runs` are those of the front, with values (n, k).

    Bars are 90 % intervals of noise-free scores; a grey point is what one run scored, its noise included.
    """
    x, *others = front.names
    figure = Figure(figsize=(5 * len(others) + 0.5, 4.5), layout="constrained")
    for axes, (place, y) in zip(figure.subplots(1, len(others), squeeze=False)[0], enumerate(others, start=1)):
        axes.scatter(runs.values[:, 0], runs.values[:, place], s=14, color="grey", alpha=0.6, label="runs, observed")
        for label, mixtures, mark in (("trained", front.trained, "o"), ("predicted front", front.predicted, "s")):
            means = np.array([[mixture.means[name] for name in (x, y)] for mixture in mixtures])
            sds = np.array([[mixture.sds[name] for name in (x, y)] for mixture in mixtures])
            bars = {"xerr": HALF_WIDTH * sds[:, 0], "yerr": HALF_WIDTH * sds[:, 1]}
            axes.errorbar(*means.T, **bars, fmt=mark, markersize=4, lw=0.6, label=label)
        axes.set_xlabel(x)
        axes.set_ylabel(y)
    axes.legend(frameon=False)
    figure.suptitle("Mixtures of which none is better in everything", fontsize="medium")
    return figure

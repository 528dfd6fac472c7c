"""Figure: the Pareto front, observed and predicted."""

import numpy as np
from matplotlib.figure import Figure

from mixopt.history.runs import Runs
from mixopt.inference.pareto_front import Front
from mixopt.models.surrogate import HALF_WIDTH
from mixopt.reporting.plots.style import BEST, LIGHT, MUTED, WIDTH


def front_figure(front: Front, runs: Runs) -> Figure:
    """Draw the first score against each of the others.

    Bars are 90 % intervals of noise-free scores. A grey point is the score of one run, with its noise.

    Args:
        front: the front to draw.
        runs: its runs, with values (n, k).
    """
    x, *others = front.names
    figure = Figure(figsize=(WIDTH, 3.6 * len(others)), layout="constrained")
    series = (("trained", front.trained, "o", LIGHT["seed"]), ("predicted front", front.predicted, "s", BEST))
    for axes, (place, y) in zip(figure.subplots(len(others), 1, squeeze=False)[:, 0], enumerate(others, start=1)):
        x_runs, y_runs = runs.values[:, 0], runs.values[:, place]
        axes.scatter(x_runs, y_runs, s=14, color=MUTED, alpha=0.6, linewidths=0, label="runs, observed")
        for label, mixtures, mark, colour in series:
            if not mixtures:  # none of the trained ones meets the floors
                continue
            means = np.array([[mixture.means[name] for name in (x, y)] for mixture in mixtures])
            sds = np.array([[mixture.sds[name] for name in (x, y)] for mixture in mixtures])
            bars = {"xerr": HALF_WIDTH * sds[:, 0], "yerr": HALF_WIDTH * sds[:, 1]}
            axes.errorbar(*means.T, **bars, fmt=mark, color=colour, markersize=4, lw=0.6, label=label)
        axes.set_xlabel(x)
        axes.set_ylabel(y)
    figure.legend(*axes.get_legend_handles_labels(), loc="outside upper left", ncols=3, handletextpad=0.2)
    return figure

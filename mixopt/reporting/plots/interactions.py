"""Figure: which pairs of domains help together."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from mixopt.reporting.plots.style import LESS, MORE, PAPER, WIDTH, shortened
from mixopt.typing import BoolArray, FloatArray


def interactions_figure(domains: Sequence[str], excess: FloatArray, sure: BoolArray) -> Figure:
    """Draw a square for each pair, its area the size of the excess (m, m), filled if `sure` (m, m).

    Only the upper halves count.
    """
    m = len(domains)
    figure = Figure(figsize=(WIDTH, min(WIDTH, 1.6 + 0.6 * m)), layout="constrained")
    axes = figure.subplots()
    i, j = np.triu_indices(m, k=1)
    sizes = excess[i, j]
    areas = (157 / max(m, 6)) ** 2 * np.abs(sizes) / max(np.abs(sizes).max(), 1e-12)  # points squared
    colours = np.where(sizes > 0, MORE, LESS)
    fill = np.where(sure[i, j], colours, PAPER)
    axes.scatter(i, j, s=areas, marker="s", facecolors=fill, edgecolors=colours.tolist(), linewidths=1)
    for label, colour, full in (
        ("more than the mean of the two", MORE, True),
        ("less", LESS, True),
        ("uncertain (below 95 %)", MORE, False),
    ):
        axes.scatter([], [], s=40, marker="s", facecolors=colour if full else PAPER, edgecolors=colour, label=label)
    names = shortened(domains)
    axes.set_xticks(range(m - 1), names[:-1], rotation=90)
    axes.set_yticks(range(1, m), names[1:])
    axes.set_xlim(-0.6, m - 1.4)
    axes.set_ylim(m - 0.4, 0.4)
    axes.set_aspect("equal")
    figure.legend(loc="outside upper left", ncols=3, handletextpad=0.2, columnspacing=1)
    return figure

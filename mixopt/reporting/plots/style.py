"""Style of the figures: narrow enough for a phone, colours for light and dark pages and for colour-blind readers.

A figure is drawn in the colours of LIGHT. In an HTML page (report/svg.py) they become the page's variables, which have
the values of DARK for readers who prefer dark pages. Each strategy has a marker of its own too.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from mixopt.history.runs import STRATEGIES
from mixopt.typing import FloatArray, IntArray

LIGHT = {
    "paper": "#fcfcfb",
    "ink": "#1d2125",
    "muted": "#62686e",
    "faint": "#d8dbdf",
    "imported": "#5a4a2a",
    "seed": "#0c5caf",
    "heuristic": "#19936c",
    "model": "#cd571b",
    "replicate": "#0f7285",
    "best": "#974383",
}
DARK = {
    "paper": "#15181b",
    "ink": "#e4e6e9",
    "muted": "#9ba2a9",
    "faint": "#3a4047",
    "imported": "#7d6b3d",
    "seed": "#6b9fe4",
    "heuristic": "#31cf8a",
    "model": "#fc924e",
    "replicate": "#52b9cd",
    "best": "#e5a6d3",
}
INK, MUTED, FAINT, PAPER, BEST = (LIGHT[name] for name in ("ink", "muted", "faint", "paper", "best"))
MORE, LESS = LIGHT["seed"], LIGHT["model"]  # of a signed quantity
COLOURS = {
    strategy: LIGHT[name]
    for strategy, name in zip(STRATEGIES, ("imported", "seed", "heuristic", "model", "replicate"), strict=True)
}
MARKS = dict(zip(STRATEGIES, "Dos^v", strict=True))
WIDTH = 4.5  # inches; a phone shows 9 points in it about as large as its own small print
LONGEST = 18  # letters of a name at an axis

STYLE: dict[Any, Any] = {
    "font.size": 9,
    "axes.titlesize": 9,
    "axes.edgecolor": MUTED,
    "axes.labelcolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "axes.grid": True,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "grid.color": FAINT,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "text.color": INK,
    "text.parse_math": False,  # a dollar in a name is a dollar
    "xtick.color": MUTED,
    "ytick.color": MUTED,
    "xtick.labelcolor": INK,
    "ytick.labelcolor": INK,
    "boxplot.boxprops.color": INK,
    "boxplot.whiskerprops.color": MUTED,
    "boxplot.capprops.color": MUTED,
    "boxplot.medianprops.color": INK,
}


def canvas(height: float) -> tuple[Figure, Axes]:
    """Return a figure of the common width with one pair of axes; height in inches."""
    figure = Figure(figsize=(WIDTH, height), layout="constrained")
    return figure, figure.subplots()


def scatter_by_strategy(axes: Axes, strategies: Sequence[str], x: FloatArray | IntArray, y: FloatArray) -> None:
    """Draw points (n,), (n,) with the colour and marker of their strategy, and a legend entry for each."""
    for strategy in STRATEGIES:
        mine = np.array([s == strategy for s in strategies])
        if mine.any():
            look: dict[str, Any] = {"color": COLOURS[strategy], "marker": MARKS[strategy], "linewidths": 0}
            axes.scatter(x[mine], y[mine], s=16, alpha=0.75, label=strategy, **look)


def shortened(names: Sequence[str]) -> list[str]:
    """Shorten names to fit beside an axis; the tables of a report have the full names."""
    return [name if len(name) <= LONGEST else name[: LONGEST - 1] + "…" for name in names]

"""Figure: the surrogate along each domain, with the other domains in proportion."""

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure

from mixopt.models.surrogate import HALF_WIDTH
from mixopt.reporting.plots.style import BEST, FAINT, LIGHT, MUTED, WIDTH, shortened
from mixopt.typing import FloatArray

COLUMNS = 3


@dataclass(frozen=True, eq=False)
class Slice:
    """A line through a mixture along one domain: its weights (k,), and the predicted means and sds (k,)."""

    domain: str
    at: float
    weights: FloatArray
    means: FloatArray
    sds: FloatArray


def slices_figure(slices: list[Slice], score: str) -> Figure:
    """Draw one small panel for each domain on common axes: mean, 90 % band, and a mark at the mixture."""
    rows = -(-len(slices) // COLUMNS)
    figure = Figure(figsize=(WIDTH, 0.4 + 1.15 * rows), layout="constrained")
    grid = figure.subplots(rows, COLUMNS, sharex=True, sharey=True, squeeze=False)
    for axes, cut, name in zip(grid.flat, slices, shortened([cut.domain for cut in slices])):
        low, high = cut.means - HALF_WIDTH * cut.sds, cut.means + HALF_WIDTH * cut.sds
        axes.fill_between(100 * cut.weights, low, high, color=FAINT, lw=0)
        axes.plot(100 * cut.weights, cut.means, color=LIGHT["seed"], lw=1.4)
        axes.axvline(100 * cut.at, color=BEST, lw=1.2, ls="--")
        axes.set_title(name, loc="left", color=MUTED, fontsize=8)
    for axes in grid.flat[len(slices) :]:
        axes.set_visible(False)
    lows = np.concatenate([cut.means - HALF_WIDTH * cut.sds for cut in slices])
    highs = np.concatenate([cut.means + HALF_WIDTH * cut.sds for cut in slices])
    grid[0, 0].set_ylim(lows.min(), highs.max())
    grid[0, 0].set_xlim(-3, 103)
    grid[0, 0].set_xticks([0, 50, 100])
    for place in range(max(0, len(slices) - COLUMNS), len(slices)):
        grid.flat[place].tick_params(labelbottom=True)
    figure.supxlabel("weight of the domain in %", fontsize=9)
    figure.supylabel(f"predicted {score}", fontsize=9)
    return figure

"""Figure: the seed designs test by test, against all domains (Figures 4 and 5 of the paper)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle

from mixopt.reporting.plots.style import LESS, MORE, MUTED, WIDTH, shortened
from mixopt.typing import BoolArray, FloatArray

STRONGEST = 0.6  # opacity of the largest difference; the numbers are read on it
MOST_NUMBERS = 12  # columns up to which cells have room for them


def by_test_figure(
    tests: Sequence[str], domains: Sequence[str], said: str, scores: FloatArray, every: FloatArray, sure: BoolArray
) -> Figure:
    """Draw a coloured table: one row for each mixture, one column for each test, all domains in the last row.

    The shade is the difference to all domains, relative to the largest in the column.

    Args:
        tests: names of the T columns.
        domains: names of the rows' domains.
        said: what a row's mixture does with its domain, for the axis label.
        scores: (rows, T), NaN where unknown.
        every: (T,) the scores of all domains evenly.
        sure: (rows, T) whether a score differs from that of all domains by more than noise; these are bold.
    """
    rows, columns = scores.shape
    figure = Figure(figsize=(WIDTH, 1.5 + 0.21 * (rows + 1)), layout="constrained")
    axes = figure.subplots()
    gains = scores - every
    largest = np.nanmax(np.abs(np.vstack([gains, np.full(columns, 1e-12)])), axis=0)
    for row, column in np.argwhere(np.isfinite(gains)).tolist():
        gain = gains[row, column]
        opacity = STRONGEST * abs(gain) / largest[column]
        colour = MORE if gain > 0 else LESS
        axes.add_patch(Rectangle((column - 0.5, row + 0.5), 1, 1, color=colour, alpha=opacity, lw=0))
    if columns <= MOST_NUMBERS:
        numbers, bold = np.vstack([every, scores]), np.vstack([np.zeros(columns, dtype=bool), sure])
        for row, column in np.argwhere(np.isfinite(numbers)).tolist():
            weight = "bold" if bold[row, column] else "normal"
            text = _short(numbers[row, column])
            axes.text(column, row, text, ha="center", va="center", fontsize=7, fontweight=weight)
    axes.axhline(0.5, color=MUTED, lw=0.8)
    axes.set_xlim(-0.5, columns - 0.5)
    axes.set_ylim(rows + 0.5, -0.5)
    axes.set_xticks(range(columns), shortened(tests), rotation=90)
    axes.set_yticks(range(rows + 1), ["all domains evenly", *shortened(domains)])
    axes.set_ylabel(said)
    axes.tick_params(length=0)
    axes.grid(visible=False)
    axes.spines[:].set_visible(False)
    ways = {"above all": MORE, "below all": LESS}
    shades = [Patch(color=colour, alpha=STRONGEST, lw=0, label=way) for way, colour in ways.items()]
    figure.legend(handles=shades, loc="outside upper left", ncols=2, handletextpad=0.4)
    return figure


def _short(score: float) -> str:
    """Return three digits of a score in little space: ".402"."""
    return f"{score:.3f}".replace("0.", ".", 1) if abs(score) < 1 else f"{score:.3g}"

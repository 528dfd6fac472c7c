"""Figure: the scores of each test before and after training (Figure 3 of the paper)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from mixopt.reporting.plots.style import BEST, FAINT, INK, MUTED, PAPER, canvas, shortened
from mixopt.typing import FloatArray


def tests_figure(
    tests: Sequence[str],
    measured: Sequence[tuple[str, FloatArray]],
    predicted: FloatArray | None,
) -> Figure:
    """Draw one row for each test.

    Args:
        tests: names of the T rows.
        measured: names and scores (T,) of two or three models, the first before and the last after training.
        predicted: (3, T) low end, mean and high end predicted for the recommended mixture.
    """
    before, *between, after = measured
    figure, axes = canvas(1.1 + 0.32 * len(tests))
    rows = np.arange(len(tests))
    axes.hlines(rows, before[1], after[1], color=FAINT, lw=3)
    if predicted is not None:
        low, mean, high = predicted
        axes.hlines(rows + 0.2, low, high, color=BEST, lw=1)
        axes.plot(mean, rows + 0.2, "D", ms=4, color=BEST, label="recommended, predicted (90 %)")
    for name, scores in between:
        axes.plot(scores, rows, "|", color=MUTED, ms=9, mew=2, label=name)
    axes.plot(after[1], rows, "o", color=INK, ms=6, label=after[0])
    axes.plot(before[1], rows, "o", color=MUTED, mfc=PAPER, ms=6, label=before[0])
    axes.set_yticks(rows, shortened(tests))
    axes.set_ylim(len(tests) - 0.4, -0.6)
    axes.grid(axis="y", visible=False)
    axes.set_xlabel("score at the last step")
    figure.legend(loc="outside upper left", ncols=2, handletextpad=0.2)
    return figure

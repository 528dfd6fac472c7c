"""Figure: heat maps of each domain's effect on each test."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from mixopt.reporting.plots.style import INK, LESS, MORE, WIDTH, shortened
from mixopt.typing import BoolArray, FloatArray

STRONGEST = 0.75  # opacity of the largest effect: the numbers stay legible
MOST_NUMBERS = 12  # columns up to which cells have room for them


def effects_figure(
    domains: Sequence[str],
    tests: Sequence[str],
    panels: Mapping[str, FloatArray],
    certain: Mapping[str, BoolArray] = MappingProxyType({}),
) -> Figure:
    """Draw one heat map for each title: domains by tests; stronger colours are larger effects of the same title.

    Args:
        domains: names of the m rows.
        tests: names of the T columns.
        panels: title -> effects (m, T); NaN is left empty.
        certain: title -> whether an effect's sign is certain (m, T); these are bold.
    """
    figure = Figure(figsize=(WIDTH, len(panels) * (0.7 + 0.3 * len(domains))), layout="constrained")
    grid = figure.subplots(len(panels), 1, sharex=True, squeeze=False)
    for axes, (title, effects) in zip(grid[:, 0], panels.items()):
        largest = max(float(np.abs(np.nan_to_num(effects)).max()), 1e-12)
        for row, column in np.argwhere(np.isfinite(effects)).tolist():
            effect = float(effects[row, column])
            opacity, colour = STRONGEST * abs(effect) / largest, MORE if effect > 0 else LESS
            axes.add_patch(Rectangle((column - 0.5, row - 0.5), 1, 1, color=colour, alpha=opacity, lw=0))
            if len(tests) <= MOST_NUMBERS:
                weight = "bold" if title in certain and certain[title][row, column] else "normal"
                text = f"{effect:+.2f}"
                axes.text(column, row, text, ha="center", va="center", fontsize=7.5, color=INK, fontweight=weight)
        axes.set_xlim(-0.5, len(tests) - 0.5)
        axes.set_ylim(len(domains) - 0.5, -0.5)
        axes.set_xticks(range(len(tests)), shortened(tests), rotation=45, ha="right", rotation_mode="anchor")
        axes.set_yticks(range(len(domains)), shortened(domains))
        axes.tick_params(length=0)
        axes.grid(visible=False)
        axes.spines[:].set_visible(False)
        axes.set_title(title, loc="left")
    return figure

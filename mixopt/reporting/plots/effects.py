"""Figure: heat maps of each domain's effect on each test."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

import numpy as np
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from mixopt.reporting.plots.style import INK, LESS, MORE, WIDTH, shortened
from mixopt.typing import BoolArray, FloatArray

MOST_NUMBERS = 12  # columns up to which cells have room for them


def effects_figure(
    domains: Sequence[str],
    tests: Sequence[str],
    panels: Mapping[str, FloatArray],
    certain: Mapping[str, BoolArray] = MappingProxyType({}),
) -> Figure:
    """Draw one heat map for each title: domains by tests; stronger colours are larger effects.

    Args:
        domains: names of the m rows.
        tests: names of the T columns.
        panels: title -> effects (m, T); NaN is left empty.
        certain: title -> whether an effect's sign is certain (m, T); these are bold.
    """
    figure = Figure(figsize=(WIDTH, len(panels) * (0.7 + 0.3 * len(domains))), layout="constrained")
    grid = figure.subplots(len(panels), 1, sharex=True, squeeze=False)
    largest = max(float(np.abs(np.nan_to_num(effects)).max()) for effects in panels.values())
    for axes, (title, effects) in zip(grid[:, 0], panels.items()):
        colours = np.array([[to_rgba(MORE if effect > 0 else LESS) for effect in row] for row in effects])
        colours[..., 3] = 0.75 * np.abs(np.nan_to_num(effects)) / max(largest, 1e-12)  # the numbers stay legible
        axes.imshow(colours, aspect="auto", interpolation="none")
        for row, column in np.argwhere(np.isfinite(effects)).tolist() if len(tests) <= MOST_NUMBERS else []:
            weight = "bold" if title in certain and certain[title][row, column] else "normal"
            text = f"{effects[row, column]:+.2f}"
            axes.text(column, row, text, ha="center", va="center", fontsize=7.5, color=INK, fontweight=weight)
        axes.set_xticks(range(len(tests)), shortened(tests), rotation=45, ha="right", rotation_mode="anchor")
        axes.set_yticks(range(len(domains)), shortened(domains))
        axes.tick_params(length=0)
        axes.grid(visible=False)
        axes.spines[:].set_visible(False)
        axes.set_title(title, loc="left")
    return figure

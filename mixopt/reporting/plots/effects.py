"""Figure: heat maps of each domain's effect on each test."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.colors import to_rgba
from matplotlib.figure import Figure

from mixopt.reporting.plots.style import INK, LESS, MORE, WIDTH, shortened
from mixopt.typing import FloatArray


def effects_figure(domains: Sequence[str], tests: Sequence[str], panels: Mapping[str, FloatArray]) -> Figure:
    """Draw one heat map for each title: effects (m, T), domains by tests; stronger colours are larger effects."""
    figure = Figure(figsize=(WIDTH, len(panels) * (0.7 + 0.3 * len(domains))), layout="constrained")
    grid = figure.subplots(len(panels), 1, sharex=True, squeeze=False)
    largest = max(float(np.abs(effects).max()) for effects in panels.values())
    for axes, (title, effects) in zip(grid[:, 0], panels.items()):
        colours = np.array([[to_rgba(MORE if effect > 0 else LESS) for effect in row] for row in effects])
        colours[..., 3] = 0.75 * np.abs(effects) / max(largest, 1e-12)  # at most: the numbers stay legible
        axes.imshow(colours, aspect="auto", interpolation="none")
        for (row, column), effect in np.ndenumerate(effects):
            axes.text(column, row, f"{effect:+.2f}", ha="center", va="center", fontsize=7.5, color=INK)
        axes.set_xticks(range(len(tests)), shortened(tests), rotation=45, ha="right", rotation_mode="anchor")
        axes.set_yticks(range(len(domains)), shortened(domains))
        axes.tick_params(length=0)
        axes.grid(visible=False)
        axes.spines[:].set_visible(False)
        axes.set_title(title, loc="left")
    return figure

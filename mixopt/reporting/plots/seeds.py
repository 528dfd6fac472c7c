"""Figure: each domain alone, and all but one, against all domains (Figures 4 and 5 of the paper)."""

from collections.abc import Mapping

import numpy as np
from matplotlib.figure import Figure

from mixopt.models.surrogate import HALF_WIDTH
from mixopt.reporting.plots.style import FAINT, LESS, MORE, MUTED, WIDTH, shortened


def seeds_figure(panels: Mapping[str, Mapping[str, float]], score: str, noise_sd: float) -> Figure:
    """Draw one panel for each design: title -> domain -> score minus that of all domains.

    The band holds 90 % of the differences that two runs of one mixture have by noise alone.

    Args:
        panels: the differences.
        score: its name, for the axis.
        noise_sd: of one run.
    """
    heights = [len(rows) for rows in panels.values()]
    figure = Figure(figsize=(WIDTH, 0.4 + sum(0.6 + 0.2 * height for height in heights)), layout="constrained")
    grid = figure.subplots(len(panels), 1, squeeze=False, height_ratios=[1.5 + h for h in heights])
    band = HALF_WIDTH * np.sqrt(2) * noise_sd
    for axes, (title, differences) in zip(grid[:, 0], panels.items()):
        rows, gains = np.arange(len(differences)), np.array(list(differences.values()))
        axes.axvspan(-band, band, color=FAINT, alpha=0.5, lw=0)
        axes.axvline(0, color=MUTED, lw=0.8)
        axes.barh(rows, gains, height=0.6, color=[MORE if gain > 0 else LESS for gain in gains])
        axes.set_yticks(rows, shortened(list(differences)))
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.grid(axis="y", visible=False)
        axes.locator_params(axis="x", nbins=6)
        axes.set_title(title, loc="left")
    axes.set_xlabel(f"{score} minus that of all domains evenly")
    return figure

"""Figure: the shares of prompts that trials trained on against the requested weights."""

from matplotlib.figure import Figure

from mixopt.reporting.plots.style import LIGHT, MUTED, canvas
from mixopt.typing import FloatArray


def draws_figure(requested: FloatArray, realised: FloatArray) -> Figure:
    """Draw realised against requested shares (n, m), one point for each trial and domain."""
    figure, axes = canvas(3.4)
    axes.plot([0, 100], [0, 100], color=MUTED, lw=1, ls="--")
    axes.scatter(100 * requested.ravel(), 100 * realised.ravel(), s=9, alpha=0.5, color=LIGHT["seed"], linewidths=0)
    axes.set_xlabel("weight in %")
    axes.set_ylabel("drawn share of prompts in %")
    axes.set_aspect("equal")
    return figure

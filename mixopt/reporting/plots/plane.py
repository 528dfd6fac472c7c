"""Figure: the mixtures in the plane in which they differ most (Figure 7 of the paper, left)."""

import numpy as np
from matplotlib.figure import Figure

from mixopt.reporting.plots.style import BEST, INK, LIGHT, canvas
from mixopt.typing import FloatArray


def principal_plane(weights: FloatArray) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the centre (m,), the first two principal axes (2, m), and their shares of the variance (2,).

    The shares are 0 if all mixtures of the weights (n, m) are equal. An axis points to where its largest entry is
    positive.
    """
    centre = weights.mean(axis=0)
    _, spread, axes = np.linalg.svd(weights - centre, full_matrices=False)
    axes = axes[:2] * np.sign(axes[[0, 1], np.abs(axes[:2]).argmax(axis=1)])[:, None]
    return centre, axes, spread[:2] ** 2 / max((spread**2).sum(), 1e-12)


def plane_figure(
    points: FloatArray, values: FloatArray, shares: FloatArray, marked: tuple[str, FloatArray], score: str
) -> Figure:
    """Draw mixtures as points (n, 2), darker for higher values (n,), and one marked mixture (2,)."""
    figure, axes = canvas(3.6)
    height = (values - values.min()) / max(np.ptp(values), 1e-12)
    fill = [(LIGHT["seed"], alpha) for alpha in 0.08 + 0.92 * height]
    axes.scatter(points[:, 0], points[:, 1], s=26, facecolors=fill, edgecolors=INK, linewidths=0.4)
    for level, at in (("lowest", values.argmin()), ("highest", values.argmax())):
        axes.scatter([], [], s=26, facecolors=[fill[at]], edgecolors=INK, linewidths=0.4, label=f"{level} {score}")
    axes.scatter(marked[1][:1], marked[1][1:], s=90, marker="*", color=BEST, linewidths=0, label=marked[0])
    axes.set_xlabel(f"first axis ({shares[0]:.0%} of the variance)")
    axes.set_ylabel(f"second axis ({shares[1]:.0%})")
    axes.set_aspect("equal", adjustable="datalim")
    figure.legend(loc="outside upper left", ncols=3, handletextpad=0.2, columnspacing=1)
    return figure

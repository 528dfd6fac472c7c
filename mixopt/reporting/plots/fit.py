"""Predicted against actual scores: every run predicted by a model that has not seen its mixture."""

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from scipy.stats import spearmanr

from mixopt.history.runs import STRATEGIES, Runs
from mixopt.models.cross_validation import folds
from mixopt.models.gp import GPSurrogate
from mixopt.models.surrogate import HALF_WIDTH, r_squared
from mixopt.reporting.plots.style import COLOURS, MARKS, MUTED, canvas
from mixopt.typing import FloatArray


def held_out(runs: Runs, *, deterministic: bool = False) -> tuple[FloatArray, FloatArray]:
    """Means and sds (n,) of a new run under the surrogate that recommends, one mixture at a time left out where there
    are at most 30 runs, else in 10 folds."""
    fold = folds(runs.weights)
    means, sds = np.empty(len(runs)), np.empty(len(runs))
    for k in range(fold.max() + 1):
        out = fold == k
        surrogate = GPSurrogate(deterministic=deterministic).fit(runs.weights[~out], runs.values[~out])
        means[out], sd = surrogate.predict(runs.weights[out])
        sds[out] = np.hypot(sd, surrogate.noise_sd)
    return means, sds


def fit_figure(runs: Runs, score: str, predicted: tuple[FloatArray, FloatArray]) -> Figure:
    """Points with 90 % intervals against the diagonal; a corner left out is an extrapolation, and looks like one.

    `predicted` is what `held_out` returns.
    """
    means, sds = predicted
    figure, axes = canvas(3.8)
    for strategy in STRATEGIES:
        mine = np.array([s == strategy for s in runs.strategies])
        if mine.any():
            look: dict[str, Any] = {"color": COLOURS[strategy], "fmt": MARKS[strategy], "label": strategy}
            bars = HALF_WIDTH * sds[mine]
            axes.errorbar(runs.values[mine], means[mine], yerr=bars, markersize=3.5, lw=0.6, alpha=0.75, **look)
    ends = [min(runs.values.min(), means.min()), max(runs.values.max(), means.max())]
    axes.plot(ends, ends, color=MUTED, lw=1, ls="--")
    axes.set_xlabel(f"actual {score}")
    axes.set_ylabel(f"predicted {score} (90 % interval)")
    r2, rank = r_squared(runs.values, means), spearmanr(runs.values, means).statistic
    axes.set_title(f"R² {r2:.2f}, rank correlation {rank:.2f}", loc="left")
    figure.legend(loc="outside upper left", ncols=3, handletextpad=0.2)
    return figure

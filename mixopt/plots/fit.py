"""Predicted against actual scores: every trial predicted by a model that has not seen it."""

import numpy as np
from matplotlib.figure import Figure
from scipy.stats import spearmanr

from mixopt.runs import STRATEGIES, Runs
from mixopt.surrogates.base import HALF_WIDTH, r_squared
from mixopt.surrogates.evidence import EvidenceSurrogate


def held_out(runs: Runs) -> tuple[np.ndarray, np.ndarray]:
    """Leave-one-out means and sds (n,) of a new run under the surrogate that recommends."""
    means, sds = np.empty(len(runs)), np.empty(len(runs))
    for i in range(len(runs)):
        rest = np.arange(len(runs)) != i
        surrogate = EvidenceSurrogate().fit(runs.weights[rest], runs.values[rest])
        mean, sd = surrogate.predict(runs.weights[i : i + 1])
        means[i], sds[i] = mean[0], np.hypot(sd[0], surrogate.noise_sd)
    return means, sds


def fit_figure(runs: Runs, score: str) -> Figure:
    """Points with 90 % intervals against the diagonal; a corner left out is an extrapolation, and looks like one."""
    means, sds = held_out(runs)
    figure = Figure(figsize=(5.5, 4.5), layout="constrained")
    axes = figure.subplots()
    for strategy in STRATEGIES:
        mine = np.array([s == strategy for s in runs.strategies])
        if mine.any():
            bars = HALF_WIDTH * sds[mine]
            axes.errorbar(runs.values[mine], means[mine], yerr=bars, fmt="o", markersize=4, lw=0.8, label=strategy)
    ends = [min(runs.values.min(), means.min()), max(runs.values.max(), means.max())]
    axes.plot(ends, ends, color="grey", lw=1, ls="--")
    axes.set_xlabel(f"actual {score}")
    axes.set_ylabel(f"predicted {score} (90 % interval)")
    r2, rank = r_squared(runs.values, means), spearmanr(runs.values, means).statistic
    axes.set_title(
        f"Every trial predicted from the others: R² {r2:.2f}, rank correlation {rank:.2f}", fontsize="medium"
    )
    axes.legend(frameon=False)
    return figure

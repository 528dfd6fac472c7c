"""Smooth pools and emulators: a smooth fit of a measured table is the truth, and observations are redrawn with noise.

A pool's single values have luck in them, which a smooth fit has not. Both kinds of problems have a finite list of
mixtures, since networks fitted on a table have their optimum far from its rows, where the truth is not known:

    NAME_smooth    the table's own mixtures
    NAME_emulator  2000 mixtures that are drawn like the table's, and are no farther from them than they from each other

A mixture may be trained again. The noise is that of replicates where the table has some; otherwise its standard
deviation is that of the fit's held-out error, which holds the runs' noise and the fit's error, and so is no less.
"""

import numpy as np
from scipy.spatial.distance import cdist, pdist, squareform

from mixopt.benchmark.measured import MeasuredTable
from mixopt.benchmark.pools import truth
from mixopt.benchmark.problem import Problem, Score
from mixopt.benchmark.shapes import Replicates
from mixopt.benchmark.smooth import SmoothFit, own_noise, smooth_fit
from mixopt.benchmark.tables import Settings
from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray

CANDIDATES = 2000
FAR = 0.95  # quantile of the rows' distances to their nearest other row, beyond which a candidate is too far
SPREAD = 0.02  # least excess of a row's sum of squares over the mean mixture's


def smooth_pool(name: str, table: MeasuredTable, settings: Settings) -> Problem:
    """Return the problem of finding the best of a table's mixtures by the smooth truth."""
    fit = smooth_fit(table, settings)
    return _problem(name, table, fit, fit.table.weights)


def emulator(name: str, table: MeasuredTable, settings: Settings) -> Problem:
    """Return the problem of finding the best of 2000 mixtures that are drawn like a table's."""
    return _problem(name, table, smooth_fit(table, settings), candidates_like(table))


def candidates_like(table: MeasuredTable, count: int = CANDIDATES) -> FloatArray:
    """Draw mixtures (count, m) where a table has rows; the same ones each time.

    RegMix drew its mixtures from Dirichlet distributions of one mean and many strengths. So each candidate comes from
    the Dirichlet distribution of the rows' mean whose expected sum of squares is that of a random row, and is rounded
    as the table is. Candidates that are farther from all rows than 95 % of the rows are from each other are drawn anew.
    """
    rows, rng = table.by_mixture().weights, np.random.default_rng(len(table.weights))
    nearest = squareform(pdist(rows))
    np.fill_diagonal(nearest, np.inf)
    limit = np.quantile(nearest.min(axis=1), FAR)
    mean, squares = rows.mean(axis=0), (rows**2).sum(axis=1)
    strengths = (1 - squares) / np.maximum(squares - (mean**2).sum(), SPREAD)  # (1 + s |mean|^2) / (1 + s) = squares
    found = np.empty((0, rows.shape[1]))
    while len(found) < count:
        drawn = rng.standard_gamma(rng.choice(np.maximum(strengths, 0.05), (count, 1)) * mean) + 1e-300
        drawn /= drawn.sum(axis=1, keepdims=True)
        if table.step:
            drawn = np.round(drawn / table.step) * table.step
        drawn = drawn[drawn.sum(axis=1) > 0.5]
        drawn /= drawn.sum(axis=1, keepdims=True)
        found = np.unique(np.vstack([found, drawn[cdist(drawn, rows).min(axis=1) <= limit]]).round(9), axis=0)
    return found[np.sort(rng.permutation(len(found))[:count])]


def _problem(name: str, table: MeasuredTable, fit: SmoothFit, candidates: FloatArray) -> Problem:
    replicated = len(fit.table.values) < len(table.values)
    noise, own_sd = _replicated_noise(table) if replicated else _held_out_noise(fit)
    f = truth(table, fit.scores, own_sd)
    space = MixtureSpace(table.domains, candidates=candidates)
    assert space.candidates is not None
    scores = f(space.candidates)
    best = space.candidates[int(scores.argmax())]
    sd = float(noise(best[None])[0])
    note = f"smooth fit of {len(fit.table.values)} mixtures, held-out R2 {fit.r2:.3f}, rank correlation "
    note += f"{fit.rank():.2f} ({fit.rank(0.5):.2f} among the better half); {len(scores)} candidates; "
    note += f"noise sd {sd:.3g}, {sd / float(scores.std()):.2f} of the truth's, "
    note += "of replicates, at the best mixture" if replicated else "of the held-out error"
    return Problem(name, space, f, noise, best, float(scores.mean()), note, sd if replicated else None)


def _replicated_noise(table: MeasuredTable) -> tuple[Score, FloatArray]:
    """Return the noise of the value, (n, m) -> (n,), and the tests' `own_sd` (k,), of runs of the same mixture."""
    deviations = Replicates.deviations(table.weights, table.scores)
    return Replicates.of(table.weights, table.values).sd, own_noise(deviations, table.shares)


def _held_out_noise(fit: SmoothFit) -> tuple[Score, FloatArray]:
    """Return the same of the fit's errors."""
    sd = float((fit.errors @ fit.table.shares).std())
    return lambda mixtures: np.full(len(mixtures), sd), own_noise(fit.errors, fit.table.shares)

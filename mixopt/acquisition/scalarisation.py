"""Several objectives as one: ParEGO's scalarisation, another trade-off for every trial.

Knowles (2006): weights lambda from a lattice on the simplex, objectives scaled to [0, 1], and the augmented Chebyshev
function of them. Every Pareto-optimal mixture, on a concave part of the front too, is the best for some lambda; the
lattice's corners, each objective on its own, are drawn now and then.
"""

import numpy as np

from mixopt.typing import FloatArray

RHO = 0.05  # what the sum counts beside the largest shortfall: among equals of it the better in the rest wins
DIVISIONS = {2: 10, 3: 4}  # of the lattice, by number of objectives
MANY = 3  # divisions for more objectives


def drawn_trade_off(objectives: int, rng: np.random.Generator) -> FloatArray:
    """lambda (k,), at least 0, summing to 1: one point of the lattice, all equally likely."""
    parts = DIVISIONS.get(objectives, MANY)
    bars = np.sort(rng.choice(parts + objectives - 1, objectives - 1, replace=False))  # stars and bars
    return np.diff(np.concatenate([[-1], bars, [parts + objectives - 1]])).astype(float) / parts - 1 / parts


def scalarised(values: FloatArray, trade_off: FloatArray) -> FloatArray:
    """One value (n,) a run, larger is better, at most 0, of values (n, k) of which larger is better.

    With g_j the shortfall from the best of objective j, in units of its range over the runs, it is
    -(max_j lambda_j g_j + rho sum_j lambda_j g_j) (Knowles 2006, equation 2). An objective that does not vary counts
    for nothing.
    """
    spread = np.ptp(values, axis=0)
    shortfall = (values.max(axis=0) - values) / np.where(spread > 0, spread, 1.0)
    weighted = trade_off * shortfall
    return np.asarray(-(weighted.max(axis=1) + RHO * weighted.sum(axis=1)))

"""Scalarisation of several objectives into one, by ParEGO: every trial has another trade-off.

The weights lambda of the objectives come from a lattice on the simplex, the objectives are scaled to [0, 1], and the
value is the augmented Chebyshev function of them. Every Pareto-optimal mixture is the best for some lambda, also on a
concave part of the front. The corners of the lattice, each objective on its own, are drawn now and then.

References:
    Knowles (2006), ParEGO: a hybrid algorithm with on-line landscape approximation for expensive multiobjective
    optimization problems, doi:10.1109/TEVC.2005.851274.
"""

import numpy as np

from mixopt.typing import FloatArray

RHO = 0.05  # weight of the sum beside the largest shortfall: it decides between equals
DIVISIONS = {2: 10, 3: 4}  # of the lattice, by number of objectives
MANY = 3  # divisions for more objectives


def draw_trade_off(objectives: int, rng: np.random.Generator) -> FloatArray:
    """Draw lambda (k,), at least 0, summing to 1: one point of the lattice, all equally likely."""
    parts = DIVISIONS.get(objectives, MANY)
    bars = np.sort(rng.choice(parts + objectives - 1, objectives - 1, replace=False))  # stars and bars
    return np.diff(np.concatenate([[-1], bars, [parts + objectives - 1]])).astype(float) / parts - 1 / parts


def scalarise(values: FloatArray, trade_off: FloatArray) -> FloatArray:
    """Compute one value for each run.

    With g_j the shortfall from the best of objective j, in units of its range over the runs, it is
    -(max_j lambda_j g_j + rho sum_j lambda_j g_j) (Knowles 2006, equation 2). An objective that does not vary counts
    for nothing.

    Args:
        values: scores (n, k), larger is better.
        trade_off: lambda (k,).

    Returns:
        Values (n,), at most 0, larger is better.
    """
    spread = np.ptp(values, axis=0)
    shortfall = (values.max(axis=0) - values) / np.where(spread > 0, spread, 1.0)
    weighted = trade_off * shortfall
    return np.asarray(-(weighted.max(axis=1) + RHO * weighted.sum(axis=1)))

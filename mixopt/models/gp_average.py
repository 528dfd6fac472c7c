"""The average of the Gaussian process: which settings of its prior are averaged, and with what shares."""

from collections.abc import Sequence

import numpy as np
from scipy.special import expit

from mixopt.models.gp_evidence import LEAST_SHARE, best_settings, evaluated_setting
from mixopt.models.gp_member import Member, Setting
from mixopt.models.gp_relevance import most_probable
from mixopt.models.gp_sparse import SparseRuns
from mixopt.models.noise import NoiseModel
from mixopt.models.subset import searched_rows, subset_rows
from mixopt.typing import FloatArray

TEMPER = 0.25  # power of the ratio of predictive densities, since the runs that are left out chose the settings too
HANDICAP = 8.0  # subtracted from the log density of the setting with relevances, which has more parameters
CALIBRATED_BY = 2.0  # runs that a priori support the standard deviations as they are


def averaged_members(weights: FloatArray, values: FloatArray, noise: NoiseModel) -> tuple[Member, ...]:
    """Find the settings to average, and condition them on the runs.

    Of many runs a subset chooses the settings and their shares (subset.py), and they are conditioned on all runs; of
    very many by an approximation (gp_sparse.py).

    Args:
        weights: mixtures (n, m) of the runs.
        values: of the runs, (n,), standardised.
        noise: whether two runs of one mixture may score differently.

    Returns:
        The members; their shares sum to 1.
    """
    some = searched_rows(len(weights))
    grid = best_settings(weights[some], values[some], noise.hypotheses)
    own = most_probable(weights[some], values[some], noise)
    ahead = _density([(own, 1.0)], weights[some], values[some]) - _density(grid, weights[some], values[some])
    share = float(expit(TEMPER * (ahead - HANDICAP)))
    both = [(setting, (1 - share) * part) for setting, part in grid] + [(own, share)]
    kept = [(setting, part) for setting, part in both if part >= LEAST_SHARE]
    total = sum(part for _, part in kept)
    return _conditioned([(setting, part / total) for setting, part in kept], weights, values)


def grid_members(weights: FloatArray, values: FloatArray, noise: NoiseModel) -> tuple[Member, ...]:
    """Condition the settings of the grid on the runs, weighted by evidence; arguments as for `averaged_members`."""
    some = searched_rows(len(weights))
    return _conditioned(best_settings(weights[some], values[some], noise.hypotheses), weights, values)


def most_probable_member(weights: FloatArray, values: FloatArray, noise: NoiseModel) -> tuple[Member, ...]:
    """Condition the most probable setting on the runs; arguments as for `averaged_members`."""
    some = searched_rows(len(weights))
    return _conditioned([(most_probable(weights[some], values[some], noise), 1.0)], weights, values)


def _conditioned(
    settings: Sequence[tuple[Setting, float]], weights: FloatArray, values: FloatArray
) -> tuple[Member, ...]:
    """Condition settings, each with its share, on all runs, which decide its scale and curvature."""
    n = len(weights)
    if len(subset_rows(n)) < n:
        runs = SparseRuns.of(weights, values, max(settings, key=lambda pair: pair[1])[0])
        return tuple(runs.member(setting, share) for setting, share in settings)
    if len(searched_rows(n)) < n:
        settings = [
            (evaluated_setting(chosen.coordinates, chosen.shape, chosen.noise, weights, values), share)
            for chosen, share in settings
        ]
    return tuple(Member.of(setting, share, weights, values) for setting, share in settings)


def _density(settings: Sequence[tuple[Setting, float]], weights: FloatArray, values: FloatArray) -> float:
    """The log density of all runs, each predicted from the others by the average of settings with their shares."""
    return log_density(*left_out([Member.of(setting, share, weights, values) for setting, share in settings]))


def left_out(members: Sequence[Member]) -> tuple[FloatArray, FloatArray]:
    """Predict each run from all others by the average of members.

    Returns:
        The value minus its prediction (n,), and the variance (n,) of this, standardised.
    """
    found = [member.left_out() for member in members]
    shares = np.array([member.share for member in members])
    errors, sds = np.array([error for error, _ in found]), np.array([sd for _, sd in found])
    mean = shares @ errors
    return mean, shares @ (sds**2 + (errors - mean) ** 2)


def log_density(errors: FloatArray, variance: FloatArray) -> float:
    """The log density of normal errors (n,), up to a constant, with their variances (n,) scaled to their size."""
    scale = ((errors**2 / variance).sum() + CALIBRATED_BY) / (len(errors) + CALIBRATED_BY)
    return float(-(errors**2 / (scale * variance) + np.log(scale * variance)).sum() / 2)

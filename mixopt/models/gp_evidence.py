"""Evidence of the Gaussian process: search the grid of kernels and noises for those that the runs support most.

Nothing is fitted by gradients. Each setting of the grid (a shape of gp_prior.py with a noise of noise.py) has a
marginal likelihood; the best few are averaged by their shares in it.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import product

import numpy as np

from mixopt.models.gp_member import Member, Setting
from mixopt.models.gp_prior import MIDDLE, SHAPES, Products, Shape
from mixopt.models.gp_sparse import SparseRuns
from mixopt.models.noise import Noise
from mixopt.models.subset import subset_rows
from mixopt.typing import FloatArray

AVERAGED = 8  # members, at most
FEW = 4  # shapes that are tried with every noise
LEAST_SHARE = 1e-3  # of the best member's evidence
FREE = 1e12  # prior variance in place of infinity


def best_members(z: FloatArray, values: FloatArray, noises: Sequence[Noise]) -> list[Member]:
    """Find the settings of largest evidence and condition them on the runs.

    Of many runs a subset chooses the settings (subset.py), and these are conditioned on all runs (gp_sparse.py).

    Args:
        z: of the runs, (n, m).
        values: of the runs, (n,), standardised.
        noises: the hypotheses about the noise.

    Returns:
        The members, best first; their shares sum to 1.
    """
    some = subset_rows(len(z))
    best = _search(z[some], values[some], noises)
    if len(some) == len(z):
        shares = _shares([setting.evidence for setting in best])
        return [Member.of(setting, share, z, values) for setting, share in zip(best, shares) if share]
    runs = SparseRuns.of(z, values, best[0].shape)
    members = sorted((runs.member(s.shape, s.noise) for s in best), key=lambda member: -member.setting.evidence)
    shares = _shares([member.setting.evidence for member in members])
    return [replace(member, share=share) for member, share in zip(members, shares) if share]


def _shares(evidences: list[float]) -> list[float]:
    """The share of each member in the average, from log evidences, largest first; 0 below LEAST_SHARE."""
    shares = np.exp([evidence - evidences[0] for evidence in evidences])
    shares = np.where(shares < LEAST_SHARE, 0, shares) / shares[shares >= LEAST_SHARE].sum()
    return [float(share) for share in shares]


def _search(z: FloatArray, values: FloatArray, noises: Sequence[Noise]) -> list[Setting]:
    """The settings of largest evidence, best first.

    First the noise is searched with one shape, then the shape with the best noise, and then the noise again with the
    best shapes. On 72 fits of 20 and 80 runs the best evidence found was below that of the whole grid by .015 in the
    log on average, and by .4 at most, in a quarter of the time.
    """
    products = Products(z, z)
    tried = evaluated(z, values, products, product([MIDDLE], noises))
    tried += evaluated(z, values, products, product(SHAPES, [_ranked(tried)[0].noise]))
    few = [setting.shape for setting in _ranked(tried)[:FEW]]
    known = {(setting.shape, setting.noise) for setting in tried}
    tried += evaluated(z, values, products, (pair for pair in product(few, noises) if pair not in known))
    return _ranked(tried)[:AVERAGED]


def _ranked(settings: list[Setting]) -> list[Setting]:
    return sorted(settings, key=lambda setting: -setting.evidence)


def evaluated(
    z: FloatArray, values: FloatArray, products: Products, pairs: Iterable[tuple[Shape, Noise]]
) -> list[Setting]:
    """Compute the evidence of settings.

    One Cholesky factor for each gives the log determinant of K and, from two more rows that hold y and h, the products
    y'K^-1 y, y'K^-1 h and h'K^-1 h.

    Args:
        z: of the runs, (n, m).
        values: of the runs, (n,), standardised.
        products: of z with itself.
        pairs: the shapes and noises to try.

    Returns:
        One setting for each pair, in the same order.
    """
    n, h = len(z), -(z**2).sum(axis=1)
    extended = np.zeros((n + 2, n + 2))
    extended[n:, :n] = values, h
    extended[n:, n:] = FREE * np.eye(2)
    settings, covariances = [], {}
    for shape, noise in pairs:
        if shape not in covariances:
            covariances[shape] = shape.covariance(products)
        extended[:n, :n] = covariances[shape]
        if noise.deterministic:
            extended[:n, :n] += noise.own_variance * products.same
        extended[np.arange(n), np.arange(n)] += noise.variance(z)
        root = np.linalg.cholesky(extended)
        (yy, yh), (_, hh) = root[n:, :n] @ root[n:, :n].T
        half_log_determinant = np.log(np.diagonal(root)[:n]).sum()
        settings.append(Setting.of(shape, noise, n, (yy, yh, hh), half_log_determinant))
    return settings

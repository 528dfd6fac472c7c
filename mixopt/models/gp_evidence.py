"""Evidence of the Gaussian process: search the grid of powers, kernels and noises for those that the runs support most.

Nothing is fitted by gradients. Each setting of the grid (coordinates of gp_coordinates.py, a shape of gp_prior.py and a
noise of noise.py) has a marginal likelihood; the best few are averaged by their shares in it.
"""

import math
from collections.abc import Iterable, Sequence
from itertools import product

import numpy as np

from mixopt.models.gp_coordinates import Coordinates, Points
from mixopt.models.gp_member import Setting
from mixopt.models.gp_prior import MIDDLE, SHAPES, Products, Shape
from mixopt.models.noise import Noise
from mixopt.typing import FloatArray

SEEN = {  # the coordinates and their log prior, up to a constant: each p is as likely as another
    Coordinates(1.0): math.log(2),
    Coordinates(0.5): 0.0,
    Coordinates(0.5, bend_power=1.0): 0.0,
    Coordinates(0.25): 0.0,
    Coordinates(0.25, bend_power=1.0): 0.0,
}
HOPELESS = 7.0  # log evidence behind the best, with the noise searched, beyond which coordinates are left out
AVERAGED = 12  # settings, at most
FEW = 4  # shapes that are tried with every noise
LEAST_SHARE = 1e-3  # of the best setting's evidence
FREE = 1e12  # prior variance in place of infinity


def best_settings(weights: FloatArray, values: FloatArray, noises: Sequence[Noise]) -> list[tuple[Setting, float]]:
    """Find the settings of largest evidence.

    First the noise is searched with one shape, in all coordinates. Then the shape is searched with the best noise, and
    then the noise again with the best shapes, in the coordinates that are not hopeless by then. On 72 fits of 20 and 80
    runs with p = 1 alone, the best evidence found was below that of the whole grid by .015 in the log on average, and
    by .4 at most, in a quarter of the time.

    Args:
        weights: mixtures (n, m) of the runs.
        values: of the runs, (n,), standardised.
        noises: the hypotheses about the noise.

    Returns:
        The settings, best first, each with its share in the average; the shares sum to 1.
    """
    points = {coordinates: coordinates.of(weights) for coordinates in SEEN}
    products = {coordinates: Products(at.seen, at.seen) for coordinates, at in points.items()}

    def tried(coordinates: Coordinates, pairs: Iterable[tuple[Shape, Noise]]) -> list[Setting]:
        return evaluated(coordinates, points[coordinates], values, products[coordinates], pairs, SEEN[coordinates])

    first = {coordinates: _ranked(tried(coordinates, product([MIDDLE], noises))) for coordinates in SEEN}
    hope = max(settings[0].evidence for settings in first.values()) - HOPELESS
    found: list[Setting] = []
    for coordinates, settings in first.items():
        if settings[0].evidence < hope:
            continue
        settings = settings + tried(coordinates, product(SHAPES, [settings[0].noise]))
        few = [setting.shape for setting in _ranked(settings)[:FEW]]
        known = {(setting.shape, setting.noise) for setting in settings}
        found += settings + tried(coordinates, (pair for pair in product(few, noises) if pair not in known))
    best = _ranked(found)[:AVERAGED]
    shares = np.exp([setting.evidence - best[0].evidence for setting in best])
    shares = np.where(shares < LEAST_SHARE, 0, shares) / shares[shares >= LEAST_SHARE].sum()
    return [(setting, float(share)) for setting, share in zip(best, shares) if share]


def _ranked(settings: list[Setting]) -> list[Setting]:
    return sorted(settings, key=lambda setting: -setting.evidence)


def evaluated(
    coordinates: Coordinates,
    points: Points,
    values: FloatArray,
    products: Products,
    pairs: Iterable[tuple[Shape, Noise]],
    log_prior: float = 0.0,
) -> list[Setting]:
    """Compute the evidence of settings.

    One Cholesky factor for each gives the log determinant of K and, from two more rows that hold y and h, the products
    y'K^-1 y, y'K^-1 h and h'K^-1 h.

    Args:
        coordinates: in which the weights are seen.
        points: of the runs (n) in these coordinates.
        values: of the runs, (n,), standardised.
        products: of the points with themselves.
        pairs: the shapes and noises to try.
        log_prior: of the coordinates.

    Returns:
        One setting for each pair, in the same order.
    """
    n = len(points)
    extended = np.zeros((n + 2, n + 2))
    extended[n:, :n] = values, -points.bend
    extended[n:, n:] = FREE * np.eye(2)
    settings, covariances = [], {}
    for shape, noise in pairs:
        if shape not in covariances:
            covariances[shape] = shape.covariance(products)
        extended[:n, :n] = covariances[shape]
        if noise.deterministic:
            extended[:n, :n] += noise.own_variance * products.same
        extended[np.arange(n), np.arange(n)] += noise.variance(points.weights)
        root = np.linalg.cholesky(extended)
        (yy, yh), (_, hh) = root[n:, :n] @ root[n:, :n].T
        half_log_determinant = np.log(np.diagonal(root)[:n]).sum() - log_prior
        settings.append(Setting.of(coordinates, shape, noise, n, (yy, yh, hh), half_log_determinant))
    return settings


def evaluated_setting(
    coordinates: Coordinates, shape: Shape, noise: Noise, weights: FloatArray, values: FloatArray
) -> Setting:
    """Compute the evidence of one setting for runs with weights (n, m) and standardised values (n,)."""
    points = coordinates.of(weights)
    return evaluated(coordinates, points, values, Products(points.seen, points.seen), [(shape, noise)])[0]

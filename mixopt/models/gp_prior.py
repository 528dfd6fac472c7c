"""Prior of the Gaussian process: the kernel over mixtures, and the grid of its hyperparameters.

With the coordinates z and the relevances r of gp_coordinates.py, x = r z, and in units of the scale s of the score, the
prior is

    mean        -c |z|^2, c >= 0: until the runs show otherwise, mixing is better than leaving domains out
    covariance  4 + vL x.x' + vQ ((x.x')^2 + 3 sum_i x_i^2 x'_i^2) + vR exp(-|x - x'|^2 / 2 l^2)
    noise       see noise.py

The parts of the covariance are a level, a linear trend, a quadratic (its squares vary more than its products), and a
smooth deviation from these.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from mixopt.typing import FloatArray

LEVEL = 4.0
SQUARES = 3.0
SAME = 1e-9  # |x - x'|^2 below which two mixtures are the same


class Products:
    """The products of two sets of mixtures, as the kernel sees them, that every kernel needs, computed once.

    Attributes:
        linear: x.x', (n, k).
        quadratic: (x.x')^2 + 3 sum_i x_i^2 x'_i^2, (n, k).
    """

    def __init__(self, x: FloatArray, other: FloatArray) -> None:
        """Multiply x (n, m) and other (k, m)."""
        self.linear = x @ other.T
        squares, other_squares = x**2, other**2
        self.quadratic = self.linear**2 + SQUARES * squares @ other_squares.T
        distance = squares.sum(axis=1)[:, None] + other_squares.sum(axis=1) - 2 * self.linear
        self._distance, self._smooth = np.maximum(distance, 0.0), dict[float, FloatArray]()

    @property
    def same(self) -> FloatArray:
        """1 where two mixtures are the same, else 0, (n, k)."""
        return (self._distance < SAME).astype(float)

    def smooth(self, length: float) -> FloatArray:
        """exp(-|x - x'|^2 / 2 l^2), (n, k); cached, because shapes share length scales."""
        if length not in self._smooth:
            self._smooth[length] = np.exp(self._distance * (-0.5 / length**2))
        return self._smooth[length]


@dataclass(frozen=True)
class Shape:
    """Hyperparameters of the kernel: the variances of its parts, and the length scale of the smooth part."""

    linear: float
    quadratic: float
    smooth: float
    length: float

    def covariance(self, products: Products) -> FloatArray:
        """The prior covariance (n, k), in units of s^2."""
        covariance = self.smooth * products.smooth(self.length)
        covariance += self.quadratic * products.quadratic
        covariance += self.linear * products.linear
        covariance += LEVEL
        return covariance

    def variance(self, x: FloatArray) -> FloatArray:
        """The prior variance (n,) at x (n, m): the diagonal of `covariance` between x and itself."""
        squares = x**2
        norm = squares.sum(axis=1)
        quadratic = norm**2 + SQUARES * (squares**2).sum(axis=1)
        return LEVEL + self.linear * norm + self.quadratic * quadratic + self.smooth


def weighted_covariance(shapes: Sequence[Shape], shares: FloatArray, products: Products) -> FloatArray:
    """The weighted sum of several kernels, at about the cost of one.

    Args:
        shapes: the kernels (a).
        shares: the factor of each, (a,).
        products: of two sets of mixtures, n and k of them.

    Returns:
        The sum (n, k) of share times covariance.
    """
    smooth: dict[float, float] = {}
    for shape, share in zip(shapes, shares):
        smooth[shape.length] = smooth.get(shape.length, 0.0) + share * shape.smooth
    covariance = float(shares @ [shape.quadratic for shape in shapes]) * products.quadratic
    covariance += float(shares @ [shape.linear for shape in shapes]) * products.linear
    for length, part in smooth.items():
        covariance += part * products.smooth(length)
    covariance += LEVEL * shares.sum()
    return covariance


SHAPES = tuple(
    Shape(linear, quadratic, smooth, length)
    for linear, quadratic, (smooth, length) in product(
        (0.1, 1.0), (0.01, 0.1, 0.3, 1.0), ((0.01, 1.0), (0.1, 1.0), (0.1, 2.0), (0.5, 1.0), (0.5, 2.0))
    )
)
MIDDLE = Shape(1.0, 0.1, 0.1, 1.0)  # a shape in the middle of the grid, with which the noise is searched first

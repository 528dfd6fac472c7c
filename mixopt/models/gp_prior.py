"""The prior of the evidence surrogate: what a score may look like over mixtures, before any run.

On z = (w - 1/m) sqrt(m (m + 1) / (m - 1)), for which |z|^2 is 1 on average over Dirichlet(1) mixtures, and in
units of the scale s of the score:

    mean        -c |z|^2, c >= 0: until the data say otherwise, mixing is better than leaving domains out
    covariance  4 + vL z.z' + vQ ((z.z')^2 + 3 sum_i z_i^2 z'_i^2) + vR exp(-|z - z'|^2 / 2 l^2)
    noise       tau (1 + h |z|^2) / (1 + h): the same everywhere, or growing towards the corners

Where scores are deterministic there is no noise, and tau is the variance of what is a mixture's own: what no smooth
surface explains, and the same again in every run of it.

A level, a linear trend, a quadratic whose squares vary more than its products, and a smooth deviation from
them. It works on w itself, so vertices and faces are ordinary points.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np

from mixopt.typing import FloatArray

LEVEL = 4.0
SQUARES = 3.0
SAME = 1e-9  # |z - z'|^2 below which two mixtures are one
ROUNDING = 1e-6  # variance of the noise of deterministic scores


def standardised(weights: FloatArray) -> FloatArray:
    """z of weights (n, m), (n, m)."""
    m = weights.shape[1]
    return (weights - 1 / m) * math.sqrt(m * (m + 1) / (m - 1))


class Products:
    """What every covariance between two sets of z needs, computed once."""

    def __init__(self, z: FloatArray, other: FloatArray) -> None:
        """Between z (n, m) and other (k, m): `linear` z.z' and `quadratic` (z.z')^2 + 3 sum z_i^2 z'_i^2, (n, k)."""
        self.linear = z @ other.T
        squares, other_squares = z**2, other**2
        self.quadratic = self.linear**2 + SQUARES * squares @ other_squares.T
        distance = squares.sum(axis=1)[:, None] + other_squares.sum(axis=1) - 2 * self.linear
        self._distance, self._near = np.maximum(distance, 0.0), dict[float, FloatArray]()

    @property
    def same(self) -> FloatArray:
        """1 where two mixtures are one, else 0, (n, k)."""
        return (self._distance < SAME).astype(float)

    def near(self, length: float) -> FloatArray:
        """exp(-|z - z'|^2 / 2 l^2), (n, k); kept, since shapes share lengths."""
        if length not in self._near:
            self._near[length] = np.exp(self._distance * (-0.5 / length**2))
        return self._near[length]


@dataclass(frozen=True)
class Shape:
    """Variances of the parts of the covariance, and the length of the smooth part."""

    linear: float
    quadratic: float
    smooth: float
    length: float

    def covariance(self, products: Products) -> FloatArray:
        """The prior covariance, in units of s^2, of the shape of the products."""
        covariance = self.smooth * products.near(self.length)
        covariance += self.quadratic * products.quadratic
        covariance += self.linear * products.linear
        covariance += LEVEL
        return covariance

    def variance(self, z: FloatArray) -> FloatArray:
        """The diagonal of `covariance` between z (n, m) and itself, (n,)."""
        norm = (z**2).sum(axis=1)
        quadratic = norm**2 + SQUARES * (z**4).sum(axis=1)
        return LEVEL + self.linear * norm + self.quadratic * quadratic + self.smooth


def blended(shapes: Sequence[Shape], shares: FloatArray, products: Products) -> FloatArray:
    """The sum of the shapes' covariances, each times its share, part by part and so at the price of about one."""
    smooth: dict[float, float] = {}
    for shape, share in zip(shapes, shares):
        smooth[shape.length] = smooth.get(shape.length, 0.0) + share * shape.smooth
    covariance = float(shares @ [shape.quadratic for shape in shapes]) * products.quadratic
    covariance += float(shares @ [shape.linear for shape in shapes]) * products.linear
    for length, part in smooth.items():
        covariance += part * products.near(length)
    covariance += LEVEL * shares.sum()
    return covariance


@dataclass(frozen=True)
class Noise:
    """The variance of one run's noise: tau on average over Dirichlet(1) mixtures, growing by h |z|^2.

    With `own` it is no noise but a mixture's own part of the score, the same again in every run of it.
    """

    tau: float
    growth: float
    own: bool = False

    @property
    def own_variance(self) -> float:
        """What it adds to the covariance of a mixture with itself, in units of s^2."""
        return self.tau if self.own else 0.0

    def variance(self, z: FloatArray) -> FloatArray:
        """At z (n, m), in units of s^2, (n,)."""
        if self.own:
            return np.full(len(z), ROUNDING)
        return self.tau * (1 + self.growth * (z**2).sum(axis=1)) / (1 + self.growth)

    @property
    def log_prior(self) -> float:
        """log-normal about .3, wide."""
        return -((math.log(self.tau / 0.3) / 1.5) ** 2) / 2


SHAPES = tuple(
    Shape(linear, quadratic, smooth, length)
    for linear, quadratic, (smooth, length) in product(
        (0.1, 1.0), (0.01, 0.1, 0.3, 1.0), ((0.01, 1.0), (0.1, 1.0), (0.1, 2.0), (0.5, 1.0), (0.5, 2.0))
    )
)
NOISES = tuple(Noise(tau, growth) for tau, growth in product((0.004, 0.013, 0.04, 0.13, 0.4, 1.3), (0.0, 3.0)))
OWN = tuple(Noise(noise.tau, 0.0, own=True) for noise in NOISES if not noise.growth)
FIRST = Shape(1.0, 0.1, 0.1, 1.0)  # a shape in the middle, to find the noise with

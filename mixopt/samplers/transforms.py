"""Latent coordinates: a box that a stock sampler can search, with a transform onto the simplex and one back.

    exponential   x in [0, 1]^m    w_i = -ln x_i / sum_j -ln x_j    uniform x give uniform mixtures; vertices are points
    softmax       x in [-4, 4]^m   w_i = exp x_i / sum_j exp x_j    smooth, but no weight is 0: vertices are clipped

Both have one coordinate too many: different latents stand for the same mixture.
"""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from mixopt.typing import FloatArray

TINY = np.finfo(float).tiny


class Latents(Protocol):
    """Coordinates x (m,) in [low, high]^m for mixtures w (m,) over the same number of domains."""

    @property
    def low(self) -> float:
        """The lowest value of each coordinate."""

    @property
    def high(self) -> float:
        """The highest value of each coordinate."""

    def to_weights(self, latents: FloatArray) -> FloatArray:
        """Return the mixture (m,) of latents (m,) in the box."""

    def to_latents(self, weights: FloatArray) -> FloatArray:
        """Return latents (m,) in the box for a mixture (m,)."""


@dataclass(frozen=True)
class Exponential:
    """Normalised exponential variables. Back and forth is exact to rounding, vertices included."""

    low: float = 0.0
    high: float = 1.0

    def to_weights(self, latents: FloatArray) -> FloatArray:
        """Return the mixture (m,) of latents (m,) in the box."""
        shares = -np.log(np.maximum(latents, TINY))
        total = shares.sum()
        return shares / total if total > 0 else np.full(len(latents), 1 / len(latents))  # all are 1

    def to_latents(self, weights: FloatArray) -> FloatArray:
        """Return latents (m,) in the box for a mixture (m,)."""
        return np.exp(-len(weights) * weights)  # m exponential variables sum to m on average


@dataclass(frozen=True)
class Softmax:
    """Normalised exponentials of the latents. Ratios of weights beyond e^8 come back as e^8."""

    low: float = -4.0
    high: float = 4.0

    def to_weights(self, latents: FloatArray) -> FloatArray:
        """Return the mixture (m,) of latents (m,) in the box."""
        shares = np.exp(latents - latents.max())
        return shares / shares.sum()

    def to_latents(self, weights: FloatArray) -> FloatArray:
        """Return latents (m,) in the box for a mixture (m,)."""
        logs = np.log(np.maximum(weights / weights.max(), np.exp(self.low - self.high)))
        return logs - logs.min() / 2 + (self.low + self.high) / 2  # its largest and smallest are centred in the box


LATENTS: dict[str, Latents] = {"exponential": Exponential(), "softmax": Softmax()}

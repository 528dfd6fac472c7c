"""What a surrogate is, and how a fit is judged."""

from typing import Protocol, Self

import numpy as np

from mixopt.arrays import FloatArray


class Surrogate(Protocol):
    """The fitted map from weights to a score, with its uncertainty."""

    def fit(self, weights: FloatArray, values: FloatArray) -> Self:
        """Learn from weights (n, m) and values (n,). Raises StrategyError where there are too few."""

    def predict(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean (n,) and standard deviation (n,) of the score at weights (n, m), in units of the values."""


def r_squared(values: FloatArray, predicted: FloatArray) -> float:
    """1 - (sum of squared residuals) / (sum of squares about the mean); -inf where the values do not vary."""
    spread = float(((values - values.mean()) ** 2).sum())
    return 1 - float(((values - predicted) ** 2).sum()) / spread if spread > 0 else -np.inf

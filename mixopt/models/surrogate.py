"""What a surrogate is, and how a fit is judged."""

from typing import Protocol, Self

import numpy as np

from mixopt.errors import StrategyError
from mixopt.typing import FloatArray

HALF_WIDTH = 1.645  # of a 90 % interval, in sd


class Surrogate(Protocol):
    """The fitted map from weights to a score, with its uncertainty.

    `noise_sd`, after `fit`, is the noise of one run as far as the surrogate tells it from its own uncertainty; 0 where
    it does not, and `predict` counts both. Scores that do not vary are predicted as what they are (by botorch: nearly).
    """

    noise_sd: float

    def fit(self, weights: FloatArray, values: FloatArray) -> Self:
        """Learn from weights (n, m) and values (n,). Raises StrategyError where there are too few, or one is NaN."""

    def predict(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean (n,) and standard deviation (n,) of the score at weights (n, m), in units of the values."""


def check_runs(weights: FloatArray, values: FloatArray, least: int, what: str) -> None:
    """Refuse runs that `what` cannot be fitted on: fewer than `least`, or a value that is not finite.

    Raises:
        StrategyError: with the reason and the mend.
    """
    if len(values) < least:
        domains = weights.shape[1]
        raise StrategyError(f"{what} over {domains} domains needs {least} runs, got {len(values)}: train more first")
    if not np.isfinite(values).all():
        raise StrategyError(f"{what} cannot be fitted on the value {values[~np.isfinite(values)][0]}: drop that run")


def centred_and_scaled(values: FloatArray) -> tuple[FloatArray, float, float]:
    """Values (n,) with mean 0 and sd 1, that mean and that sd; zeros and an sd of 0 where the values do not vary."""
    mean, sd = float(values.mean()), float(values.std())
    if sd <= 1e-12 * np.abs(values).max():  # rounding is no variation
        return np.zeros(len(values)), mean, 0.0
    return (values - mean) / sd, mean, sd


def r_squared(values: FloatArray, predicted: FloatArray) -> float:
    """1 - (sum of squared residuals) / (sum of squares about the mean); -inf where the values do not vary."""
    spread = float(((values - values.mean()) ** 2).sum())
    return 1 - float(((values - predicted) ** 2).sum()) / spread if spread > 0 else -np.inf

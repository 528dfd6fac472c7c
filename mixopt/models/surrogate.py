"""The surrogate interface: `fit` takes runs and returns a frozen model with `predict`; and what all fits share."""

from typing import Protocol

import numpy as np

from mixopt.errors import StrategyError
from mixopt.typing import FloatArray

HALF_WIDTH = 1.645  # of a 90 % interval of a normal distribution, in standard deviations


class FittedSurrogate(Protocol):
    """A model fitted on runs; it does not change any more."""

    @property
    def noise_sd(self) -> float:
        """Standard deviation of one run's noise, in units of the values.

        It is 0 where the model cannot tell noise from its own uncertainty; then `predict` counts both.
        """

    def predict(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Predict the score at mixtures.

        Args:
            weights: mixtures (n, m).

        Returns:
            Mean (n,) and standard deviation (n,), in units of the values.
        """


class Surrogate(Protocol):
    """The settings of a model. They do not change: one surrogate can be fitted many times.

        mean, sd = LinearSurrogate().fit(runs.weights, runs.values).predict(mixtures)

    Values that do not vary are predicted as that constant (by `botorch`: nearly).
    """

    def fit(self, weights: FloatArray, values: FloatArray) -> FittedSurrogate:
        """Fit the model on runs.

        Args:
            weights: mixtures (n, m) of the runs.
            values: their scores (n,), in any unit.

        Returns:
            The fitted model.

        Raises:
            StrategyError: too few runs, or a value that is not finite.
        """


def check_runs(weights: FloatArray, values: FloatArray, least: int, what: str) -> None:
    """Refuse runs that a model cannot be fitted on.

    Args:
        weights: mixtures (n, m).
        values: scores (n,).
        least: the smallest number of runs.
        what: the fit, as the message calls it.

    Raises:
        StrategyError: fewer than `least` runs, or a value that is not finite.
    """
    if len(values) < least:
        domains = weights.shape[1]
        raise StrategyError(f"{what} over {domains} domains needs {least} runs, got {len(values)}: train more first")
    if not np.isfinite(values).all():
        raise StrategyError(f"{what} cannot be fitted on the value {values[~np.isfinite(values)][0]}: drop that run")


def centred_and_scaled(values: FloatArray) -> tuple[FloatArray, float, float]:
    """Standardise values.

    Args:
        values: scores (n,).

    Returns:
        The values with mean 0 and standard deviation 1, the mean, and the standard deviation. Where the values do not
        vary: zeros, and a standard deviation of 0.
    """
    mean, sd = float(values.mean()), float(values.std())
    if sd <= 1e-12 * np.abs(values).max():  # rounding is no variation
        return np.zeros(len(values)), mean, 0.0
    return (values - mean) / sd, mean, sd


def r_squared(values: FloatArray, predicted: FloatArray) -> float:
    """R^2 of predictions (n,) of values (n,): 1 - residual / total sum of squares; -inf where values do not vary."""
    spread = float(((values - values.mean()) ** 2).sum())
    return 1 - float(((values - predicted) ** 2).sum()) / spread if spread > 0 else -np.inf

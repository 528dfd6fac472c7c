"""The linear surrogate b + a.w, fitted on all runs: what the paper's Figure 7 sets the quadratic against."""

from typing import Self

import numpy as np

from mixopt.models.surrogate import check_runs, r_squared
from mixopt.typing import FloatArray


class LinearSurrogate:
    """Least squares on [1, w], minimum norm because the weights sum to 1 (the rank is at most m).

    Attributes after `fit`: `intercept` b, `slope` a (m,), `r2_train` (R^2 on all runs).
    """

    noise_sd = 0.0  # it is part of predict's sd

    def fit(self, weights: FloatArray, values: FloatArray) -> Self:
        """Learn from weights (n, m) and values (n,). Raises StrategyError where n does not exceed m, or for a NaN."""
        n, m = weights.shape
        check_runs(weights, values, m + 1, "a linear fit")
        features = np.column_stack([np.ones(n), weights])
        coefficients, _, rank, _ = np.linalg.lstsq(features, values, rcond=None)
        self.intercept, self.slope = float(coefficients[0]), coefficients[1:]
        residuals = values - features @ coefficients
        self.r2_train = r_squared(values, features @ coefficients)
        self._sd = float(np.sqrt((residuals**2).sum() / (n - rank)))
        return self

    def predict(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean (n,), and as sd (n,) the residual standard deviation, the same everywhere."""
        return self.intercept + weights @ self.slope, np.full(len(weights), self._sd)

"""Linear surrogate: least squares b + a.w, which the paper compares the quadratic with (its Figure 7)."""

from dataclasses import dataclass

import numpy as np

from mixopt.models.surrogate import check_runs, r_squared
from mixopt.typing import FloatArray


@dataclass(frozen=True)
class LinearSurrogate:
    """Least squares on [1, w]; of minimum norm, because the weights sum to 1 (the rank is at most m)."""

    def fit(self, weights: FloatArray, values: FloatArray) -> "FittedLinear":
        """Fit on weights (n, m) and values (n,).

        Raises:
            StrategyError: n does not exceed m, or a value is not finite.
        """
        n, m = weights.shape
        check_runs(weights, values, m + 1, "a linear fit")
        features = np.column_stack([np.ones(n), weights])
        coefficients, _, rank, _ = np.linalg.lstsq(features, values, rcond=None)
        residuals = values - features @ coefficients
        return FittedLinear(
            intercept=float(coefficients[0]),
            slope=np.asarray(coefficients[1:], dtype=float),
            sd=float(np.sqrt((residuals**2).sum() / (n - rank))),
            r2_train=r_squared(values, features @ coefficients),
        )


@dataclass(frozen=True, eq=False)
class FittedLinear:
    """A fitted linear surrogate.

    Attributes:
        intercept: b.
        slope: a, (m,).
        sd: residual standard deviation.
        r2_train: R^2 on the runs that it was fitted on.
        noise_sd: 0, because `sd` includes the noise.
    """

    intercept: float
    slope: FloatArray
    sd: float
    r2_train: float
    noise_sd: float = 0.0

    def predict(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean (n,) and standard deviation (n,) at weights (n, m); `sd` everywhere."""
        return self.intercept + weights @ self.slope, np.full(len(weights), self.sd)

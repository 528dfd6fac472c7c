"""The quadratic in Scheffé's form, with shrinkage: sum_i b_i w_i + sum_{i<j} b_ij w_i w_j (Scheffé 1958).

On the simplex these m (m + 1) / 2 terms span what the paper's 1 + m + m^2 do. The coefficients have a normal prior
about a common level: terms are scaled so that over Dirichlet(1) mixtures the linear part has variance v and the
interactions r v; v and the noise are inferred (scikit-learn's BayesianRidge), and of the ratios r that of largest
marginal likelihood is kept. So it is sensible with fewer runs than terms, and bends only as far as the runs say.
"""

from typing import Self

import numpy as np

from mixopt.models.surrogate import centred_and_scaled, check_runs
from mixopt.typing import FloatArray

RATIOS = (0.03, 0.1, 0.3, 1.0)
# Gamma priors (shape, rate) of the precisions of noise and coefficients, for values of variance 1: two runs' worth.
NOISE, COEFFICIENTS = (1.0, 0.3), (1.0, 1.0)


class ScheffeSurrogate:
    """Ridge regression on Scheffé's terms; deterministic.

    Attributes after `fit`: `linear` (m,) the b_i, so the scores of single domains; `interactions` (m, m), b_ij above
    the diagonal; `noise_sd`.
    """

    def fit(self, weights: FloatArray, values: FloatArray) -> Self:
        """Learn from weights (n, m) and values (n,). Raises StrategyError for fewer than 3 runs, or a NaN."""
        from sklearn.linear_model import BayesianRidge  # takes a second

        check_runs(weights, values, 3, "a quadratic fit in Scheffé's form")
        z, mean, scale = centred_and_scaled(values)
        self._mean, self._scale, m = mean, scale, weights.shape[1]
        fits = []
        for ratio in RATIOS:
            spread = _spread(m, ratio)
            ridge = BayesianRidge(
                alpha_1=NOISE[0],
                alpha_2=NOISE[1],
                lambda_1=COEFFICIENTS[0],
                lambda_2=COEFFICIENTS[1],
                compute_score=True,
            )
            fits.append((ridge.fit(terms(weights) * spread, z), spread))
        self._ridge, self._spread = max(fits, key=lambda fit: fit[0].scores_[-1])
        self.noise_sd = scale * float(self._ridge.alpha_**-0.5)
        coefficients = scale * self._ridge.coef_ * self._spread
        self.linear = mean + scale * float(self._ridge.intercept_) + coefficients[:m]
        self.interactions = np.zeros((m, m))
        self.interactions[np.triu_indices(m, k=1)] = coefficients[m:]
        return self

    def predict(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Posterior mean (n,) and sd (n,) of the noise-free score at weights (n, m), for the inferred variances."""
        z, sd = self._ridge.predict(terms(weights) * self._spread, return_std=True)
        variance = np.maximum(sd**2 - 1 / self._ridge.alpha_, 0)
        return self._mean + self._scale * z, self._scale * np.sqrt(variance)


def terms(weights: FloatArray) -> FloatArray:
    """[w_i, w_i w_j for i < j]: (n, m) -> (n, m (m + 1) / 2)."""
    i, j = np.triu_indices(weights.shape[1], k=1)
    return np.column_stack([weights, weights[:, i] * weights[:, j]])


def _spread(m: int, ratio: float) -> FloatArray:
    """What each term is multiplied by, (m (m + 1) / 2,): the linear ones share variance 1, the others `ratio`.

    Under Dirichlet(1), var w_i = (m - 1) / (m^2 (m + 1)) and, with s = m (m + 1), var w_i w_j = 4 / (s (m + 2) (m + 3))
    - 1 / s^2.
    """
    s, pairs = m * (m + 1), m * (m - 1) // 2
    linear = (m - 1) / (m * s)
    product = 4 / (s * (m + 2) * (m + 3)) - 1 / s**2
    return np.sqrt(np.concatenate([np.full(m, 1 / (m * linear)), np.full(pairs, ratio / (pairs * product))]))

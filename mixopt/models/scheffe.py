"""Scheffé's quadratic mixture polynomial with shrinkage: sum_i b_i w_i + sum_{i<j} b_ij w_i w_j.

On the simplex these m (m + 1) / 2 terms span what the paper's 1 + m + m^2 features do. The coefficients have a normal
prior about a common level. The terms are scaled so that over Dirichlet(1) mixtures the linear part has variance v and
the interactions have variance r v. v and the noise are inferred (scikit-learn's BayesianRidge), and of the ratios r the
one with the largest marginal likelihood is kept. So the fit is sensible with fewer runs than terms, and it bends only
where the runs support it.

References:
    Scheffé (1958), Experiments with mixtures, doi:10.1111/j.2517-6161.1958.tb00299.x.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from mixopt.models.surrogate import centred_and_scaled, check_runs
from mixopt.typing import FloatArray

RATIOS = (0.03, 0.1, 0.3, 1.0)
# Gamma priors (shape, rate) of the precisions of noise and coefficients, for values of variance 1: worth two runs.
NOISE, COEFFICIENTS = (1.0, 0.3), (1.0, 1.0)


@dataclass(frozen=True)
class ScheffeSurrogate:
    """Bayesian ridge regression on Scheffé's terms; it uses no random numbers."""

    def fit(self, weights: FloatArray, values: FloatArray) -> "FittedScheffe":
        """Fit on weights (n, m) and values (n,).

        Raises:
            StrategyError: fewer than 3 runs, or a value that is not finite.
        """
        from sklearn.linear_model import BayesianRidge  # takes a second

        check_runs(weights, values, 3, "a quadratic fit in Scheffé's form")
        z, mean, scale = centred_and_scaled(values)
        m, fits = weights.shape[1], []
        for ratio in RATIOS:
            factors = _factors(m, ratio)
            ridge = BayesianRidge(
                alpha_1=NOISE[0],
                alpha_2=NOISE[1],
                lambda_1=COEFFICIENTS[0],
                lambda_2=COEFFICIENTS[1],
                compute_score=True,
            )
            fits.append((ridge.fit(terms(weights) * factors, z), factors))
        ridge, factors = max(fits, key=lambda fit: fit[0].scores_[-1])
        coefficients = scale * ridge.coef_ * factors
        interactions = np.zeros((m, m))
        interactions[np.triu_indices(m, k=1)] = coefficients[m:]
        return FittedScheffe(
            linear=mean + scale * float(ridge.intercept_) + coefficients[:m],
            interactions=interactions,
            noise_sd=scale * float(ridge.alpha_**-0.5),
            ridge=ridge,
            factors=factors,
            centre=mean,
            unit=scale,
        )


@dataclass(frozen=True, eq=False)
class FittedScheffe:
    """A fitted Scheffé polynomial.

    Attributes:
        linear: the b_i, (m,): the scores of the single domains.
        interactions: the b_ij above the diagonal, 0 elsewhere, (m, m).
        noise_sd: standard deviation of one run's noise.
        ridge: scikit-learn's fitted BayesianRidge, on standardised values.
        factors: by which the terms were multiplied, (m (m + 1) / 2,).
        centre: mean of the values.
        unit: standard deviation of the values.
    """

    linear: FloatArray
    interactions: FloatArray
    noise_sd: float
    ridge: Any
    factors: FloatArray
    centre: float
    unit: float

    def predict(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Posterior mean (n,) and sd (n,) of the noise-free score at weights (n, m), given the inferred variances."""
        z, sd = self.ridge.predict(terms(weights) * self.factors, return_std=True)
        variance = np.maximum(sd**2 - 1 / self.ridge.alpha_, 0)
        return self.centre + self.unit * z, self.unit * np.sqrt(variance)


def terms(weights: FloatArray) -> FloatArray:
    """[w_i, w_i w_j for i < j]: (n, m) -> (n, m (m + 1) / 2)."""
    i, j = np.triu_indices(weights.shape[1], k=1)
    return np.column_stack([weights, weights[:, i] * weights[:, j]])


def _factors(m: int, ratio: float) -> FloatArray:
    """What each term is multiplied by, (m (m + 1) / 2,): the linear terms share variance 1, the others `ratio`.

    Under Dirichlet(1), var w_i = (m - 1) / (m^2 (m + 1)) and, with s = m (m + 1), var w_i w_j = 4 / (s (m + 2) (m + 3))
    - 1 / s^2.
    """
    s, pairs = m * (m + 1), m * (m - 1) // 2
    linear = (m - 1) / (m * s)
    product = 4 / (s * (m + 2) * (m + 3)) - 1 / s**2
    return np.sqrt(np.concatenate([np.full(m, 1 / (m * linear)), np.full(pairs, ratio / (pairs * product))]))

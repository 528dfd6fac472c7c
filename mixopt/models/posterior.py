"""The posterior interface: what acquisition functions and recommendations ask of a fitted Gaussian process."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from mixopt.typing import FloatArray


@dataclass(frozen=True, eq=False)
class JointPrediction:
    """What a model expects of runs at k mixtures, in units of the values.

    Attributes:
        mean: (k,) of the noise-free score.
        variance: (k,) of the noise-free score.
        noise: (k,) variance of one run's noise.
        covariance: (k, t) with the noise-free score at t target mixtures.
        target_mean: (t,) mean at the target mixtures.
        target_variance: (t,) variance of the noise-free score at the target mixtures.
    """

    mean: FloatArray
    variance: FloatArray
    noise: FloatArray
    covariance: FloatArray
    target_mean: FloatArray
    target_variance: FloatArray


class Posterior(Protocol):
    """A fitted model of a noise-free score over mixtures, in units of the values it was fitted on."""

    @property
    def weights(self) -> FloatArray:
        """The mixtures (n, m) of its runs."""

    @property
    def noise_sd(self) -> float:
        """Standard deviation of one run's noise, on average over the runs."""

    @property
    def products(self) -> int:
        """How many products `joint_prediction` computes for each pair of a mixture and a target."""

    def mean(self, weights: FloatArray) -> FloatArray:
        """Posterior mean (k,) at weights (k, m)."""

    def predict(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Posterior mean (k,) and standard deviation (k,) at weights (k, m)."""

    def joint(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Joint posterior at weights (k, m): mean (k,), covariance (k, k)."""

    def noise_at(self, weights: FloatArray) -> FloatArray:
        """Standard deviation (k,) of one run's noise at weights (k, m)."""

    def joint_prediction(self, weights: FloatArray, targets: FloatArray) -> JointPrediction:
        """Prediction of runs at weights (k, m), and their covariance with the scores at targets (t, m)."""

    def conditioned_on(self, weights: FloatArray) -> "Posterior":
        """The posterior after runs at weights (p, m) that score what it expects."""


class JointlyPredicted:
    """What follows from the joint prediction and the noise of a posterior."""

    @property
    def noise_sd(self: Posterior) -> float:
        """Standard deviation of one run's noise, on average over the runs."""
        return float(self.noise_at(self.weights).mean())

    def predict(self: Posterior, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Posterior mean (k,) and standard deviation (k,) of the noise-free score at weights (k, m)."""
        found = self.joint_prediction(weights, weights[:0])
        return found.mean, np.sqrt(found.variance)

    def joint(self: Posterior, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Joint posterior of the noise-free scores at weights (k, m): mean (k,), covariance (k, k)."""
        found = self.joint_prediction(weights, weights)
        return found.mean, found.covariance


def joint_draws(
    posterior: Posterior, weights: FloatArray, count: int, widen: float, rng: np.random.Generator
) -> FloatArray:
    """Draw noise-free scores jointly from a posterior.

    Args:
        posterior: the fitted model.
        weights: mixtures (k, m).
        count: number of draws.
        widen: factor on all standard deviations.
        rng: the only source of randomness.

    Returns:
        Scores (count, k), in units of the values.
    """
    mean, covariance = posterior.joint(weights)
    values, vectors = np.linalg.eigh(covariance)
    root = widen * vectors * np.sqrt(values.clip(0))
    return np.asarray(mean + rng.standard_normal((count, len(mean))) @ root.T)

"""What a search and a recommendation ask of a fitted model, whichever it is."""

from typing import Protocol

import numpy as np

from mixopt.models.gp import JointPrediction
from mixopt.typing import FloatArray


class Posterior(Protocol):
    """A fitted model of a noise-free score over mixtures, in the units of the values it was fitted on."""

    @property
    def weights(self) -> FloatArray:
        """The mixtures (n, m) of its runs."""

    def mean(self, weights: FloatArray) -> FloatArray:
        """Posterior mean (k,) at weights (k, m)."""

    def predict(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Posterior mean (k,) and standard deviation (k,) at weights (k, m)."""

    def joint(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Joint posterior at weights (k, m): mean (k,), covariance (k, k)."""

    def noise_at(self, weights: FloatArray) -> FloatArray:
        """Standard deviation of one run's noise at weights (k, m), (k,)."""

    def joint_prediction(self, weights: FloatArray, targets: FloatArray) -> JointPrediction:
        """What is expected of runs at weights (k, m), and how it goes with the scores at targets (t, m)."""

    def conditioned_on(self, weights: FloatArray) -> "Posterior":
        """As if runs at weights (p, m) had come out as expected."""


def joint_draws(
    posterior: Posterior, weights: FloatArray, count: int, widen: float, rng: np.random.Generator
) -> FloatArray:
    """Noise-free scores (count, k) at weights (k, m), drawn jointly, standard deviations multiplied by `widen`."""
    mean, covariance = posterior.joint(weights)
    values, vectors = np.linalg.eigh(covariance)
    root = widen * vectors * np.sqrt(values.clip(0))
    return np.asarray(mean + rng.standard_normal((count, len(mean))) @ root.T)

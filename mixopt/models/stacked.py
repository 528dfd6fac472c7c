"""Stacked posteriors: several models of one score, averaged by how well each predicts the runs it has not seen."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from mixopt.models.posterior import JointlyPredicted, JointPrediction, Posterior
from mixopt.typing import FloatArray


@dataclass(frozen=True, eq=False)
class StackedPosterior(JointlyPredicted):
    """The average of several posteriors; their disagreement is part of the variance.

    Attributes:
        parts: the posteriors, fitted on the same runs.
        shares: of each in the average; they sum to 1.
    """

    parts: tuple[Posterior, ...]
    shares: FloatArray

    @property
    def weights(self) -> FloatArray:
        """The mixtures (n, m) of the runs."""
        return self.parts[0].weights

    @property
    def products(self) -> int:
        """How many products `joint_prediction` computes for each pair of a mixture and a target."""
        return sum(part.products for part in self.parts)

    def mean(self, weights: FloatArray) -> FloatArray:
        """Posterior mean (k,) at weights (k, m)."""
        return np.asarray(self.shares @ [part.mean(weights) for part in self.parts])

    def noise_at(self, weights: FloatArray) -> FloatArray:
        """Standard deviation (k,) of one run's noise at weights (k, m)."""
        return np.sqrt(self.shares @ [part.noise_at(weights) ** 2 for part in self.parts])

    def joint_prediction(self, weights: FloatArray, targets: FloatArray) -> JointPrediction:
        """Prediction of runs at weights (k, m), and their covariance with the scores at targets (t, m)."""
        return averaged([part.joint_prediction(weights, targets) for part in self.parts], self.shares)

    def conditioned_on(self, weights: FloatArray) -> Self:
        """The posterior after runs at weights (p, m) that score what it expects."""
        return replace(self, parts=tuple(part.conditioned_on(weights) for part in self.parts))


def averaged(found: Sequence[JointPrediction], shares: FloatArray) -> JointPrediction:
    """Average predictions of the same runs and targets by several models, with their disagreement."""
    means, target_means = np.array([one.mean for one in found]), np.array([one.target_mean for one in found])
    mean, target_mean = shares @ means, shares @ target_means
    away, target_away = means - mean, target_means - target_mean
    covariance = (shares[:, None] * away).T @ target_away
    for share, one in zip(shares, found):
        covariance += share * one.covariance
    return JointPrediction(
        mean=mean,
        variance=shares @ [one.variance for one in found] + shares @ away**2,
        noise=shares @ [one.noise for one in found],
        covariance=covariance,
        target_mean=target_mean,
        target_variance=shares @ [one.target_variance for one in found] + shares @ target_away**2,
    )

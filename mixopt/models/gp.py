"""Gaussian process surrogate, the default model: its hyperparameters are averaged by their evidence, in closed form.

The kernel's shape and the noise are taken from a grid (gp_prior.py, noise.py), the best few settings are averaged
(gp_evidence.py), and their disagreement is added to the variance. The scale s and the curvature c of the mean follow
in closed form from y'K^-1 y, y'K^-1 h and h'K^-1 h with h = -|z|^2 (K in units of s^2), with the log prior
-ln(s)^2 / 2. With 20 runs many settings fit; a single one, as maximum likelihood picks it, gives intervals that are too
narrow.
"""

import math
import warnings
from dataclasses import dataclass, replace

import numpy as np

from mixopt.errors import StrategyError
from mixopt.history.outliers import outliers_clipped
from mixopt.history.runs import LARGEST
from mixopt.models.gp_evidence import best_members
from mixopt.models.gp_member import Member
from mixopt.models.gp_prior import Products, standardised, weighted_covariance
from mixopt.models.noise import NoiseModel
from mixopt.models.posterior import JointPrediction
from mixopt.typing import FloatArray

SMALLEST = 1e-150  # standard deviation of values that vary: its square must be representable


@dataclass(frozen=True)
class GPSurrogate:
    """Gaussian process over mixtures.

        mean, sd = GPSurrogate().fit(weights, values).predict(mixtures)

    Replicates (rows with the same weights) are ordinary rows.

    Args:
        noise: whether two runs of one mixture may score differently.
    """

    noise: NoiseModel = NoiseModel.ESTIMATED

    def fit(self, weights: FloatArray, values: FloatArray) -> "FittedGP":
        """Fit the process on runs. It uses no random numbers: the same runs give the same fit.

        Values that do not vary give that constant, with a warning. Values of runs that diverged are pulled in
        (history/outliers.py).

        Args:
            weights: mixtures (n, m) of the runs.
            values: their scores (n,), in any unit; larger is better.

        Returns:
            The fitted process.

        Raises:
            StrategyError: fewer than 2 runs, or a value that is not finite or beyond LARGEST.
        """
        if len(values) < 2 or not (np.abs(values) <= LARGEST).all():
            raise StrategyError(f"a Gaussian process needs 2 runs with finite values, got {values}: train more first")
        weights, values = np.asarray(weights, dtype=float), outliers_clipped(np.asarray(values, dtype=float))
        centre, unit = float(np.mean(values)), float(np.std(values))
        if unit <= max(1e-12 * abs(centre), SMALLEST):
            warnings.warn(f"all {len(values)} runs score the same: nothing can be learnt from them yet", stacklevel=2)
            unit = 1e-12 * max(1.0, abs(centre))
        members = best_members(standardised(weights), (values - centre) / unit, self.noise.hypotheses)
        return FittedGP(weights, tuple(members), centre, unit)


@dataclass(frozen=True, eq=False)
class FittedGP:
    """A Gaussian process that was fitted on runs.

    Attributes:
        weights: mixtures (n, m) of the runs.
        members: the settings of the prior that are averaged, best first.
        centre: mean of the values, which `members` see standardised.
        unit: standard deviation of the values.
    """

    weights: FloatArray
    members: tuple[Member, ...]
    centre: float
    unit: float

    @property
    def noise_sd(self) -> float:
        """Standard deviation of one run's noise, on average over the runs."""
        return float(self.noise_at(self.weights).mean())

    @property
    def evidence(self) -> float:
        """Log evidence of the best setting for the values in their own units.

        It is known up to a constant that depends on the number of values only, so fits of as many values can be
        compared.
        """
        return self.members[0].setting.evidence - len(self.weights) * math.log(self.unit)

    def predict(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Posterior mean (k,) and standard deviation (k,) of the noise-free score at weights (k, m)."""
        found = self.joint_prediction(weights, weights[:0])
        return found.mean, np.sqrt(found.variance)

    def mean(self, weights: FloatArray) -> FloatArray:
        """Posterior mean (k,) at weights (k, m); much cheaper than `predict`."""
        z = standardised(weights)
        products = Products(z, self.members[0].z)
        total = sum((a.share * a.mean(z, a.covariance(products)) for a in self.members), np.zeros(len(z)))
        return self.centre + self.unit * total

    def joint(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Joint posterior of the noise-free scores at weights (k, m): mean (k,), covariance (k, k)."""
        found = self.joint_prediction(weights, weights)
        return found.mean, found.covariance

    def noise_at(self, weights: FloatArray) -> FloatArray:
        """Standard deviation (k,) of one run's noise at weights (k, m)."""
        z = standardised(weights)
        variances = [a.share * a.setting.scale**2 * a.setting.noise.variance(z) for a in self.members]
        return self.unit * np.sqrt(sum(variances))

    def joint_prediction(self, weights: FloatArray, targets: FloatArray) -> JointPrediction:
        """Predict runs at weights (k, m), and their covariance with the scores at targets (t, m).

        The members' means differ; their disagreement is part of variance and covariance.
        """
        z, zt = standardised(weights), standardised(targets)
        known, known_t = Products(z, self.members[0].z), Products(zt, self.members[0].z)
        between = Products(z, zt)
        priors = [(a.covariance(known), a.covariance(known_t)) for a in self.members]
        means = [a.mean(z, prior) for a, (prior, _) in zip(self.members, priors)]
        means_t = [a.mean(zt, prior_t) for a, (_, prior_t) in zip(self.members, priors)]
        shares = np.array([a.share for a in self.members])
        scales = shares * np.array([a.setting.scale**2 for a in self.members])
        mean, mean_t = shares @ means, shares @ means_t
        away, away_t = np.array(means) - mean, np.array(means_t) - mean_t
        variance, noise = shares @ away**2, np.zeros(len(z))
        covariance = (shares[:, None] * away).T @ away_t
        covariance += weighted_covariance([a.setting.shape for a in self.members], scales, between)
        if own := float(scales @ [a.setting.noise.own_variance for a in self.members]):
            covariance += own * between.same
        for a, scale, (prior, prior_t) in zip(self.members, scales, priors):
            explained = a.explained(prior)
            variance += scale * np.maximum(a.variance(z) - (explained**2).sum(axis=0), 1e-12)
            covariance -= explained.T @ (scale * a.explained(prior_t))
            noise += scale * a.setting.noise.variance(z)
        square = self.unit**2
        return JointPrediction(
            mean=self.centre + self.unit * mean,
            variance=square * variance,
            noise=square * noise,
            covariance=square * covariance,
            target_mean=self.centre + self.unit * mean_t,
        )

    def conditioned_on(self, weights: FloatArray) -> "FittedGP":
        """The process after runs at weights (p, m) that score as expected: for trials that are still running."""
        if not len(weights):
            return self
        return replace(self, members=tuple(member.conditioned_on(standardised(weights)) for member in self.members))

"""Gaussian process surrogate, the default model: several settings of its prior, averaged by what the runs say.

Two kinds of settings are averaged, and their disagreement is added to the variance. Those of the first kind are from a
grid and treat all domains alike (gp_evidence.py): coordinates, the kernel's shape and the noise, weighted by their
evidence. The setting of the second kind says how much each domain counts (gp_relevance.py). How much it counts beside
the grid follows from how well both predict each run from all others. The scale s and the curvature c of the mean follow
in closed form from y'K^-1 y, y'K^-1 h and h'K^-1 h with h = -|z|^2 (K in units of s^2), with the log prior
-ln(s)^2 / 2. With 20 runs many settings fit; a single one, as maximum likelihood picks it, gives intervals that are too
narrow.
"""

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from mixopt.errors import StrategyError
from mixopt.history.outliers import outliers_clipped
from mixopt.history.runs import LARGEST
from mixopt.models.gp_average import averaged_members, left_out
from mixopt.models.gp_coordinates import Coordinates
from mixopt.models.gp_member import Member
from mixopt.models.gp_prior import Products, weighted_covariance
from mixopt.models.noise import NoiseModel
from mixopt.models.posterior import JointlyPredicted, JointPrediction
from mixopt.typing import FloatArray

ChooseMembers = Callable[[FloatArray, FloatArray, NoiseModel], tuple[Member, ...]]
SMALLEST = 1e-150  # standard deviation of values that vary: its square must be representable


@dataclass(frozen=True)
class GPSurrogate:
    """Gaussian process over mixtures.

        mean, sd = GPSurrogate().fit(weights, values).predict(mixtures)

    Replicates (rows with the same weights) are ordinary rows.

    Args:
        noise: whether two runs of one mixture may score differently.
        choose: how the settings of the prior are chosen, a function of gp_average.py.
    """

    noise: NoiseModel = NoiseModel.ESTIMATED
    choose: ChooseMembers = averaged_members

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
        return FittedGP(weights, self.choose(weights, (values - centre) / unit, self.noise), centre, unit)


@dataclass(frozen=True, eq=False)
class FittedGP(JointlyPredicted):
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
    def evidence(self) -> float:
        """Log evidence of the best setting of the grid (`choose=grid_members`) for the values in their own units.

        It is known up to a constant that depends on the number of values only, so fits of as many values can be
        compared.
        """
        return self.members[0].setting.evidence - len(self.weights) * math.log(self.unit)

    @property
    def products(self) -> int:
        """How many products `joint_prediction` computes for each pair of a mixture and a target."""
        return sum(len(member.points) for member in self.members)

    def left_out(self, values: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Predict each run from all others.

        Beyond MOST_EXACT runs each counts in its own prediction too. Among so many it makes hardly a difference.

        Args:
            values: of the runs, (n,).

        Returns:
            The value minus its prediction (n,), and the variance (n,) of this.
        """
        if len(self.members[0].points) == len(self.weights):
            errors, variance = left_out(self.members)
            return self.unit * errors, self.unit**2 * variance
        found = self.joint_prediction(self.weights, self.weights[:0])
        return values - found.mean, found.variance + found.noise

    def mean(self, weights: FloatArray) -> FloatArray:
        """Posterior mean (k,) at weights (k, m); much cheaper than `predict`."""
        total = np.zeros(len(weights))
        for coordinates, members in self._by_coordinates():
            points = coordinates.of(weights)
            products = Products(points.seen, members[0].points.seen)
            total += sum(a.share * a.mean(points, a.covariance(products)) for a in members)
        return self.centre + self.unit * total

    def noise_at(self, weights: FloatArray) -> FloatArray:
        """Standard deviation (k,) of one run's noise at weights (k, m)."""
        variances = [a.share * a.setting.scale**2 * a.setting.noise.variance(weights) for a in self.members]
        return self.unit * np.sqrt(sum(variances))

    def joint_prediction(self, weights: FloatArray, targets: FloatArray) -> JointPrediction:
        """Predict runs at weights (k, m), and their covariance with the scores at targets (t, m).

        The members' means differ; their disagreement is part of variance and covariance.
        """
        shares, means, means_t = [], [], []
        variance, noise, variance_t = np.zeros(len(weights)), np.zeros(len(weights)), np.zeros(len(targets))
        covariance = np.zeros((len(weights), len(targets)))
        for coordinates, members in self._by_coordinates():
            points, points_t = coordinates.of(weights), coordinates.of(targets)
            runs = members[0].points.seen
            known, known_t = Products(points.seen, runs), Products(points_t.seen, runs)
            between = Products(points.seen, points_t.seen)
            scales = np.array([a.share * a.setting.scale**2 for a in members])
            covariance += weighted_covariance([a.setting.shape for a in members], scales, between)
            if own := float(scales @ [a.setting.noise.own_variance for a in members]):
                covariance += own * between.same
            for a, scale in zip(members, scales):
                prior, prior_t = a.covariance(known), a.covariance(known_t)
                shares.append(a.share)
                means.append(a.mean(points, prior))
                means_t.append(a.mean(points_t, prior_t))
                explained, explained_t = a.explained(prior), a.explained(prior_t)
                variance += scale * np.maximum(a.variance(points) - (explained**2).sum(axis=0), 1e-12)
                variance_t += scale * np.maximum(a.variance(points_t) - (explained_t**2).sum(axis=0), 1e-12)
                covariance -= explained.T @ (scale * explained_t)
                noise += scale * a.setting.noise.variance(points.weights)
        share = np.array(shares)
        mean, mean_t = share @ means, share @ means_t
        away, away_t = np.array(means) - mean, np.array(means_t) - mean_t
        variance += share @ away**2
        variance_t += share @ away_t**2
        covariance += (share[:, None] * away).T @ away_t
        square = self.unit**2
        return JointPrediction(
            mean=self.centre + self.unit * mean,
            variance=square * variance,
            noise=square * noise,
            covariance=square * covariance,
            target_mean=self.centre + self.unit * mean_t,
            target_variance=square * variance_t,
        )

    def _by_coordinates(self) -> list[tuple[Coordinates, list[Member]]]:
        """The members that see the weights alike, together."""
        groups: dict[Coordinates, list[Member]] = {}
        for member in self.members:
            groups.setdefault(member.setting.coordinates, []).append(member)
        return list(groups.items())

    def conditioned_on(self, weights: FloatArray) -> "FittedGP":
        """The process after runs at weights (p, m) that score as expected: for trials that are still running."""
        if not len(weights):
            return self
        return replace(self, members=tuple(member.conditioned_on(weights) for member in self.members))

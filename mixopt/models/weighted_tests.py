"""A weighted sum of tests, each modelled on its own: the default model where the scores of the tests are known.

Every test responds to the domains in its own way: a test of code to the share of code, a test of law to that of law. So
each has a Gaussian process of its own, with its own relevances of the domains (gp_relevance.py), and the objective is
the weighted sum

    f(w) = sum_t a_t f_t(w)

The errors of the tests' models, and the noises of the tests of one run, are correlated: what one run is lucky in, it
may be lucky in everywhere. Their second moments C (k, k) are those of the standardised errors with which each run is
predicted from all others, shrunk towards independence. C also makes the standard deviations as large as the errors.

The sum is averaged with a model of the aggregated score that treats all domains alike (gp_evidence.py), by how well
each predicts runs that it has not seen: where the noise of single tests is large, the aggregate is easier to learn.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np
from scipy.special import expit

from mixopt.models.by_test import fit_each
from mixopt.models.gp import FittedGP, GPSurrogate
from mixopt.models.gp_average import CALIBRATED_BY, TEMPER, grid_members, log_density, most_probable_member
from mixopt.models.noise import NoiseModel
from mixopt.models.posterior import JointlyPredicted, JointPrediction, Posterior
from mixopt.models.stacked import StackedPosterior
from mixopt.typing import BoolArray, FloatArray

OPTIMISM = 1.2  # factor on standard deviations: the runs that are left out chose the settings too
LEAST_RUNS = 5  # with scores of all tests, for the tests to be modelled on their own
LEAST_SHARE = 0.01  # below which a model of the score is left out


@dataclass(frozen=True)
class WeightedTestsSurrogate:
    """The settings of the model.

        posterior = WeightedTestsSurrogate((0.5, 0.5)).fit(weights, values, scores)

    Args:
        factors: a (k), the weight of each test in the objective.
        noise: whether two runs of one mixture may score differently.
    """

    factors: tuple[float, ...]
    noise: NoiseModel = NoiseModel.ESTIMATED

    def fit(self, weights: FloatArray, values: FloatArray, scores: FloatArray) -> Posterior:
        """Fit the model on runs.

        Args:
            weights: mixtures (n, m) of the runs.
            values: the objective (n,), the weighted sum of the tests where these are known.
            scores: of the tests (n, k); NaN where a run has none.

        Returns:
            The posterior of the objective. With fewer than LEAST_RUNS runs that have the scores of all tests, it is
            the model of the objective alone.

        Raises:
            StrategyError: as `GPSurrogate.fit`.
        """
        whole = np.isfinite(scores).all(axis=1)
        if whole.sum() < LEAST_RUNS or len(self.factors) < 2:
            return GPSurrogate(self.noise).fit(weights, values)
        alone = GPSurrogate(self.noise, grid_members).fit(weights, values)
        together = WeightedTests.fit(self, weights, scores)
        errors, variance = alone.left_out(values)
        lead = log_density(*together.left_out()) - log_density(errors[whole], variance[whole])
        share = float(expit(TEMPER * lead))
        if share < LEAST_SHARE:
            return alone
        if share > 1 - LEAST_SHARE:
            return together
        return StackedPosterior((alone, together), np.array([1 - share, share]))


@dataclass(frozen=True, eq=False)
class WeightedTests(JointlyPredicted):
    """The weighted sum of the tests' models.

    Attributes:
        weights: mixtures (n, m) of the runs.
        parts: the model of each test (k).
        factors: a (k,).
        errors: of the r runs with the scores of all tests (r, k), each predicted from all others.
        error_sds: standard deviations (r, k) of the errors, by each test's model.
        moments: C (k, k).
    """

    weights: FloatArray
    parts: tuple[FittedGP, ...]
    factors: FloatArray
    errors: FloatArray
    error_sds: FloatArray
    moments: FloatArray

    @classmethod
    def fit(cls, surrogate: WeightedTestsSurrogate, weights: FloatArray, scores: FloatArray) -> Self:
        """Fit each test on the runs that have its score: weights (n, m), scores (n, k)."""
        parts = fit_each(GPSurrogate(surrogate.noise, most_probable_member), weights, scores)
        errors, sds = _errors(parts, scores)
        standardised = errors / sds
        count, k = len(standardised), len(parts)
        moments = (standardised.T @ standardised + CALIBRATED_BY * np.eye(k)) / (count + CALIBRATED_BY)
        return cls(weights, parts, np.array(surrogate.factors), errors, sds, moments)

    def left_out(self) -> tuple[FloatArray, FloatArray]:
        """Predict the runs with the scores of all tests, each from all others.

        Returns:
            The objective minus its prediction (r,), and the variance (r,) of this.
        """
        return self.errors @ self.factors, self._summed(self.error_sds.T)

    @property
    def products(self) -> int:
        """How many products `joint_prediction` computes for each pair of a mixture and a target."""
        return sum(part.products for part in self.parts)

    def mean(self, weights: FloatArray) -> FloatArray:
        """Posterior mean (k,) at weights (k, m)."""
        return np.asarray(self.factors @ [part.mean(weights) for part in self.parts])

    def noise_at(self, weights: FloatArray) -> FloatArray:
        """Standard deviation (k,) of one run's noise at weights (k, m)."""
        return np.sqrt(self._summed(np.array([part.noise_at(weights) for part in self.parts])))

    def joint_prediction(self, weights: FloatArray, targets: FloatArray) -> JointPrediction:
        """Predict runs at weights (k, m), and their covariance with the objective at targets (t, m).

        The variance is a' S C S a with S the tests' standard deviations. The part that test t brings to it,
        a_t S_t (C S a)_t, has the correlations of test t over the mixtures, which makes the covariance.
        """
        found = [part.joint_prediction(weights, targets) for part in self.parts]
        sds, target_sds = (np.sqrt([getattr(one, of) for one in found]) for of in ("variance", "target_variance"))
        parts, target_parts = self._contributions(OPTIMISM * sds), self._contributions(OPTIMISM * target_sds)
        roots, target_roots = np.sqrt(parts) / sds, np.sqrt(target_parts) / target_sds
        covariance = np.zeros((len(weights), len(targets)))
        for one, root, target_root in zip(found, roots, target_roots):
            covariance += root[:, None] * one.covariance * target_root
        return JointPrediction(
            mean=self.factors @ [one.mean for one in found],
            variance=parts.sum(axis=0),
            noise=self._summed(np.sqrt([one.noise for one in found])),
            covariance=covariance,
            target_mean=self.factors @ [one.target_mean for one in found],
            target_variance=target_parts.sum(axis=0),
        )

    def conditioned_on(self, weights: FloatArray) -> Self:
        """The model after runs at weights (p, m) that score as expected."""
        if not len(weights):
            return self
        parts = tuple(part.conditioned_on(weights) for part in self.parts)
        return replace(self, weights=np.vstack([self.weights, weights]), parts=parts)

    def _summed(self, sds: FloatArray) -> FloatArray:
        """The variance (j,) of the sum of errors with standard deviations (k, j)."""
        scaled = self.factors[:, None] * sds
        return np.asarray((scaled * (self.moments @ scaled)).sum(axis=0).clip(1e-30))

    def _contributions(self, sds: FloatArray) -> FloatArray:
        """What each test brings to the variance of the sum, (k, j), from standard deviations (k, j).

        Tests whose errors cancel those of others bring less than nothing; this is taken from the others.
        """
        scaled = self.factors[:, None] * sds
        parts = (scaled * (self.moments @ scaled)).clip(1e-30)
        return np.asarray(parts * (self._summed(sds) / parts.sum(axis=0)))


def _errors(parts: Sequence[FittedGP], scores: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Errors and standard deviations (r, k) of the r runs with all scores, each left out; scores (n, k)."""
    known: BoolArray = np.isfinite(scores)
    whole: BoolArray = np.asarray(known.all(axis=1))
    errors, sds = np.full(scores.shape, np.nan), np.full(scores.shape, np.nan)
    for k, part in enumerate(parts):
        there = known[:, k]
        errors[there, k], variance = part.left_out(scores[there, k])
        sds[there, k] = np.sqrt(variance)
    return errors[whole], sds[whole]

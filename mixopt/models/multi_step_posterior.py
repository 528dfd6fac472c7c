"""Posterior of the multi-step Gaussian process: the last score as a weighted sum of independent levels."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from mixopt.models.gp import FittedGP
from mixopt.models.posterior import JointPrediction
from mixopt.typing import FloatArray, IntArray


@dataclass(frozen=True, eq=False)
class Level:
    """What one evaluation step adds to the last score.

    Attributes:
        step: number of the evaluation step, from 0 on.
        share: factor of the model's value in the last score, a_t.
        model: delta_t.
        noise_persists: whether a run's noise at the step before is part of its score here.
    """

    step: int
    share: float
    model: FittedGP
    noise_persists: bool = False


@dataclass(frozen=True, eq=False)
class FittedMultiStepGP:
    """A model of the last score that was fitted on runs of several lengths.

    Attributes:
        levels: those that count, from the first step on.
        reach: number of the step at which the runs end that `joint_prediction` and `conditioned_on` consider; see
            `until`.
        mixtures: (n, m) of all runs, and of those that were conditioned on.
        reached: (n,) number of the last step at which each of them has a score.
    """

    levels: tuple[Level, ...]
    reach: int
    mixtures: FloatArray
    reached: IntArray

    @property
    def weights(self) -> FloatArray:
        """The mixtures (n, m) of the runs that have a score at step `reach`."""
        return self.mixtures[self.reached >= self.reach]

    def until(self, reach: int) -> Self:
        """The same model for runs that end at step number `reach`; they observe the levels up to it."""
        return replace(self, reach=reach)

    @property
    def products(self) -> int:
        """How many products `joint_prediction` computes for each pair of a mixture and a target."""
        return sum(level.model.products for level in self.levels)

    def mean(self, weights: FloatArray) -> FloatArray:
        """Posterior mean (k,) of the last score at weights (k, m)."""
        return weighted_mean(self.levels, weights)

    @property
    def noise_sd(self) -> float:
        """Standard deviation of a whole run's noise, on average over the runs."""
        return float(self.noise_at(self.mixtures).mean())

    def predict(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Posterior mean (k,) and standard deviation (k,) of the noise-free last score at weights (k, m)."""
        found = self.until(self.levels[-1].step).joint_prediction(weights, weights[:0])
        return found.mean, np.sqrt(found.variance)

    def joint(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Joint posterior of the noise-free last scores at weights (k, m): mean (k,), covariance (k, k)."""
        found = self.until(self.levels[-1].step).joint_prediction(weights, weights)
        return found.mean, found.covariance

    def noise_at(self, weights: FloatArray) -> FloatArray:
        """Standard deviation (k,) of a whole run's noise at weights (k, m)."""
        parts = [level.share * level.model.noise_at(weights) for level in _noisy(self.levels)]
        return np.asarray(np.linalg.norm(parts, axis=0))

    def joint_prediction(self, weights: FloatArray, targets: FloatArray) -> JointPrediction:
        """Predict runs until `reach` at weights (k, m), and their covariance with the last scores at targets (t, m).

        `mean` and `target_mean` are of the last score. `variance`, `noise` and `covariance` are those of the part of it
        that a run until `reach` shows, sum_{t <= reach} a_t delta_t, as one number. That is an approximation: the run
        shows the levels one by one, which says a little more.
        """
        here = [level for level in self.levels if level.step <= self.reach]
        found = [(level.share**2, level.model.joint_prediction(weights, targets)) for level in here]
        noisy = found[-len(_noisy(here)) :]
        return JointPrediction(
            mean=self.mean(weights),
            variance=np.sum([square * part.variance for square, part in found], axis=0),
            noise=np.sum([square * part.noise for square, part in noisy], axis=0),
            covariance=np.sum([square * part.covariance for square, part in found], axis=0),
            target_mean=self.mean(targets),
            target_variance=np.sum([square * part.target_variance for square, part in found], axis=0),
        )

    def conditioned_on(self, weights: FloatArray) -> Self:
        """The model after runs until `reach` at weights (p, m) that score as expected: for trials that still run."""
        levels = [
            replace(level, model=level.model.conditioned_on(weights)) if level.step <= self.reach else level
            for level in self.levels
        ]
        return replace(
            self,
            levels=tuple(levels),
            mixtures=np.vstack([self.mixtures, weights]),
            reached=np.concatenate([self.reached, np.full(len(weights), self.reach)]),
        )


def weighted_mean(levels: Sequence[Level], weights: FloatArray) -> FloatArray:
    """The sum (k,) of the levels' means at weights (k, m), each times its share."""
    return np.asarray(np.sum([level.share * level.model.mean(weights) for level in levels], axis=0))


def _noisy(levels: Sequence[Level]) -> list[Level]:
    """The levels whose noise is part of a run's score at the last of them, in order."""
    noisy = [levels[-1]]
    for level in reversed(levels[:-1]):
        if not noisy[0].noise_persists:
            break
        noisy.insert(0, level)
    return noisy

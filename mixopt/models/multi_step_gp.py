"""Scores at early steps as evidence about the last one: recursive co-kriging over the evaluation steps.

Kennedy and O'Hagan (2000) in the recursive form of Le Gratiet and Garnier (2014). With evaluation steps s_1 < ... < s_T

    y_1(w) ~ level 1,    y_t(w) = rho_t y_{t-1}(w) + delta_t(w)

each level an evidence surrogate of its own. Unrolled, the last score is sum_t a_t delta_t with a_t = rho_{t+1} ...
rho_T, and since the levels are independent its moments are sums. delta_t is learnt from runs that have both scores, in
the way that the evidence favours: from y_t - rho_t y_{t-1} of the same run, where the luck of a run lasts and cancels,
or from y_t - rho_t m_{t-1}(w) with m_{t-1} the mean of the model of the step before, where every evaluation has a noise
of its own. rho_t too is the one of a few with the largest evidence; 0 means that the earlier step says nothing, and the
model is then the plain one.

Departures: rho_t is a number from a grid; m_{t-1} is taken for the truth when delta_t is learnt.

A run that had to end before a step (its data ran out) gets no more there than it had: its carried score is the true one
of its mixture. It counts as a measurement once, at the level where it was measured; above, with rho near 1, the
difference of 0 says only that this mixture gains nothing, and with rho near 0 the lower level does not count.
"""

import math
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from mixopt.errors import StrategyError
from mixopt.models.gp import GPSurrogate, JointPrediction, some_of
from mixopt.typing import FloatArray, IntArray

RHOS = (0.25, 0.5, 0.75, 1.0, 1.25)
DOUBT = math.log(
    2 * len(RHOS)
)  # prior: as likely as not a step says nothing about the next; else each way is as likely
BEYOND_DOMAINS = 3  # finished runs, beyond one a domain, before early scores count: fewer do not relate the steps well


@dataclass(frozen=True, eq=False)
class Level:
    """What step number `step` (0 is the first) adds to the last score: `share` times the surrogate's value.

    `lasting`: whether a run's noise at the step before is part of its score here, beside the noise of this level.
    """

    step: int
    share: float
    surrogate: GPSurrogate
    lasting: bool = False


@dataclass(frozen=True, eq=False)
class MultiStepGP:
    """The last score over mixtures, from runs of which some ended early.

        surrogate = MultiStepGP.of(weights, scores)
        mean, sd = surrogate.predict(mixtures)

    Attributes:
        levels: those that count, from the first step on.
        reach: the step (0 is the first) until which a run is looked at, in `outlook` and `believing`; see `until`.
        mixtures: (n, m) of all runs, and of those believed in.
        reached: (n,) the last step each of them has a score at.
    """

    levels: tuple[Level, ...]
    reach: int
    mixtures: FloatArray
    reached: IntArray

    @classmethod
    def of(cls, weights: FloatArray, scores: FloatArray) -> Self:
        """Learn from weights (n, m) and scores (n, T), NaN from the step on that a run did not reach.

        With fewer finished runs than domains and 3 it is the plain surrogate of those: early scores are left aside.

        Raises:
            StrategyError: a run without a first score or with a gap; fewer than 2 finished runs.
        """
        there = np.isfinite(scores)
        if not there[:, 0].all() or (there[:, 1:] & ~there[:, :-1]).any():
            raise StrategyError(
                "a run has a score at a step and none at one before it: score every step, or leave it out"
            )
        last = scores.shape[1] - 1
        enough = there[:, last].sum() >= weights.shape[1] + BEYOND_DOMAINS
        levels = [Level(0, 1.0, GPSurrogate().fit(weights, scores[:, 0]))] if enough else []
        for step in range(1, last + 1) if levels else ():
            rows = there[:, step]
            smooth = _mean(levels, weights[rows])
            rho, lasting, added = _tied(weights[rows], scores[rows, step - 1], smooth, scores[rows, step])
            levels = [replace(level, share=rho * level.share) for level in levels if rho]
            levels.append(Level(step, 1.0, added, lasting))
        if not levels:
            rows = there[:, last]
            levels = [Level(last, 1.0, GPSurrogate().fit(weights[rows], scores[rows, last]))]
        return cls(tuple(levels), last, np.asarray(weights, dtype=float), there.sum(axis=1) - 1)

    @property
    def weights(self) -> FloatArray:
        """The mixtures (n, m) of the runs that have a score at step `reach`."""
        return self.mixtures[self.reached >= self.reach]

    def until(self, reach: int) -> Self:
        """The same model with an eye on runs that end at step `reach`, of which the levels up to there are heard."""
        return replace(self, reach=reach)

    def mean(self, weights: FloatArray) -> FloatArray:
        """Posterior mean (k,) of the last score at weights (k, m)."""
        return _mean(self.levels, weights)

    def predict(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Posterior mean (k,) and sd (k,) of the last score, noise-free, at weights (k, m)."""
        joint_prediction = self.until(self.levels[-1].step).joint_prediction(weights, weights[:0])
        return joint_prediction.mean, np.sqrt(joint_prediction.variance)

    def joint(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Joint posterior of the last scores, noise-free, at weights (k, m): mean (k,), covariance (k, k)."""
        joint_prediction = self.until(self.levels[-1].step).joint_prediction(weights, weights)
        return joint_prediction.mean, joint_prediction.covariance

    def noise_at(self, weights: FloatArray) -> FloatArray:
        """Standard deviation of a whole run's noise at weights (k, m), (k,)."""
        parts = [level.share * level.surrogate.noise_at(weights) for level in _noisy(self.levels)]
        return np.asarray(np.linalg.norm(parts, axis=0))

    def joint_prediction(self, weights: FloatArray, targets: FloatArray) -> JointPrediction:
        """What is expected of runs until `reach` at weights (k, m), and how it goes with the last scores at targets
        (t, m).

        `mean` and `target_mean` are of the last score. `variance`, `noise` and `covariance` are those of the part of it
        that a run until `reach` shows, sum_{t <= reach} a_t delta_t, taken as one number (an approximation: the run
        shows the levels one by one, which says a little more).
        """
        here = [level for level in self.levels if level.step <= self.reach]
        found = [(level.share**2, level.surrogate.joint_prediction(weights, targets)) for level in here]
        noisy = len(_noisy(here))
        return JointPrediction(
            mean=self.mean(weights),
            variance=np.sum([square * joint_prediction.variance for square, joint_prediction in found], axis=0),
            noise=np.sum([square * joint_prediction.noise for square, joint_prediction in found[-noisy:]], axis=0),
            covariance=np.sum([square * joint_prediction.covariance for square, joint_prediction in found], axis=0),
            target_mean=self.mean(targets),
        )

    def conditioned_on(self, weights: FloatArray) -> Self:
        """As if runs until `reach` at weights (p, m) had come out as expected: for trials that are still running."""
        levels = [
            replace(level, surrogate=level.surrogate.conditioned_on(weights)) if level.step <= self.reach else level
            for level in self.levels
        ]
        return replace(
            self,
            levels=tuple(levels),
            mixtures=np.vstack([self.mixtures, weights]),
            reached=np.concatenate([self.reached, np.full(len(weights), self.reach)]),
        )


def _mean(levels: Sequence[Level], weights: FloatArray) -> FloatArray:
    """The levels' means (k,) at weights (k, m), summed by their shares."""
    return np.asarray(np.sum([level.share * level.surrogate.mean(weights) for level in levels], axis=0))


def _noisy(levels: Sequence[Level]) -> list[Level]:
    """The levels whose noise is in a run's score at the last of them, in order."""
    noisy = [levels[-1]]
    for level in reversed(levels[:-1]):
        if not noisy[0].lasting:
            break
        noisy.insert(0, level)
    return noisy


def _tied(
    weights: FloatArray, before: FloatArray, smooth: FloatArray, after: FloatArray
) -> tuple[float, bool, GPSurrogate]:
    """rho_t, whether a run's noise lasts, and delta_t, from the scores (n,) at a step and at the one before it, and the
    modelled mean (n,) there. Of many runs some choose the way."""
    ways = [(0.0, False, after)]
    ways += [
        (rho, lasting, after - rho * given) for rho in RHOS for lasting, given in ((True, before), (False, smooth))
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a difference that does not vary is learnt: that it does not
        some = some_of(len(weights))
        fits = [GPSurrogate().fit(weights[some], values[some]) for _, _, values in ways]
        chosen = max(range(len(ways)), key=lambda way: fits[way].evidence - (DOUBT if ways[way][0] else 0.0))
        rho, lasting, values = ways[chosen]
        every = fits[chosen] if len(some) == len(weights) else GPSurrogate().fit(weights, values)
    return rho, lasting, every

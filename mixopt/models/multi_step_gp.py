"""Multi-step Gaussian process: scores at early evaluation steps as evidence about the last one (recursive co-kriging).

With evaluation steps s_1 < ... < s_T the model is

    y_1(w) ~ level 1,    y_t(w) = rho_t y_{t-1}(w) + delta_t(w)

where each level is a Gaussian process of its own (gp.py). Written out, the last score is sum_t a_t delta_t with
a_t = rho_{t+1} ... rho_T. The levels are independent, so its moments are sums.

delta_t is learnt from runs that have both scores, in one of two ways: from y_t - rho_t y_{t-1} of the same run, where
the noise of a run persists and cancels; or from y_t - rho_t m_{t-1}(w), with m_{t-1} the mean of the model of the step
before, where every evaluation has independent noise. The way, and rho_t from a grid, are those with the largest
evidence. With rho_t = 0 the earlier steps say nothing, and the model is the plain Gaussian process of the last scores.

Two departures from the references: rho_t comes from a grid, and delta_t is learnt as if m_{t-1} were exact.

A run that had to end early, because a domain ran out of data, keeps its score at the later steps ("carried"): that is
the true score of its mixture. It counts as one measurement, at the step where it was made. At later steps, with rho
near 1, the difference of 0 says that this mixture gains nothing; with rho near 0 the lower level does not count.

References:
    Kennedy and O'Hagan (2000), Predicting the output from a complex computer code when fast approximations are
    available, doi:10.1093/biomet/87.1.1.
    Le Gratiet and Garnier (2014), Recursive co-kriging model for design of computer experiments with multiple levels
    of fidelity, doi:10.1615/Int.J.UncertaintyQuantification.2014006914.
"""

import math
import warnings
from dataclasses import dataclass, replace

import numpy as np

from mixopt.errors import StrategyError
from mixopt.models.gp import FittedGP, GPSurrogate
from mixopt.models.gp_average import grid_members
from mixopt.models.multi_step_posterior import FittedMultiStepGP, Level, weighted_mean
from mixopt.models.subset import subset_rows
from mixopt.typing import FloatArray

RHOS = (0.25, 0.5, 0.75, 1.0, 1.25)
# Log prior odds: with probability .5 a step says nothing about the next; else every rho and way are equally likely.
DOUBT = math.log(2 * len(RHOS))
BEYOND_DOMAINS = 3  # finished runs, beyond one for each domain, before early scores count


@dataclass(frozen=True)
class MultiStepGP:
    """The last score over mixtures, from runs of which some ended early.

    mean, sd = MultiStepGP().fit(weights, scores).predict(mixtures)
    """

    def fit(self, weights: FloatArray, scores: FloatArray) -> FittedMultiStepGP:
        """Fit the model on runs.

        With fewer finished runs than domains and 3 it is the plain Gaussian process of those, without early scores.

        Args:
            weights: mixtures (n, m) of the runs.
            scores: (n, T), NaN from the step on that a run did not reach; larger is better.

        Returns:
            The fitted model.

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
            before = weighted_mean(levels, weights[rows])
            rho, persists, added = _related(weights[rows], scores[rows, step - 1], before, scores[rows, step])
            levels = [replace(level, share=rho * level.share) for level in levels if rho]
            levels.append(Level(step, 1.0, added, persists))
        if not levels:
            rows = there[:, last]
            levels = [Level(last, 1.0, GPSurrogate().fit(weights[rows], scores[rows, last]))]
        return FittedMultiStepGP(tuple(levels), last, np.asarray(weights, dtype=float), there.sum(axis=1) - 1)


def _related(
    weights: FloatArray, before: FloatArray, mean_before: FloatArray, after: FloatArray
) -> tuple[float, bool, FittedGP]:
    """Relate the scores at two steps: rho_t, whether a run's noise persists, and delta_t.

    Args:
        weights: mixtures (n, m) of the runs with both scores; of many runs a subset chooses.
        before: their scores (n,) at the step before.
        mean_before: the model's mean (n,) of these.
        after: their scores (n,) at the step.

    Returns:
        The choice with the largest evidence.
    """
    ways = [(0.0, False, after)]
    ways += [
        (rho, persists, after - rho * given)
        for rho in RHOS
        for persists, given in ((True, before), (False, mean_before))
    ]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a difference that does not vary is a finding, not a problem
        some = subset_rows(len(weights))
        grid = GPSurrogate(choose=grid_members)
        fits = [grid.fit(weights[some], values[some]) for _, _, values in ways]
        chosen = max(range(len(ways)), key=lambda way: fits[way].evidence - (DOUBT if ways[way][0] else 0.0))
        rho, persists, values = ways[chosen]
        every = GPSurrogate().fit(weights, values)
    return rho, persists, every

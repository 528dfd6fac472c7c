"""Domain effects: what more of a domain, or none of it, does to each test, with uncertainty.

From a mixture w, the share of domain i goes from w_i to w_i + STEP, or to 0, and the other domains keep their
proportions. The effect on test t is the difference of its noise-free score, by the Gaussian process of that test
(models/by_test.py), with standard deviations widened as those of a recommendation are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import ndtri

from mixopt.errors import StrategyError
from mixopt.history.runs import Runs
from mixopt.inference.intervals import INTERVAL, widening
from mixopt.models.by_test import LEAST_RUNS, ModelsByTest
from mixopt.models.noise import NoiseModel
from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import BoolArray, FloatArray

STEP = 0.1  # by which a share grows


@dataclass(frozen=True, eq=False)
class Effect:
    """The effects of one change of each domain's share, (m, k) for m domains and k tests; NaN where it is impossible.

    Attributes:
        mean: predicted change of the score.
        low: lower end of its central 90 % interval.
        high: upper end.
    """

    mean: FloatArray
    low: FloatArray
    high: FloatArray

    @property
    def certain(self) -> BoolArray:
        """Whether the interval is on one side of 0, (m, k)."""
        return (self.low > 0) | (self.high < 0)


@dataclass(frozen=True, eq=False)
class DomainEffects:
    """What each domain does to each test.

    Attributes:
        domains: names of the m domains.
        tests: names of the k tests.
        mixture: (m,) where the changes begin.
        more: its share grows by STEP, or as far as the space allows.
        without: it is left out; NaN where the mixture has none of it, or the space does not allow that.
        runs: how many runs have a score of each test.
        constant: the tests that all runs score the same.
        left_out: the tests of which fewer than 2 runs have a score.
    """

    domains: tuple[str, ...]
    tests: tuple[str, ...]
    mixture: FloatArray
    more: Effect
    without: Effect
    runs: tuple[int, ...]
    constant: tuple[str, ...]
    left_out: tuple[str, ...]


def domain_effects(
    space: MixtureSpace,
    runs: Runs,
    tests: Sequence[str],
    scores: FloatArray,
    mixture: FloatArray,
    noise: NoiseModel = NoiseModel.ESTIMATED,
) -> DomainEffects:
    """Compute the effects of each domain on each test.

    Args:
        space: the mixtures that are allowed; in a finite space, changes may lead to mixtures between its candidates,
            and in a space of few domains to mixtures of more.
        runs: the finished trials.
        tests: names of the tests.
        scores: (n, k) of the runs, NaN where unknown.
        mixture: (m,) where the changes begin.
        noise: whether two runs of one mixture may score differently.

    Raises:
        StrategyError: fewer than 2 runs have a score of any test.
    """
    enough = np.isfinite(scores).sum(axis=0) >= LEAST_RUNS
    if not enough.any():
        raise StrategyError(
            f"no test has scores in {LEAST_RUNS} of {len(runs)} runs: train more, and tell scores by test"
        )
    shown = [test for test, there in zip(tests, enough) if there]
    models = ModelsByTest.fit(shown, runs.weights, scores[:, enough], noise)
    more = [_moved(space, mixture, place, mixture[place] + STEP) for place in range(space.m)]
    without = [_moved(space, mixture, place, 0.0) for place in range(space.m)]
    return DomainEffects(
        domains=space.domains,
        tests=tuple(shown),
        mixture=mixture,
        more=_effect(models, mixture, more),
        without=_effect(models, mixture, [w if w is not None and w[i] < 1e-9 else None for i, w in enumerate(without)]),
        runs=models.runs,
        constant=models.constant,
        left_out=tuple(test for test, there in zip(tests, enough) if not there),
    )


def _moved(space: MixtureSpace, mixture: FloatArray, place: int, share: float) -> FloatArray | None:
    """The mixture with another share of a domain, as far as the space allows; None if it does not allow any change."""
    alone = np.eye(space.m)[place]
    rest = np.where(alone > 0, 0.0, mixture)
    rest = rest / rest.sum() if rest.sum() > 1e-9 else (1 - alone) / (space.m - 1)
    moved = min(share, 1.0) * alone + (1 - min(share, 1.0)) * rest
    if space.candidates is None:
        moved = mixture + min(float(space.convex.reach(mixture[None], (moved - mixture)[None])[0]), 1.0) * (
            moved - mixture
        )
    return moved if np.abs(moved - mixture).max() > 1e-6 else None


def _effect(models: ModelsByTest, mixture: FloatArray, moved: Sequence[FloatArray | None]) -> Effect:
    """The effects of the changes that are possible."""
    possible = [place for place, weights in enumerate(moved) if weights is not None]
    means, sds = (np.full((len(moved), len(models.tests)), np.nan) for _ in range(2))
    if possible:
        means[possible], sds[possible] = models.differences(np.array([moved[i] for i in possible]), mixture)
    half = float(ndtri((1 + INTERVAL) / 2)) * np.array([widening(mixtures) for mixtures in models.mixtures]) * sds
    return Effect(means, means - half, means + half)

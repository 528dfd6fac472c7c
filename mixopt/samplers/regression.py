"""Regression search as RegMix does it (Liu et al. 2024, arXiv 2407.01492): fit, rank random mixtures, average the best.

RegMix trains 512 small models on random mixtures, fits boosted trees, draws 1,000,000 mixtures, and trains the large
model on the mean of the 100 best predicted ones. Here it proposes trial by trial: each fits all runs so far, and draws
anew. Departures: 10,000 draws; no least weight of 0.0002.
"""

from collections.abc import Mapping

import numpy as np

from mixopt.acquisition.exclusion import untried
from mixopt.errors import StrategyError
from mixopt.history.history import History
from mixopt.history.keys import LABEL, STRATEGY
from mixopt.history.outliers import pulled_in
from mixopt.history.runs import Runs
from mixopt.models.registry import check_surrogate, require_surrogate, surrogate_named
from mixopt.models.surrogate import FittedSurrogate
from mixopt.samplers.base import MixtureSampler
from mixopt.samplers.proposal import Proposal
from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray

START = 10  # runs, whoever proposed them, from which on it fits; before that it draws at random
DRAWS = 10_000
TOP = 100
STRENGTHS = np.geomspace(0.1, 5, 15)  # sums of the Dirichlet's parameters: from single domains to broad mixtures


class RegressionSampler(MixtureSampler):
    """RegMix, one mixture after another.

    Args:
        surrogate: a name of `mixopt.models.SURROGATES`.
        proportions: sizes of the domains, on whose square roots the draws are centred (as in RegMix, whose prior has
            temperature 0.5); without them on uniform.
        draws, top: how many mixtures are ranked, and how many of the best are averaged. In a finite space it ranks
            the candidates that have not been tried, and proposes the best.

    Raises:
        StrategyError: an unknown surrogate, or proportions that do not give each domain a positive size.
    """

    strategy = "model-based"

    def __init__(
        self,
        space: MixtureSpace,
        surrogate: str = "boosting",
        *,
        proportions: Mapping[str, float] | None = None,
        draws: int = DRAWS,
        top: int = TOP,
        seed: int = 0,
    ) -> None:
        super().__init__(space, seed=seed)
        self._surrogate, self._draws, self._top = check_surrogate(surrogate), draws, top
        self._centre = _centre(space, proportions)

    def check_installed(self) -> None:
        require_surrogate(self._surrogate)

    def propose(self, history: History, number: int) -> Proposal:
        rng, runs = np.random.default_rng([self.seed, number]), history.runs()
        notes = {STRATEGY: self.strategy, LABEL: f"regression:{self._surrogate}"}
        if len(runs) < START:
            return Proposal(_pool(self.space, history.tried(), self._centre, 1, rng)[0], notes)
        pool = _pool(self.space, history.tried(), self._centre, self._draws, rng)
        fitted = surrogate_named(self._surrogate).fit(runs.weights, pulled_in(runs.values))
        return Proposal(_best(self.space, fitted, pool, self._top), notes)


def regression_recommendation(
    space: MixtureSpace,
    runs: Runs,
    surrogate: str = "boosting",
    *,
    proportions: Mapping[str, float] | None = None,
    draws: int = DRAWS,
    top: int = TOP,
    seed: int = 0,
) -> FloatArray:
    """What RegMix recommends from runs: the mean (m,) of the best predicted draws (finite space: the best candidate).

    Raises:
        StrategyError: an unknown surrogate, too few runs for it, or several objectives.
    """
    runs.refuse_several("a recommendation by regression")
    nothing = np.empty((0, space.m))
    pool = _pool(space, nothing, _centre(space, proportions), draws, np.random.default_rng(seed))
    return _best(space, surrogate_named(surrogate).fit(runs.weights, pulled_in(runs.values)), pool, top)


def _best(space: MixtureSpace, fitted: FittedSurrogate, pool: FloatArray, top: int) -> FloatArray:
    """The mean of the `top` best predicted mixtures of a pool (k, m), which a convex space holds; or the best one."""
    mean, _ = fitted.predict(pool)
    ranked = pool[np.argsort(-mean, kind="stable")]
    return ranked[0] if space.candidates is not None else space.project(ranked[:top].mean(axis=0))


def _pool(
    space: MixtureSpace, tried: FloatArray, centre: FloatArray, count: int, rng: np.random.Generator
) -> FloatArray:
    """Mixtures (k, m) to rank, in random order: RegMix's draws, or the candidates that have not been tried.

    Draws are Dirichlet with parameters strength x centre, within the lower bounds; those beyond an upper bound or a
    constraint are dropped, as in RegMix, and made up for by uniform ones of the space.
    """
    if space.candidates is not None:
        return rng.permutation(untried(space.candidates, tried))
    strengths = rng.choice(STRENGTHS, size=(count, 1))
    shares = rng.gamma(strengths * centre) + np.finfo(float).tiny  # all 0 by underflow otherwise
    shares /= shares.sum(axis=1, keepdims=True)
    drawn = space.lower + (1 - space.lower.sum()) * shares
    held = drawn[space.contains(drawn)]
    return np.vstack([held, space.sample(count - len(held), rng)]) if len(held) < count else held


def _centre(space: MixtureSpace, proportions: Mapping[str, float] | None) -> FloatArray:
    """The mean (m,) of the draws."""
    if proportions is None:
        return np.full(space.m, 1 / space.m)
    if set(proportions) != set(space.domains) or min(proportions.values()) <= 0:
        raise StrategyError(f"proportions must give a positive size for each of {', '.join(space.domains)}")
    roots = np.sqrt([proportions[name] for name in space.domains])
    return roots / roots.sum()

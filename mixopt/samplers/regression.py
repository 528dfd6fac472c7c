"""RegMix: fit a regression to the runs, rank random mixtures by it, and average the best ones.

RegMix trains 512 small models on random mixtures, fits boosted trees, draws 1,000,000 mixtures, and trains the large
model on the mean of the 100 mixtures with the best predictions. Here each trial fits all runs so far and draws anew.
Other differences: 10,000 draws, and no least weight of 0.0002.

References:
    Liu et al., RegMix: Data Mixture as Regression for Language Model Pre-training, 2024, arXiv 2407.01492.
"""

from collections.abc import Mapping

import numpy as np

from mixopt.acquisition.exclusion import untried
from mixopt.errors import StrategyError
from mixopt.history.history import History
from mixopt.history.keys import LABEL, STRATEGY
from mixopt.history.outliers import outliers_clipped
from mixopt.history.runs import Runs
from mixopt.models.registry import check_surrogate, require_surrogate, surrogate_named
from mixopt.models.surrogate import FittedSurrogate
from mixopt.samplers.base import MixtureSampler
from mixopt.samplers.proposal import Proposal
from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray

START = 10  # with fewer runs it proposes random mixtures
DRAWS = 10_000
TOP = 100
STRENGTHS = np.geomspace(
    0.1, 5, 15
)  # sums of the Dirichlet parameters: small ones give single domains, large ones broad mixtures


class RegressionSampler(MixtureSampler):
    """RegMix, one mixture after another.

    Args:
        space: the mixtures to search.
        surrogate: a name of `mixopt.models.SURROGATES`.
        proportions: sizes of the domains; the draws are centred on their square roots, as in RegMix, whose prior has
            temperature 0.5. Without them the draws are centred on the uniform mixture.
        draws: how many mixtures are ranked. In a finite space it ranks the candidates that have not been tried.
        top: how many of the best are averaged. In a finite space the best one is proposed.
        seed: of everything random, with the trial's number.

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
        """Raise MissingError if the surrogate needs a package that is not installed."""
        require_surrogate(self._surrogate)

    def propose(self, history: History, number: int) -> Proposal:
        """Propose a random mixture for the first runs, then the mean of the best predicted draws."""
        rng, runs = np.random.default_rng([self.seed, number]), history.runs()
        notes = {STRATEGY: self.strategy, LABEL: f"regression:{self._surrogate}"}
        if len(runs) < START:
            return Proposal(_pool(self.space, history.tried(), self._centre, 1, rng)[0], notes)
        pool = _pool(self.space, history.tried(), self._centre, self._draws, rng)
        fitted = surrogate_named(self._surrogate).fit(runs.weights, outliers_clipped(runs.values))
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
    """Return what RegMix recommends from runs: the mean (m,) of the best predicted draws.

    In a finite space it is the best candidate.

    Args:
        space: the mixtures to choose from.
        runs: with one objective.
        surrogate: as for `RegressionSampler`.
        proportions: as for `RegressionSampler`.
        draws: as for `RegressionSampler`.
        top: as for `RegressionSampler`.
        seed: of the draws.

    Raises:
        StrategyError: an unknown surrogate, too few runs for it, or several objectives.
    """
    runs.refuse_several("a recommendation by regression")
    nothing = np.empty((0, space.m))
    pool = _pool(space, nothing, _centre(space, proportions), draws, np.random.default_rng(seed))
    return _best(space, surrogate_named(surrogate).fit(runs.weights, outliers_clipped(runs.values)), pool, top)


def _best(space: MixtureSpace, fitted: FittedSurrogate, pool: FloatArray, top: int) -> FloatArray:
    """The mean of the `top` best predicted mixtures of a pool (k, m); in a finite space the best one."""
    mean, _ = fitted.predict(pool)
    ranked = pool[np.argsort(-mean, kind="stable")]
    return ranked[0] if space.candidates is not None else space.project(ranked[:top].mean(axis=0))


def _pool(
    space: MixtureSpace, tried: FloatArray, centre: FloatArray, count: int, rng: np.random.Generator
) -> FloatArray:
    """Mixtures (k, m) to rank, in random order: RegMix's draws, or the candidates that have not been tried.

    Draws are Dirichlet with parameters strength x centre, above the lower bounds. Those that break an upper bound or a
    constraint are dropped, as in RegMix, and uniform draws of the space replace them.
    """
    if space.candidates is not None:
        return rng.permutation(untried(space.candidates, tried))
    strengths = rng.choice(STRENGTHS, size=(count, 1))
    shares = rng.gamma(strengths * centre) + np.finfo(float).tiny  # so that they are not all 0 by underflow
    shares /= shares.sum(axis=1, keepdims=True)
    drawn = space.lower + (1 - space.lower.sum()) * shares
    held = space.near(drawn[space.convex.contains(drawn)])
    return np.vstack([held, space.sample(count - len(held), rng)]) if len(held) < count else held


def _centre(space: MixtureSpace, proportions: Mapping[str, float] | None) -> FloatArray:
    """The mean (m,) of the draws."""
    if proportions is None:
        return np.full(space.m, 1 / space.m)
    if set(proportions) != set(space.domains) or min(proportions.values()) <= 0:
        raise StrategyError(f"proportions must give a positive size for each of {', '.join(space.domains)}")
    roots = np.sqrt([proportions[name] for name in space.domains])
    return roots / roots.sum()

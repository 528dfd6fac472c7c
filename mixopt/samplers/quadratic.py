"""`QuadraticSampler`: the model-based strategy of MoDoMoDo, a quadratic response surface and a search of it."""

from collections.abc import Callable
from typing import Literal

import numpy as np

from mixopt.acquisition import gaussian
from mixopt.acquisition.exclusion import apart
from mixopt.designs import Design
from mixopt.errors import StrategyError
from mixopt.history.outliers import outliers_clipped
from mixopt.history.runs import Runs
from mixopt.models.quadratic import FittedQuadratic, QuadraticSurrogate
from mixopt.samplers.batch import BatchSampler
from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray


class QuadraticSampler(BatchSampler):
    """Propose the best mixtures of a quadratic response surface (docs/paper.md, Algorithm 4).

    In a finite space there is nothing to search: the candidates that no run has trained are ranked.

    Args:
        space: the mixtures to search.
        trials: how many mixtures.
        search: how the surface is searched: "gaussian" draws from a Gaussian that is fitted to the observed mixtures
            as in the paper, "cma_es" runs CMA-ES.
        seed: of everything random, with the index of the phase.

    References:
        MoDoMoDo: Multi-Domain Data Mixtures for Multimodal LLM Reinforcement Learning, 2025, arXiv 2505.24871.
    """

    strategy = "model-based"

    def __init__(
        self,
        space: MixtureSpace,
        trials: int = 5,
        search: Literal["gaussian", "cma_es"] = "gaussian",
        *,
        seed: int = 0,
    ) -> None:
        super().__init__(space, seed=seed)
        self._trials, self._search = trials, search

    @property
    def labels(self) -> tuple[str, ...]:
        """The search and a number, from 1."""
        return tuple(f"{self._search}:{i + 1}" for i in range(self._trials))

    def batch(self, runs: Runs, rng: np.random.Generator) -> Design:
        """Fit the surface to the runs and search it."""
        surrogate = QuadraticSurrogate(seed=int(rng.integers(2**31))).fit(runs.weights, outliers_clipped(runs.values))
        if self.space.candidates is not None:
            weights = _ranked(self.space.candidates, surrogate, runs.weights, self._trials)
        else:
            weights = _search_named(self._search)(self.space, surrogate, runs.weights, self._trials, rng)
        return Design(self.labels[: len(weights)], weights)


def _search_named(name: Literal["gaussian", "cma_es"]) -> Callable[..., FloatArray]:
    if name == "gaussian":
        return gaussian.search
    from mixopt.acquisition import cma_es  # brings pyplot

    return cma_es.search


def _ranked(candidates: FloatArray, surrogate: FittedQuadratic, observed: FloatArray, count: int) -> FloatArray:
    """Return the best candidates by the surrogate's mean that have not been observed.

    Args:
        candidates: (k, m) mixtures.
        surrogate: fitted.
        observed: (n, m) mixtures of the runs.
        count: how many to return; fewer if fewer are left.

    Raises:
        StrategyError: none is left.
    """
    new = candidates[apart(candidates, observed)]
    if not len(new):
        raise StrategyError(f"all {len(candidates)} candidates of the space have been tried: add some, or stop here")
    mean, _ = surrogate.predict(new)
    return new[np.argsort(-mean, kind="stable")[:count]]

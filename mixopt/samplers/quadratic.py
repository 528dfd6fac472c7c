"""The paper's model-based strategy: a quadratic response surface, searched near the observed mixtures."""

from collections.abc import Callable
from typing import Literal

import numpy as np

from mixopt.acquisition import gaussian
from mixopt.acquisition.exclusion import apart
from mixopt.designs import Design
from mixopt.errors import StrategyError
from mixopt.history.outliers import pulled_in
from mixopt.history.runs import Runs
from mixopt.models.quadratic import FittedQuadratic, QuadraticSurrogate
from mixopt.samplers.batch import BatchSampler
from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray


class QuadraticSampler(BatchSampler):
    """The `trials` best mixtures of Algorithm 4's surface, found by its Gaussian or by CMA-ES.

    In a finite space there is nothing to search: the candidates that no run has had are ranked.
    """

    strategy = "model-based"

    def __init__(
        self,
        space: MixtureSpace,
        trials: int = 5,
        search: Literal["gaussian", "cma_es"] = "gaussian",
        *,
        seed: int = 0,
        phase: int = 1,
    ) -> None:
        super().__init__(space, seed=seed, phase=phase)
        self._trials, self._search = trials, search

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(f"{self._search}:{i + 1}" for i in range(self._trials))

    def batch(self, runs: Runs, rng: np.random.Generator) -> Design:
        surrogate = QuadraticSurrogate(seed=int(rng.integers(2**31))).fit(runs.weights, pulled_in(runs.values))
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
    """The best `count` of the candidates (k, m) by the surrogate's mean that are not among the observed (n, m).

    Where fewer are left it is all of them.

    Raises:
        StrategyError: all of them are.
    """
    new = candidates[apart(candidates, observed)]
    if not len(new):
        raise StrategyError(f"all {len(candidates)} candidates of the space have been tried: add some, or stop here")
    mean, _ = surrogate.predict(new)
    return new[np.argsort(-mean, kind="stable")[:count]]

"""Seed mixtures: the paper's designs, and mixtures of the user's own."""

from collections.abc import Mapping, Sequence

import numpy as np

from mixopt.designs import Design, seed_design
from mixopt.runs import Runs
from mixopt.samplers.batch import BatchSampler
from mixopt.space import MixtureSpace


class SeedSampler(BatchSampler):
    """The seed designs of `kinds`, then the mixtures of `own` (name -> weights by domain).

    Raises:
        StrategyError, WeightsError: an unknown kind; weights that are not on the space.
    """

    strategy = "seed"

    def __init__(
        self,
        space: MixtureSpace,
        kinds: Sequence[str] = ("single", "exclude_one", "all"),
        own: Mapping[str, Mapping[str, float]] | None = None,
        *,
        seed: int = 0,
        phase: int = 0,
    ) -> None:
        super().__init__(space, seed=seed, phase=phase)
        parts = [seed_design(space, kinds)] if kinds else []
        parts += [Design((name,), space.as_array(weights)[None]) for name, weights in (own or {}).items()]
        labels = tuple(label for part in parts for label in part.labels)
        self._design = Design(labels, np.vstack([part.weights for part in parts]))

    @property
    def size(self) -> int:
        return len(self._design)

    def batch(self, runs: Runs, rng: np.random.Generator) -> Design:
        return self._design

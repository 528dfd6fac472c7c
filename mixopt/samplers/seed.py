"""Seed mixtures: designs, and mixtures of the user's own."""

from collections.abc import Mapping, Sequence

import numpy as np

from mixopt.designs import Design, Kind, seed_design
from mixopt.errors import StrategyError
from mixopt.history.runs import Runs
from mixopt.samplers.batch import BatchSampler
from mixopt.space.mixture_space import MixtureSpace


class SeedSampler(BatchSampler):
    """The seed designs of `kinds`, then the mixtures of `own` (name -> weights by domain).

    >>> space = mixopt.MixtureSpace(["coco", "lisa"])
    >>> study = optuna.create_study(sampler=mixopt.SeedSampler(space, ["single", "all"]))
    >>> [mixopt.suggest_mixture(study.ask(), space)["coco"] for _ in range(3)]
    [1.0, 0.0, 0.5]

    Args:
        kinds, sizes: as in `mixopt.designs.seed_design`.
        budget: at most so many mixtures in all; designs are trimmed to what `own` leaves.

    Raises:
        StrategyError, WeightsError: an unknown kind; a budget that `own` uses up; weights that are not on the space.
    """

    strategy = "seed"
    several_objectives = True

    def __init__(
        self,
        space: MixtureSpace,
        kinds: Sequence[Kind] = ("single", "exclude_one", "all"),
        own: Mapping[str, Mapping[str, float]] | None = None,
        *,
        sizes: Mapping[str, int] | None = None,
        budget: int | None = None,
        seed: int = 0,
        phase: int = 0,
    ) -> None:
        super().__init__(space, seed=seed, phase=phase)
        own = own or {}
        left = None if budget is None else budget - len(own)
        if left is not None and left < bool(kinds):
            raise StrategyError(f"a seed budget of {budget} leaves no room for the designs: raise it, or drop mixtures")
        parts = [seed_design(space, kinds, sizes=sizes, budget=left, seed=seed)] if kinds else []
        parts += [Design((name,), space.as_array(weights)[None]) for name, weights in own.items()]
        labels = tuple(label for part in parts for label in part.labels)
        self._design = Design(labels, np.vstack([part.weights for part in parts]))

    @property
    def labels(self) -> tuple[str, ...]:
        return self._design.labels

    def batch(self, runs: Runs, rng: np.random.Generator) -> Design:
        return self._design

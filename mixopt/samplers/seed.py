"""`SeedSampler`: the first mixtures of a study, from experimental designs and from the user."""

from collections.abc import Mapping, Sequence

import numpy as np

from mixopt.designs import Design, Kind, seed_design
from mixopt.errors import StrategyError
from mixopt.history.runs import Runs
from mixopt.samplers.batch import BatchSampler
from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray


class SeedSampler(BatchSampler):
    """Propose the seed designs of `kinds`, then the mixtures of `own`.

    >>> space = mixopt.MixtureSpace(["coco", "lisa"])
    >>> study = optuna.create_study(sampler=mixopt.SeedSampler(space, ["single", "all"]))
    >>> [mixopt.suggest_mixture(study.ask(), space)["coco"] for _ in range(3)]
    [1.0, 0.0, 0.5]

    Args:
        space: the mixtures to search.
        kinds: seed designs, as `mixopt.designs.seed_design` takes them.
        own: mixtures of your own, name -> weights by domain.
        sizes: examples by domain, as `mixopt.designs.seed_design` takes them.
        budget: the most mixtures in all; the designs are trimmed to what `own` leaves.
        seed: seed of designs that are random.

    Raises:
        StrategyError: an unknown kind of design, or a budget that `own` uses up.
        WeightsError: weights that are not in the space.
    """

    strategy = "seed"
    index_alone = 0
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
    ) -> None:
        super().__init__(space, seed=seed)
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
        """The names of the designs' mixtures, then those of `own`."""
        return self._design.labels

    @property
    def mixtures(self) -> FloatArray:
        """All its mixtures (k, m)."""
        return self._design.weights

    def batch(self, runs: Runs, rng: np.random.Generator) -> Design:
        """Return the seed mixtures, which no run changes."""
        return self._design

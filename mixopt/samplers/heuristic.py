"""The paper's heuristics on the seed runs (PAPER.md, Algorithms 1 to 3)."""

import warnings
from collections.abc import Sequence

import numpy as np

from mixopt.designs import Design
from mixopt.errors import StrategyError
from mixopt.heuristics import HEURISTICS, even_runs
from mixopt.runs import Runs
from mixopt.samplers.batch import BatchSampler
from mixopt.space import MixtureSpace


class HeuristicSampler(BatchSampler):
    """One mixture a heuristic, moved onto the space; one whose seed runs are missing is skipped with a warning.

    It learns from the seed runs of its study, so it stands behind a SeedSampler, which is phase 0 to its 1:

    >>> space = mixopt.MixtureSpace(["coco", "lisa"])
    >>> phases = [mixopt.SeedSampler(space), mixopt.HeuristicSampler(space, ["leave_one_out"])]
    >>> study = optuna.create_study(direction="maximize", sampler=mixopt.PhasedSampler(space, phases))
    >>> for _ in range(4):
    ...     trial = study.ask()
    ...     weights = mixopt.suggest_mixture(trial, space)
    ...     trial.set_user_attr("out_score", weights["coco"])
    ...     _ = study.tell(trial, weights["coco"])
    >>> study.trials[-1].user_attrs["strategy"]
    'heuristic'
    """

    strategy = "heuristic"
    several_objectives = True

    def __init__(
        self, space: MixtureSpace, names: Sequence[str] = tuple(HEURISTICS), *, seed: int = 0, phase: int = 1
    ) -> None:
        super().__init__(space, seed=seed, phase=phase)
        self._names = tuple(names)

    @property
    def size(self) -> int:
        return len(self._names)

    def batch(self, runs: Runs, rng: np.random.Generator) -> Design:
        seeds = even_runs(runs.select(np.array([strategy == "seed" for strategy in runs.strategies], dtype=bool)))
        found = {}
        for name in self._names:
            try:
                found[name] = self.space.project(HEURISTICS[name](seeds))
            except StrategyError as reason:
                warnings.warn(f"heuristic {name} is skipped: {reason}", stacklevel=2)
        return Design(tuple(found), np.array(list(found.values())).reshape(-1, self.space.m))

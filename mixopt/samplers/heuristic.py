"""The paper's heuristics on the seed runs (PAPER.md, Algorithms 1 to 3)."""

import warnings
from collections.abc import Sequence

import numpy as np

from mixopt.designs import Design
from mixopt.designs.heuristic_options import Heuristic
from mixopt.designs.heuristics import HEURISTICS, even_runs
from mixopt.errors import StrategyError
from mixopt.history.runs import Runs
from mixopt.history.scores import Scoring
from mixopt.samplers.batch import BatchSampler
from mixopt.space.mixture_space import MixtureSpace


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

    Args:
        names: of heuristics; with options as `Heuristic(...)` (mixopt/designs/heuristic_options.py).
        scoring, steps: the tests and the evaluation steps of the study, for heuristics that say which `scores` they are
            computed from; those are then read from the trials' user attribute "evaluations", a list of
            `{"step": 500, "scores": {test: score, ...}}`.

    Raises:
        StrategyError, SpaceError: a heuristic that there is not, or that leaves out what the space or it cannot do
            without.
    """

    strategy = "heuristic"
    several_objectives = True

    def __init__(
        self,
        space: MixtureSpace,
        names: Sequence[str | Heuristic] = tuple(HEURISTICS),
        *,
        scoring: Scoring | None = None,
        steps: Sequence[int] = (),
        seed: int = 0,
        phase: int = 1,
    ) -> None:
        super().__init__(space, seed=seed, phase=phase)
        self._heuristics = [Heuristic(each) if isinstance(each, str) else each for each in names]
        self._scoring, self._steps = scoring, steps
        for heuristic in self._heuristics:
            heuristic.check(space)

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(heuristic.label for heuristic in self._heuristics)

    def batch(self, runs: Runs, rng: np.random.Generator) -> Design:
        seeds = even_runs(runs.select(np.array([strategy == "seed" for strategy in runs.strategies], dtype=bool)))
        found = {}
        for heuristic in self._heuristics:
            try:
                found[heuristic.label] = heuristic.weights(seeds, self._scoring, self._steps)
            except StrategyError as reason:
                warnings.warn(f"heuristic {heuristic.label} is skipped: {reason}", stacklevel=2)
        return Design(tuple(found), np.array(list(found.values())).reshape(-1, self.space.m))

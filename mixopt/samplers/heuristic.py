"""`HeuristicSampler`: mixtures that the heuristics of MoDoMoDo compute from the seed runs (docs/paper.md)."""

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
    """Propose one mixture per heuristic, moved into the space.

    A heuristic whose seed runs are missing is skipped with a warning. The heuristics learn from the seed runs of the
    study, so put this phase after a SeedSampler:

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
        space: the mixtures to search.
        names: heuristics by name; with options as `Heuristic(...)` (mixopt/designs/heuristic_options.py).
        scoring: the tests of the study, for heuristics with the option `scores`. These scores are read from the trials'
            user attribute "evaluations", a list of `{"step": 500, "scores": {test: score, ...}}`.
        steps: the evaluation steps of the study, for the same heuristics.
        seed: unused; heuristics are not random.

    Raises:
        StrategyError: an unknown heuristic, or one without an option that it needs.
        SpaceError: a heuristic that cannot serve this space.

    References:
        MoDoMoDo: Multi-Domain Data Mixtures for Multimodal LLM Reinforcement Learning, 2025, arXiv 2505.24871.
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
    ) -> None:
        super().__init__(space, seed=seed)
        self._heuristics = [Heuristic(each) if isinstance(each, str) else each for each in names]
        self._scoring, self._steps = scoring, steps
        for heuristic in self._heuristics:
            heuristic.check(space)

    @property
    def labels(self) -> tuple[str, ...]:
        """The label of each heuristic."""
        return tuple(heuristic.label for heuristic in self._heuristics)

    def batch(self, runs: Runs, rng: np.random.Generator) -> Design:
        """Compute the mixture of every heuristic that the seed runs suffice for."""
        seeds = even_runs(runs.select(np.array([strategy == "seed" for strategy in runs.strategies], dtype=bool)))
        found = {}
        for heuristic in self._heuristics:
            try:
                found[heuristic.label] = heuristic.weights(seeds, self._scoring, self._steps)
            except StrategyError as reason:
                warnings.warn(f"heuristic {heuristic.label} is skipped: {reason}", stacklevel=2)
        return Design(tuple(found), np.array(list(found.values())).reshape(-1, self.space.m))

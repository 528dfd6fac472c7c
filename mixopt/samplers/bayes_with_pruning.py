"""Bayesian search for studies that prune: it also learns from the scores of pruned runs."""

from collections.abc import Sequence

import numpy as np

from mixopt.acquisition.constrained import maximize
from mixopt.acquisition.initial_design import initial_size
from mixopt.acquisition.knowledge_gradient import next_mixture
from mixopt.history.floors import NO_FLOORS, Floors, GivenFloors
from mixopt.history.history import History
from mixopt.history.keys import LABEL, STRATEGY
from mixopt.models.multi_step_runs import MultiStepRuns
from mixopt.models.pull import Pull, pulled
from mixopt.samplers.bayes import BayesSampler
from mixopt.samplers.proposal import Proposal
from mixopt.space.mixture_space import MixtureSpace


class BayesWithPruningSampler(BayesSampler):
    """BayesSampler until a run is pruned; then the search with a multi-step Gaussian process.

    It asks for whole runs only. It does not propose a pruned mixture again, and takes the expected final score of a
    pruned run for its score.

    Args:
        space: the mixtures to search.
        evaluated: the evaluation steps of a run, such as [20, 60, 80].
        pull: a soft pull towards a prior mixture.
        floors: as for BayesSampler.
        seed: of everything random, with the trial's number.
    """

    def __init__(
        self,
        space: MixtureSpace,
        evaluated: Sequence[int],
        *,
        pull: Pull | None = None,
        floors: GivenFloors | Floors = NO_FLOORS,
        seed: int = 0,
    ) -> None:
        super().__init__(space, pull=pull, floors=floors, seed=seed)
        self.several_objectives, self._evaluated = False, tuple(evaluated)

    def propose(self, history: History, number: int) -> Proposal:
        """Propose the next mixture; as BayesSampler as long as no run was pruned."""
        runs = history.runs()
        begun = history.active_before(number) >= initial_size(self.space.m) and len(runs) >= 2
        step_runs = MultiStepRuns.of(history, self._evaluated)
        pruned = step_runs.weights[np.isnan(step_runs.scores[:, -1])]
        if not begun or not len(pruned):
            return super().propose(history, number)
        rng = np.random.default_rng([self.seed, number])
        model = pulled(step_runs.fit_with_pending(), self.pull, self.space)
        floors = self.feasibility(history, runs)
        best = maximize(self.space, model, floors, rng) if floors else None
        mixture = next_mixture(self.space, model, pruned, rng, number, history.failed(), floors, best)
        return Proposal(mixture, {STRATEGY: self.strategy, LABEL: "bayes"})

"""Example selection that skips settled examples: a group with equal rewards teaches GRPO nothing.

After dynamic sampling in DAPO. DAPO generates first, drops such groups and refills the batch. Here the example's last
group decides beforehand, another example is drawn instead, and no completion is wasted. Since the policy changes, a
settled example comes back after as many draws of the domain as REST passes have.

References:
    Yu et al. 2025, "DAPO: An Open-Source LLM Reinforcement Learning System at Scale", arXiv:2503.14476.
"""

from collections.abc import Sequence

import numpy as np

from rlvr_backend.selection.selector import Group, Selector

REST = 3  # passes, ours: settled examples then take at most one draw in three if there are others


class SkipSettled(Selector):
    """Draws uniformly, without replacement, among unsettled examples, then those whose rest ends first."""

    def __init__(self, size: int, seed: int, domain: int):
        super().__init__(size, seed, domain)
        self.draws = np.zeros(size, int)
        self.rest_until = np.zeros(size, int)  # in draws of the whole domain

    def ranking(self, update: int, rng: np.random.Generator) -> np.ndarray:
        """Rank all examples of the domain, the most wanted first."""
        rest = np.maximum(self.rest_until - self.draws.sum(), 0)
        return np.lexsort((rng.random(self._size), self.draws, rest))

    def observe(self, update: int, groups: Sequence[Group]) -> None:
        """Learn from this domain's groups of an update."""
        for group in groups:
            self.draws[group.example] += 1
        for group in groups:
            settled = np.ptp(group.rewards) == 0
            self.rest_until[group.example] = self.draws.sum() + REST * self._size if settled else 0

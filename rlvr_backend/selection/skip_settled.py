"""Leaving out settled examples: a group whose rewards are all equal teaches GRPO nothing.

After dynamic sampling in DAPO (Yu et al. 2025, "DAPO: An Open-Source LLM Reinforcement Learning System at Scale",
arXiv:2503.14476). Departs from it, which generates first, throws such groups away and refills: here the example's last
group says so beforehand, another example is drawn in its place, and no completion is thrown away. Since the policy
changes, a settled example comes back after REST more passes' worth of the domain's draws.
"""

from collections.abc import Sequence

import numpy as np

from rlvr_backend.selection.selector import Group, Selector

REST = 3  # ours: passes; settled examples then take at most one draw in three where there are others


class SkipSettled(Selector):
    """Uniform without replacement among the examples that are not settled; where there are too few of these, those
    whose rest ends first."""

    def __init__(self, size: int, seed: int, domain: int):
        super().__init__(size, seed, domain)
        self.draws = np.zeros(size, int)
        self.rest_until = np.zeros(size, int)  # in draws of the whole domain

    def ranking(self, update: int, rng: np.random.Generator) -> np.ndarray:
        rest = np.maximum(self.rest_until - self.draws.sum(), 0)
        return np.lexsort((rng.random(self._size), self.draws, rest))

    def observe(self, update: int, groups: Sequence[Group]) -> None:
        for group in groups:
            self.draws[group.example] += 1
        for group in groups:
            settled = np.ptp(group.rewards) == 0
            self.rest_until[group.example] = self.draws.sum() + REST * self._size if settled else 0

"""Example selection by running pass rate, from easy to hard.

The rule and its constants are ours: neither VL-Cogito nor Observe-R1 selects examples this way. Examples are drawn by
how close their running mean score is to a target. The target starts at easy examples. It falls while the chosen
examples are solved more than half of the time, and rises while they are solved less often, so the length of the run is
not needed. Graded scores also count by how much they vary (`variance_shares`): an example whose scores never vary
teaches nothing, however close its mean is. The curriculum of VL-Cogito, which weights advantages and selects nothing,
is the option `advantage_weights` (training/advantage_weights.py).
"""

from collections.abc import Sequence

import numpy as np

from rlvr_backend.selection.selector import Group, Selector, variance_parts, variance_shares, weighted_ranking

EASY = 0.8  # the first target
PACE = 0.02  # how far one group that is always (or never) solved moves the target
WIDTH = 0.1  # standard deviation of the pass rates around the target
KEPT = 0.5  # weight of older groups when a new one comes
FLOOR = 1e-6  # weight of the farthest example, so that none is impossible


class PassRate(Selector):
    """Draws examples whose pass rate is close to a target that moves from easy to hard."""

    def __init__(self, size: int, seed: int, domain: int):
        super().__init__(size, seed, domain)
        self.pass_rates = np.full(size, 0.5)  # 0.5: nothing is known yet
        self.possible, self.lacking = np.zeros(size), np.zeros(size)  # sums of variance_parts
        self.aim = EASY  # the target; checkpoints store it under this name

    def ranking(self, update: int, rng: np.random.Generator) -> np.ndarray:
        """Rank all examples of the domain, the most wanted first."""
        near = np.exp(-0.5 * ((self.pass_rates - self.aim) / WIDTH) ** 2)
        return weighted_ranking(near * variance_shares(self.possible, self.lacking) + FLOOR, rng)

    def observe(self, update: int, groups: Sequence[Group]) -> None:
        """Learn from this domain's groups of an update."""
        for group in groups:
            i, p = group.example, group.correct.mean()
            self.pass_rates[i] = KEPT * self.pass_rates[i] + (1 - KEPT) * p
            possible, lacking = variance_parts(group.correct)
            self.possible[i] = KEPT * self.possible[i] + possible
            self.lacking[i] = KEPT * self.lacking[i] + lacking
            self.aim = min(max(self.aim - 2 * PACE * float(p - 0.5), 0.0), 1.0)

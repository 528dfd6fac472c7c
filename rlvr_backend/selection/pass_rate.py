"""By running pass rate, from easy to hard. Ours, in rule and constants: neither VL-Cogito nor Observe-R1 selects so.

Examples are drawn by how near their running mean score is to the one aimed at. The aim starts where examples are easy.
It falls to harder ones while the chosen examples are solved more often than half of the time, and rises again while
they are solved less often, so that no length of the run is needed. With graded scores an example counts by how much
they vary too (`variance_shares`): one whose scores never vary has nothing to teach, however near its mean is. The
curriculum of VL-Cogito, which weights advantages and selects nothing, is the option `advantage_weights`
(advantage_weights.py).
"""

from collections.abc import Sequence

import numpy as np

from rlvr_backend.selection.selector import Group, Selector, variance_parts, variance_shares, weighted_ranking

EASY = 0.8  # the first pass rate aimed at
PACE = 0.02  # how far one group that is solved whole (or not at all) moves the aim
WIDTH = 0.1  # standard deviation of the pass rates round the aim
KEPT = 0.5  # what a new group leaves of the older ones
FLOOR = 1e-6  # the weight of the remotest example, so that none is impossible


class PassRate(Selector):
    def __init__(self, size: int, seed: int, domain: int):
        super().__init__(size, seed, domain)
        self.pass_rates = np.full(size, 0.5)  # 0.5: nothing is known yet
        self.possible, self.lacking = np.zeros(size), np.zeros(size)  # sums of variance_parts
        self.aim = EASY

    def ranking(self, update: int, rng: np.random.Generator) -> np.ndarray:
        near = np.exp(-0.5 * ((self.pass_rates - self.aim) / WIDTH) ** 2)
        return weighted_ranking(near * variance_shares(self.possible, self.lacking) + FLOOR, rng)

    def observe(self, update: int, groups: Sequence[Group]) -> None:
        for group in groups:
            i, p = group.example, group.correct.mean()
            self.pass_rates[i] = KEPT * self.pass_rates[i] + (1 - KEPT) * p
            possible, lacking = variance_parts(group.correct)
            self.possible[i] = KEPT * self.possible[i] + possible
            self.lacking[i] = KEPT * self.lacking[i] + lacking
            self.aim = min(max(self.aim - 2 * PACE * float(p - 0.5), 0.0), 1.0)

"""Example selection by Thompson sampling of difficulty (VADE): use the examples from which most may be learnt.

Each example keeps counts a and b of right and wrong completions. An update draws p ~ Beta(a + 1, b + 1) for every
example and takes the largest information gain p (1 - p)^2, which is highest at p = 1/3. After G completions with r
right: a <- l1 a + r, b <- l1 b + G - r. After an update without the example: a <- l2 a, b <- l2 b. The counts decay,
the prior Beta(1, 1) does not.

All of this is from the abstract and the overview figure on the authors' project page (VADE-RL.github.io); l1 and l2 are
the numbers of its example. We could not get the rest of the paper or its code.

The case of graded scores is ours. VADE's p (1 - p) is the variance of a right-or-wrong score. For graded scores (IoU)
it is multiplied by the share of it that their variance reaches (`variance_shares`), exactly 1 for right or wrong.

References:
    Hu et al. 2025, "VADE: Variance-Aware Dynamic Sampling via Online Sample-Level Difficulty Estimation for Multimodal
    RL", arXiv:2511.18902.
"""

from collections.abc import Sequence

import numpy as np

from rlvr_backend.selection.selector import Group, Selector, variance_parts, variance_shares

KEPT_DRAWN = 0.2  # VADE's l1: weight of older groups when a new one comes
KEPT_IDLE = 0.999  # VADE's l2: weight of the counts after an update without the example


class Thompson(Selector):
    """Draws a difficulty for every example, and takes the largest information gain."""

    def __init__(self, size: int, seed: int, domain: int):
        super().__init__(size, seed, domain)
        self.right = np.zeros(size)  # a
        self.wrong = np.zeros(size)  # b
        self.possible, self.lacking = np.zeros(size), np.zeros(size)  # sums of variance_parts
        self.since = -1  # the last update that they include

    def _decay(self, kept: float | np.ndarray) -> list[np.ndarray]:
        return [kept * learnt for learnt in (self.right, self.wrong, self.possible, self.lacking)]

    def ranking(self, update: int, rng: np.random.Generator) -> np.ndarray:
        """Rank all examples of the domain, the most wanted first."""
        right, wrong, possible, lacking = self._decay(KEPT_IDLE ** (update - 1 - self.since))
        p = rng.beta(1 + right, 1 + wrong)
        return np.argsort(-p * (1 - p) ** 2 * variance_shares(possible, lacking), kind="stable")

    def observe(self, update: int, groups: Sequence[Group]) -> None:
        """Learn from this domain's groups of an update."""
        kept = np.full(self._size, KEPT_IDLE ** (update - self.since))
        kept[[int(group.example) for group in groups]] = KEPT_IDLE ** (update - 1 - self.since)
        self.right, self.wrong, self.possible, self.lacking = self._decay(kept)
        self.since = update
        for group in groups:
            i, solved = group.example, group.correct.sum()
            new = (solved, len(group.correct) - solved, *variance_parts(group.correct))
            for learnt, value in zip((self.right, self.wrong, self.possible, self.lacking), new, strict=True):
                learnt[i] = KEPT_DRAWN * learnt[i] + value

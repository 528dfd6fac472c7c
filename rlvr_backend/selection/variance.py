"""Variance-aware sampling: prefer the examples whose scores vary and whose texts differ.

After MMR1 (Leng et al. 2025, "MMR1: Enhancing Multimodal Reasoning with Variance-Aware Sampling and Open Resources",
arXiv:2509.21268, section 3, whose equations have no numbers, and Algorithm 1). An example's variance promotion score is

    VPS = alpha OVS + beta TDS,    OVS = P (1 - P),    TDS = diversity of its completions

with P its share of right completions; OVS is at most 1/4 and is not scaled. A part lambda of the prompts is drawn in
proportion to VPS, the rest uniformly. For graded scores (IoU), which MMR1 has not, OVS is the variance of the group's
scores; of right-or-wrong ones that is P (1 - P).

Where this departs from MMR1: it generates N = 32 completions for every example of the set before training and each
T_update = 35 updates; here the scores come from training's own groups, and an example that was not drawn yet has the
mean score of those that were. Since no completion is spent on it, the refresh is more frequent. Each prompt falls to
the weighted part with probability lambda, as an update may draw a single one from the domain, and none is drawn twice
in an update. MMR1 leaves the diversity open ("inverse self-BLEU or distinct-n"); ours is distinct-2.
"""

import itertools
from collections.abc import Sequence

import numpy as np

from rlvr_backend.selection.selector import Group, Selector, weighted_ranking

LAMBDA = 0.5  # MMR1's mix ratio (section 6.1)
ALPHA, BETA = 0.8, 0.2  # MMR1's weights of OVS and TDS (section 6.1)
REFRESH = 5  # ours, in updates; MMR1's T_update is 35, and was tried from 4 to 56 (its Table 4)


class Variance(Selector):
    def __init__(self, size: int, seed: int, domain: int):
        super().__init__(size, seed, domain)
        self.vps = np.zeros(size)  # of the last groups
        self.seen = np.zeros(size, bool)
        self.probabilities = np.full(size, 1 / size)  # as of the last refresh
        self.refreshed = 0  # the update of it

    def ranking(self, update: int, rng: np.random.Generator) -> np.ndarray:
        return weighted_ranking(self.probabilities, rng)

    def observe(self, update: int, groups: Sequence[Group]) -> None:
        for group in groups:
            self.vps[group.example] = ALPHA * group.correct.var() + BETA * diversity(group.completions)
            self.seen[group.example] = True
        if self.seen.any() and update + 1 - self.refreshed >= REFRESH:
            vps = np.where(self.seen, self.vps, self.vps[self.seen].mean())
            self.probabilities = LAMBDA * vps / vps.sum() + (1 - LAMBDA) / self._size
            self.refreshed = update + 1


def diversity(completions: Sequence[str]) -> float:
    """Distinct-2 (Li et al. 2016, "A Diversity-Promoting Objective Function for Neural Conversation Models",
    arXiv:1510.03055): distinct word pairs / word pairs of all the texts, in (0, 1].

    A text's start and end count as words, so that texts of one word, or none, have pairs too: equal ones are not
    diverse.
    """
    pairs = [pair for text in completions for pair in itertools.pairwise([None, *text.split(), None])]
    return len(set(pairs)) / len(pairs)

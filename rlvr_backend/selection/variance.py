"""Example selection by variance-aware sampling (MMR1): prefer examples whose scores vary and whose texts differ.

The variance promotion score of an example is

    VPS = alpha OVS + beta TDS,    OVS = P (1 - P),    TDS = diversity of its completions

with P its share of right completions. OVS is at most 1/4 and is not scaled. A part lambda of the prompts is drawn in
proportion to VPS, the rest uniformly. For graded scores (IoU), which MMR1 does not have, OVS is the variance of the
group's scores, which is P (1 - P) for right-or-wrong ones.

Differences from MMR1: it generates N = 32 completions for every example before training and every T_update = 35
updates. Here the scores come from the groups of training, and an example that was not drawn yet has the mean score of
those that were. Since this costs no completion, the refresh is more frequent. Each prompt is weighted with probability
lambda, as an update may draw a single one from the domain, and no example is drawn twice in an update. MMR1 does not
fix the diversity ("inverse self-BLEU or distinct-n"); ours is distinct-2.

References:
    Leng et al. 2025, "MMR1: Enhancing Multimodal Reasoning with Variance-Aware Sampling and Open Resources",
    arXiv:2509.21268, section 3 (its equations have no numbers) and Algorithm 1.
"""

import itertools
from collections.abc import Sequence

import numpy as np

from rlvr_backend.selection.selector import Group, Selector, weighted_ranking

LAMBDA = 0.5  # MMR1's mix ratio (section 6.1)
ALPHA, BETA = 0.8, 0.2  # MMR1's weights of OVS and TDS (section 6.1)
REFRESH = 5  # updates, ours; MMR1's T_update is 35, tried from 4 to 56 (its Table 4)


class Variance(Selector):
    """Draws a part of the examples in proportion to the variance of their scores and the diversity of their texts."""

    def __init__(self, size: int, seed: int, domain: int):
        super().__init__(size, seed, domain)
        self.vps = np.zeros(size)  # scores of the last groups
        self.seen = np.zeros(size, bool)
        self.probabilities = np.full(size, 1 / size)  # since the last refresh
        self.refreshed = 0  # update of the last refresh

    def ranking(self, update: int, rng: np.random.Generator) -> np.ndarray:
        """Rank all examples of the domain, the most wanted first."""
        return weighted_ranking(self.probabilities, rng)

    def observe(self, update: int, groups: Sequence[Group]) -> None:
        """Learn from this domain's groups of an update."""
        for group in groups:
            self.vps[group.example] = ALPHA * group.correct.var() + BETA * diversity(group.completions)
            self.seen[group.example] = True
        if self.seen.any() and update + 1 - self.refreshed >= REFRESH:
            vps = np.where(self.seen, self.vps, self.vps[self.seen].mean())
            self.probabilities = LAMBDA * vps / vps.sum() + (1 - LAMBDA) / self._size
            self.refreshed = update + 1


def diversity(completions: Sequence[str]) -> float:
    """Return distinct-2 of some texts: distinct word pairs / all word pairs, in (0, 1].

    The start and end of a text count as words, so texts of one word or none have pairs too.

    References:
        Li et al. 2016, "A Diversity-Promoting Objective Function for Neural Conversation Models", arXiv:1510.03055.
    """
    pairs = [pair for text in completions for pair in itertools.pairwise([None, *text.split(), None])]
    return len(set(pairs)) / len(pairs)

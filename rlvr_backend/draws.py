"""The draw plan: which example every prompt of a run uses, computed from the seed before training starts.

For each prompt (1) draw a domain with probabilities w, (2) draw one example of it that was not seen before. Training
stops after the update that uses the last example of some domain (PAPER.md, "Draws"). That update's other prompts are
drawn from the domains that still have examples; where there are none (a single domain), an update that cannot be
filled is left out.
"""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class DrawPlan:
    """`domains` and `examples` are (steps, prompts a step): which domain, and which of its examples."""

    domains: np.ndarray
    examples: np.ndarray
    exhausted: tuple[int, ...]

    @property
    def steps(self) -> int:
        return len(self.domains)

    def counts(self, domains: int) -> list[int]:
        """Realised draws a domain."""
        return np.bincount(self.domains.ravel(), minlength=domains).tolist()


def plan_draws(weights: np.ndarray, sizes: list[int], steps: int, prompts: int, seed: int) -> DrawPlan:
    """Draw up to `steps` updates of `prompts` examples.

    `weights` (m,) sum to 1; `sizes` are the domains' numbers of examples. The order inside a domain depends on the
    seed and the domain's place alone, so that two mixtures see the same examples of a domain first.
    """
    weights = np.asarray(weights, float)
    rng = np.random.default_rng([seed, 0])
    orders = [np.random.default_rng([seed, 1, i]).permutation(size) for i, size in enumerate(sizes)]
    used = np.zeros(len(sizes), int)
    left = np.array(sizes)
    domains, examples = [], []
    while len(domains) < steps and not _exhausted(weights, left):
        row = []
        for _ in range(prompts):
            open_weights = np.where(left > 0, weights, 0.0)
            if open_weights.sum() == 0:
                break
            domain = int(rng.choice(len(sizes), p=open_weights / open_weights.sum()))
            row.append((domain, int(orders[domain][used[domain]])))
            used[domain] += 1
            left[domain] -= 1
        if len(row) < prompts:
            break
        domains.append([domain for domain, _ in row])
        examples.append([example for _, example in row])
    shape = (len(domains), prompts)
    return DrawPlan(
        np.array(domains, int).reshape(shape), np.array(examples, int).reshape(shape), _exhausted(weights, left)
    )


def _exhausted(weights: np.ndarray, left: np.ndarray) -> tuple[int, ...]:
    """The domains that are part of the mixture and have no unseen example left."""
    return tuple(np.flatnonzero((weights > 0) & (left == 0)).tolist())

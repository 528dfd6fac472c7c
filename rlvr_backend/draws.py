"""The draw plan: which example every prompt of a run uses, computed from the seed before training starts.

For each prompt (1) draw a domain with probabilities w, (2) draw one example of it that was not seen before (PAPER.md,
"Draws"). What happens once a domain of the mixture has no unseen example left is the study's `on_exhaustion`:

    stop         training stops after the update that used the last one (the paper). That update's other prompts are
                 drawn from the domains that still have examples
    renormalise  the domain drops out and the others share its weight, until all of the mixture is used up
    repeat       the domain starts again in a fresh order: the shares stay w for the whole run, and examples come again
                 (within one update too, where two passes of the domain meet in it)

Where no domain has examples left, an update that cannot be filled is left out.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rlvr_backend.contract import RequestError

ON_EXHAUSTION = ("stop", "renormalise", "repeat")


@dataclass(frozen=True)
class DrawPlan:
    """`domains` and `examples` are (steps, prompts a step): which domain, and which of its examples.

    `exhausted` are the domains of the mixture that have no unseen example left at the end; none where they repeat.
    """

    domains: np.ndarray
    examples: np.ndarray
    exhausted: tuple[int, ...]

    @property
    def steps(self) -> int:
        return len(self.domains)

    @property
    def prompts(self) -> int:
        return self.domains.shape[1]

    def until(self, step: int) -> "DrawPlan":
        """Its first updates; what runs out after them has not run out."""
        return DrawPlan(self.domains[:step], self.examples[:step], ())

    def counts(self, domains: int) -> list[int]:
        """Draws a domain."""
        return np.bincount(self.domains.ravel(), minlength=domains).tolist()

    def passes(self, sizes: Sequence[int]) -> list[int]:
        """How many passes over each domain were begun: 0 where it was never drawn, above 1 where it repeats."""
        return [-(-count // max(size, 1)) for count, size in zip(self.counts(len(sizes)), sizes, strict=True)]


def plan_draws(
    weights: Sequence[float] | np.ndarray,
    sizes: Sequence[int],
    steps: int,
    prompts: int,
    seed: int,
    on_exhaustion: str = "stop",
) -> DrawPlan:
    """Draw up to `steps` updates of `prompts` examples.

    `weights` (m,) sum to 1; `sizes` are the domains' numbers of examples. The order inside a domain depends on the
    seed, the domain's place and the pass alone, so that two mixtures see the same examples of a domain first.
    Raises RequestError for an unknown `on_exhaustion`, and where a domain without examples is to repeat.
    """
    if on_exhaustion not in ON_EXHAUSTION:
        raise RequestError(f"`on_exhaustion` must be one of {', '.join(ON_EXHAUSTION)}, not {on_exhaustion!r}")
    weights, held = np.asarray(weights, float), np.asarray(sizes, int)
    stops, repeats = on_exhaustion == "stop", on_exhaustion == "repeat"
    if repeats and _exhausted(weights, held):
        raise RequestError("a domain of the mixture has no examples to repeat: give it some, or weight 0")
    rng = np.random.default_rng([seed, 0])
    orders = [_order(size, seed, domain, 0) for domain, size in enumerate(sizes)]
    used = np.zeros(len(sizes), int)
    domains: list[list[int]] = []
    examples: list[list[int]] = []
    while len(domains) < steps and not (stops and _exhausted(weights, held - used)):
        row = []
        for _ in range(prompts):
            open_weights = np.where(repeats | (used < held), weights, 0.0)
            if open_weights.sum() == 0:
                break
            domain = int(rng.choice(len(sizes), p=open_weights / open_weights.sum()))
            turn, place = divmod(int(used[domain]), sizes[domain])
            if turn and place == 0:
                orders[domain] = _order(sizes[domain], seed, domain, turn)
            row.append((domain, int(orders[domain][place])))
            used[domain] += 1
        if len(row) < prompts:
            break
        domains.append([domain for domain, _ in row])
        examples.append([example for _, example in row])
    shape = (len(domains), prompts)
    return DrawPlan(
        np.array(domains, int).reshape(shape),
        np.array(examples, int).reshape(shape),
        () if repeats else _exhausted(weights, held - used),
    )


def _order(size: int, seed: int, domain: int, turn: int) -> np.ndarray:
    """The order of a domain's examples in its pass number `turn` (from 0)."""
    return np.random.default_rng([seed, 2, domain, turn] if turn else [seed, 1, domain]).permutation(size)


def _exhausted(weights: np.ndarray, left: np.ndarray) -> tuple[int, ...]:
    """The domains that are part of the mixture and have no unseen example left."""
    return tuple(np.flatnonzero((weights > 0) & (left <= 0)).tolist())

"""Draw plan: which domain and example each training prompt uses, computed from the seed before training starts.

For each prompt, (1) draw a domain with the mixture's probabilities, (2) draw an unseen example of it (docs/paper.md,
"Draws"). When a domain of the mixture has no unseen example left, the option `on_exhaustion` says what happens:

    stop         training stops after the update that used the last one (the paper). The other prompts of that update
                 are drawn from the domains that still have examples
    renormalise  the domain drops out and the others share its weight, until the whole mixture is used up
    repeat       the domain starts again in a new order, so the shares stay the same for the whole run. An example may
                 then come twice in one update, where two passes meet

An update that cannot be filled, because no domain has examples left, is dropped.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from rlvr_backend.errors import RequestError

ON_EXHAUSTION = ("stop", "renormalise", "repeat")


@dataclass(frozen=True)
class DrawPlan:
    """The draws of a run.

    Attributes:
        domains: (updates, prompts per update) index of the domain of each draw.
        examples: (updates, prompts per update) index of the example in its domain.
        exhausted: Domains of the mixture without an unseen example at the end; empty if they repeat.
    """

    domains: np.ndarray
    examples: np.ndarray
    exhausted: tuple[int, ...]

    @property
    def steps(self) -> int:
        """Number of updates."""
        return len(self.domains)

    @property
    def prompts(self) -> int:
        """Number of prompts per update."""
        return self.domains.shape[1]

    def until(self, step: int) -> "DrawPlan":
        """Return the first `step` updates, in which no domain counts as exhausted."""
        return DrawPlan(self.domains[:step], self.examples[:step], ())

    def counts(self, domains: int) -> list[int]:
        """Return the number of draws per domain, for this many domains."""
        return np.bincount(self.domains.ravel(), minlength=domains).tolist()

    def passes(self, sizes: Sequence[int]) -> list[int]:
        """Return how many passes over each domain were started: 0 if it was never drawn, above 1 if it repeats."""
        return [-(-count // max(size, 1)) for count, size in zip(self.counts(len(sizes)), sizes, strict=True)]


def plan_draws(
    weights: Sequence[float] | np.ndarray,
    sizes: Sequence[int],
    steps: int,
    prompts: int,
    seed: int,
    on_exhaustion: str = "stop",
) -> DrawPlan:
    """Draw up to `steps` updates.

    The order inside a domain depends only on the seed, the domain's index and the pass, so two mixtures see the same
    examples of a domain first.

    Args:
        weights: (m,) shares of the domains, which sum to 1.
        sizes: (m,) numbers of examples of the domains.
        steps: Number of updates.
        prompts: Number of prompts per update.
        seed: Seed of all draws.
        on_exhaustion: One of ON_EXHAUSTION.

    Raises:
        RequestError: `on_exhaustion` is unknown, or a domain without examples should repeat.
    """
    if on_exhaustion not in ON_EXHAUSTION:
        raise RequestError(f"`on_exhaustion` must be one of {', '.join(ON_EXHAUSTION)}, not {on_exhaustion!r}")
    weights, available = np.asarray(weights, float), np.asarray(sizes, int)
    stops, repeats = on_exhaustion == "stop", on_exhaustion == "repeat"
    if repeats and _exhausted(weights, available):
        raise RequestError("a domain of the mixture has no examples to repeat: give it some, or weight 0")
    rng = np.random.default_rng([seed, 0])
    orders = [_order(size, seed, domain, 0) for domain, size in enumerate(sizes)]
    used = np.zeros(len(sizes), int)
    domains: list[list[int]] = []
    examples: list[list[int]] = []
    while len(domains) < steps and not (stops and _exhausted(weights, available - used)):
        update = []
        for _ in range(prompts):
            open_weights = np.where(repeats | (used < available), weights, 0.0)
            if open_weights.sum() == 0:
                break
            domain = int(rng.choice(len(sizes), p=open_weights / open_weights.sum()))
            turn, place = divmod(int(used[domain]), sizes[domain])
            if turn and place == 0:
                orders[domain] = _order(sizes[domain], seed, domain, turn)
            update.append((domain, int(orders[domain][place])))
            used[domain] += 1
        if len(update) < prompts:
            break
        domains.append([domain for domain, _ in update])
        examples.append([example for _, example in update])
    shape = (len(domains), prompts)
    return DrawPlan(
        np.array(domains, int).reshape(shape),
        np.array(examples, int).reshape(shape),
        () if repeats else _exhausted(weights, available - used),
    )


def _order(size: int, seed: int, domain: int, turn: int) -> np.ndarray:
    """The order of a domain's examples in pass number `turn`, from 0."""
    return np.random.default_rng([seed, 2, domain, turn] if turn else [seed, 1, domain]).permutation(size)


def _exhausted(weights: np.ndarray, left: np.ndarray) -> tuple[int, ...]:
    """The domains that are part of the mixture and have no unseen example left."""
    return tuple(np.flatnonzero((weights > 0) & (left <= 0)).tolist())

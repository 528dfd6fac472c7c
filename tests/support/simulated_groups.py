"""A simulated policy, and selectors at work on a domain of it: for the tests of example selection, and its measure."""

from itertools import chain

import numpy as np

from rlvr_backend.selection import Group, Selector, selector_named
from rlvr_backend.training.draw_plan import plan_draws

COMPLETIONS, SIZE = 6, 120


class Policy:
    """Solves an example of difficulty d with probability sigmoid(1.5 (skill - d)).

    Groups whose rewards differ raise its skill; the others teach it nothing. With `graded` scores (IoU) an example that
    is solved scores between .5 and 1, and every second one never varies: it is always answered alike, at a score
    between .2 and .8.
    """

    def __init__(self, seed, size=SIZE, difficulty=None, pace=0.01, graded=False):
        self.rng = np.random.default_rng([77, seed])
        self.difficulty = self.rng.normal(0, 3, size) if difficulty is None else np.full(size, float(difficulty))
        self.skill, self.pace, self.useful, self.graded = -1.0, pace, 0, graded
        self.fixed = np.where(np.arange(size) % 2, np.nan, self.rng.uniform(0.2, 0.8, size) if graded else np.nan)

    def group(self, example):
        chance = 1 / (1 + np.exp(-1.5 * (self.skill - self.difficulty[example])))
        correct = (self.rng.random(COMPLETIONS) < chance).astype(float)
        if self.graded:
            correct *= self.rng.uniform(0.5, 1, COMPLETIONS)
        if not np.isnan(self.fixed[example]):
            correct = np.full(COMPLETIONS, self.fixed[example])
        learns = bool(np.ptp(correct))
        self.useful += learns
        self.skill += self.pace * learns
        return Group(example, 1 + 2 * correct, correct, [f"so it is {c:g}" for c in correct])


def trained(selector: Selector, policy: Policy, updates: int, count=4, start=0):
    """The examples chosen in every update from `start` on."""
    history = []
    for update in range(start, updates):
        history.append(selector.choose(count, update))
        selector.observe(update, [policy.group(example) for example in history[-1]])
    return history


def shares(name: str, seed: int, graded=False, updates=120, count=4):
    """Of a run by the selector of that name, or "uniform": the share of groups whose rewards are all equal, and of
    draws that went to examples whose scores never vary."""
    policy = Policy(seed, graded=graded)
    if name == "uniform":
        history = plan_draws([1.0], [SIZE], updates, count, seed, "repeat").examples.tolist()
        for example in chain.from_iterable(history):
            policy.group(example)
    else:
        history = trained(selector_named(name, SIZE, seed, 0), policy, updates, count)
    never = ~np.isnan(policy.fixed[np.array(history)])
    return 1 - policy.useful / (updates * count), float(never.mean())

"""The protocol of example selection: rank a domain's examples before an update, learn from their groups after it.

A selector decides which examples of its domain an update uses; how many is the draw plan's decision, which no selector
sees or changes. Choosing changes nothing, and its randomness comes from (seed, domain, update), so that a selector with
the same history chooses the same examples: exact resume needs only what `state` returns.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rlvr_backend.errors import RequestError

SHARED = 0.05  # ours: how much of an example's g p (1 - p) the share of its domain weighs


@dataclass(frozen=True)
class Group:
    """What one example brought in one update, over its g completions.

    `rewards` (g,) are what GRPO compares, format included; `correct` (g,) is the task's score in [0, 1]; `completions`
    are the g texts.
    """

    example: int
    rewards: np.ndarray
    correct: np.ndarray
    completions: Sequence[str]


class Selector(ABC):
    """Chooses examples of one domain. All that it learns lies in its public attributes: arrays and plain numbers.

    `size` is the domain's number of examples, `domain` its place in the study.
    """

    def __init__(self, size: int, seed: int, domain: int):
        self._size, self._seed, self._domain = size, seed, domain

    @abstractmethod
    def ranking(self, update: int, rng: np.random.Generator) -> np.ndarray:
        """(size,) all examples of the domain, the most wanted first; must not change what was learnt."""

    @abstractmethod
    def observe(self, update: int, groups: Sequence[Group]) -> None:
        """Learn from this domain's groups of an update; to be called once for each update that uses the domain."""

    def choose(self, count: int, update: int) -> list[int]:
        """`count` examples for an update, distinct unless the domain has fewer."""
        rng = np.random.default_rng([self._seed, 3, self._domain, update])
        chosen: list[int] = []
        while len(chosen) < count:
            chosen += self.ranking(update, rng)[: count - len(chosen)].tolist()
        return chosen

    def state(self) -> dict[str, np.ndarray]:
        """All that was learnt, by name; `restore` takes it back, also through npz or (as lists) JSON."""
        return {name: np.array(value) for name, value in vars(self).items() if not name.startswith("_")}

    def restore(self, state: Mapping[str, np.ndarray | list | float]) -> None:
        """Continue from a `state`; raises RequestError where it is not that of such a selector."""
        own = self.state()
        if set(state) != set(own):
            raise RequestError(
                f"selection state has {sorted(state)}, not {sorted(own)}: it is of another policy, or of another "
                "version of it"
            )
        for name, array in own.items():
            given = np.array(state[name], array.dtype)
            if given.shape != array.shape:
                raise RequestError(
                    f"selection state {name!r} has shape {given.shape}, not {array.shape}: it is of another domain"
                )
            setattr(self, name, given if given.ndim else given.item())


def weighted_ranking(weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Indices in the order of draws without replacement with probabilities proportional to `weights` (size,).

    Efraimidis and Spirakis (2006): the k first of the smallest Exponential(1) / weight are k such draws. All weights
    must be positive.
    """
    return np.argsort(rng.exponential(size=len(weights)) / weights, kind="stable")


def variance_parts(scores: np.ndarray) -> np.ndarray:
    """(2,) of scores (g,) in [0, 1] with mean p: g p (1 - p), and the part of it that their variance lacks.

    p (1 - p) is the largest variance that scores of their mean can have (Bhatia and Davis 2000, "A Better Bound on the
    Variance"), and that of right-or-wrong ones. Graded scores lack the mean of c (1 - c): equal ones lack all.
    """
    p = scores.mean()
    return np.array([len(scores) * p * (1 - p), (scores * (1 - scores)).sum()])


def variance_shares(possible: np.ndarray, lacking: np.ndarray) -> np.ndarray:
    """(size,) of each example the share of p (1 - p) that the variance of its scores has, by sums of `variance_parts`.

    Drawn towards the share of the whole domain, which is all that is known of examples that were not drawn yet, or
    were never solved at all: in a graded domain those too would vary less than by right and wrong. Exactly 1 in a
    domain of right-or-wrong scores.
    """
    of_domain = lacking.sum() / (possible.sum() + SHARED)
    return 1 - (lacking + SHARED * of_domain) / (possible + SHARED)

"""Base class of example selectors: rank a domain's examples before an update, learn from their groups after it.

A selector decides which examples of its domain an update uses. The draw plan decides how many. Choosing changes nothing
in the selector, and its randomness comes from (seed, domain, update). So a selector with the same history chooses the
same examples, and an exact resume needs only what `state` returns.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rlvr_backend.errors import RequestError

SHARED = 0.05  # ours: weight of the domain's share, in units of an example's g p (1 - p)


@dataclass(frozen=True)
class Group:
    """The group of g completions of one example in one update.

    Attributes:
        example: Index of the example in its domain.
        rewards: (g,) total rewards, which GRPO compares.
        correct: (g,) task scores in [0, 1].
        completions: (g,) texts.
    """

    example: int
    rewards: np.ndarray
    correct: np.ndarray
    completions: Sequence[str]


class Selector(ABC):
    """Chooses examples of one domain. Everything it learns is in its public attributes: arrays and plain numbers.

    Args:
        size: Number of examples of the domain.
        seed: Seed of its choices.
        domain: Index of the domain in the study.
    """

    def __init__(self, size: int, seed: int, domain: int):
        self._size, self._seed, self._domain = size, seed, domain

    @abstractmethod
    def ranking(self, update: int, rng: np.random.Generator) -> np.ndarray:
        """Return all examples of the domain, (size,), the most wanted first. Must not change what was learnt.

        Args:
            update: Number of the update, from 0.
            rng: Random numbers for this update.
        """

    @abstractmethod
    def observe(self, update: int, groups: Sequence[Group]) -> None:
        """Learn from this domain's groups of an update. Called once for each update that uses the domain.

        Args:
            update: Number of the update, from 0.
            groups: Groups of this domain.
        """

    def choose(self, count: int, update: int) -> list[int]:
        """Return `count` examples for an update, all different unless the domain has fewer."""
        rng = np.random.default_rng([self._seed, 3, self._domain, update])
        chosen: list[int] = []
        while len(chosen) < count:
            chosen += self.ranking(update, rng)[: count - len(chosen)].tolist()
        return chosen

    def state(self) -> dict[str, np.ndarray]:
        """Return everything that was learnt, by name. `restore` takes it back, also after npz or (as lists) JSON."""
        return {name: np.array(value) for name, value in vars(self).items() if not name.startswith("_")}

    def restore(self, state: Mapping[str, np.ndarray | list | float]) -> None:
        """Continue from a `state`.

        Raises:
            RequestError: It is the state of another selector, or of another domain.
        """
        expected = self.state()
        if set(state) != set(expected):
            raise RequestError(
                f"selection state has {sorted(state)}, not {sorted(expected)}: it is of another selection, or of "
                "another version of it"
            )
        for name, array in expected.items():
            given = np.array(state[name], array.dtype)
            if given.shape != array.shape:
                raise RequestError(
                    f"selection state {name!r} has shape {given.shape}, not {array.shape}: it is of another domain"
                )
            setattr(self, name, given if given.ndim else given.item())


def weighted_ranking(weights: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return the indices in the order of draws without replacement, with probabilities proportional to weights.

    The k smallest values of Exponential(1) / weight are k such draws.

    Args:
        weights: (size,) positive weights.
        rng: Random numbers.

    References:
        Efraimidis and Spirakis 2006, "Weighted random sampling with a reservoir", doi:10.1016/j.ipl.2005.11.003.
    """
    return np.argsort(rng.exponential(size=len(weights)) / weights, kind="stable")


def variance_parts(scores: np.ndarray) -> np.ndarray:
    """Return (2,): g p (1 - p) with p the mean score, and the part of it that the scores' variance lacks.

    p (1 - p) is the largest variance of scores with this mean, and the variance of right-or-wrong scores. Graded scores
    c lack the mean of c (1 - c). Equal scores lack all of it.

    Args:
        scores: (g,) scores in [0, 1].

    References:
        Bhatia and Davis 2000, "A Better Bound on the Variance", doi:10.1080/00029890.2000.12005203.
    """
    p = scores.mean()
    return np.array([len(scores) * p * (1 - p), (scores * (1 - scores)).sum()])


def variance_shares(possible: np.ndarray, lacking: np.ndarray) -> np.ndarray:
    """Return for each example, (size,), the share of p (1 - p) that the variance of its scores reaches.

    The shares are shrunk towards that of the whole domain. It is all that is known of examples that were not drawn yet,
    or never solved: in a graded domain they too would vary less than right-or-wrong scores. In a domain of
    right-or-wrong scores all shares are exactly 1.

    Args:
        possible: (size,) sums of the first of `variance_parts`.
        lacking: (size,) sums of the second.
    """
    of_domain = lacking.sum() / (possible.sum() + SHARED)
    return 1 - (lacking + SHARED * of_domain) / (possible + SHARED)

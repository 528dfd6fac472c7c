"""The interface of a method: ask for mixtures, tell their scores, recommend one."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray


@dataclass(frozen=True, eq=False)
class Advice:
    """A method's recommendation: a mixture (m,), and the true score that it predicts, if it predicts one."""

    weights: FloatArray
    mean: float | None = None
    interval: tuple[float, float] | None = None  # central 90 %


class Method(Protocol):
    """One run of an optimiser; larger scores are better.

    Several mixtures may be asked for before their scores are told in the same order. On a pool, `tell` may get another
    mixture than was asked for: the nearest run that had not been used. Without an ask, it may get any mixture.
    """

    def ask(self) -> FloatArray:
        """Return the next mixture (m,) to evaluate."""

    def tell(self, weights: FloatArray, value: float) -> None:
        """Record the score of the mixture (m,) that was evaluated."""

    def recommend(self) -> Advice:
        """Return the method's own recommendation."""


class Observed:
    """The mixtures evaluated so far and their scores, for methods that keep them."""

    def __init__(self, space: MixtureSpace, seed: int) -> None:
        self.space = space
        self.rng = np.random.default_rng([seed, 1])
        self.mixtures: list[FloatArray] = []
        self.scores: list[float] = []

    def tell(self, weights: FloatArray, value: float) -> None:
        """Keep a mixture (m,) and its score."""
        self.mixtures.append(weights)
        self.scores.append(value)

    @property
    def weights(self) -> FloatArray:
        """The mixtures (n, m)."""
        return np.array(self.mixtures).reshape(-1, self.space.m)

    @property
    def values(self) -> FloatArray:
        """The scores (n,)."""
        return np.array(self.scores)

    def best_observed(self) -> Advice:
        """Return the mixture with the largest observed score."""
        return Advice(self.mixtures[int(np.argmax(self.scores))])

"""What a method is to the benchmark: it asks for mixtures, is told their scores, and recommends one."""

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray


@dataclass(frozen=True, eq=False)
class Advice:
    """What a method would train on for real: a mixture (m,), and what it predicts of its true score if it does."""

    weights: FloatArray
    mean: float | None = None
    interval: tuple[float, float] | None = None  # central 90 %


class Method(Protocol):
    """One run of an optimiser; larger scores are better.

    Several mixtures may be asked for before their scores are told, which then come in the order of the asking.
    On a pool `tell` may name another mixture than was asked for: the nearest run that had not been used. When
    nothing is asked for, it may name any mixture: a run from elsewhere.
    """

    def ask(self) -> FloatArray:
        """The next mixture (m,) to evaluate."""

    def tell(self, weights: FloatArray, value: float) -> None:
        """The score of the mixture (m,) that was evaluated."""

    def recommend(self) -> Advice:
        """The method's own recommendation."""


class Observed:
    """The mixtures evaluated so far and their scores, for methods that keep them themselves."""

    def __init__(self, space: MixtureSpace, seed: int) -> None:
        self.space = space
        self.rng = np.random.default_rng([seed, 1])
        self.mixtures: list[FloatArray] = []
        self.scores: list[float] = []

    def tell(self, weights: FloatArray, value: float) -> None:
        self.mixtures.append(weights)
        self.scores.append(value)

    @property
    def weights(self) -> FloatArray:
        """(n, m)"""
        return np.array(self.mixtures).reshape(-1, self.space.m)

    @property
    def values(self) -> FloatArray:
        """(n,)"""
        return np.array(self.scores)

    def best_observed(self) -> Advice:
        """The mixture with the largest score, noise and all."""
        return Advice(self.mixtures[int(np.argmax(self.scores))])

"""The interface of a method: ask for mixtures, tell their scores, recommend one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np

from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray

Scores = Mapping[str, float] | None  # test -> score; None where only their mean is known


@dataclass(frozen=True, eq=False)
class Task:
    """What a method is told before it starts.

    Attributes:
        space: the allowed mixtures.
        exact: whether scores have no noise, as in a table of measured runs.
        parts: the weight of each test in the score; {} where only the score is known.
    """

    space: MixtureSpace
    exact: bool = False
    parts: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Advice:
    """A method's recommendation: a mixture (m,), and the true score that it predicts, if it predicts one."""

    weights: FloatArray
    mean: float | None = None
    interval: tuple[float, float] | None = None  # central 90 %


class Method(Protocol):
    """One run of an optimiser; larger scores are better.

    Several mixtures may be asked for before their scores are told in the same order. In a finite space, `tell` may get
    another mixture than was asked for: the nearest candidate; where scores are exact, the nearest that had not been
    used. Without an ask, it may get any mixture.
    """

    def ask(self) -> FloatArray:
        """Return the next mixture (m,) to evaluate."""

    def tell(self, weights: FloatArray, value: float, tests: Scores = None) -> None:
        """Record the score of the mixture (m,) that was evaluated, and the scores of its tests where they are known."""

    def recommend(self) -> Advice:
        """Return the method's own recommendation."""


class Observed:
    """The mixtures evaluated so far and their scores, for methods that keep them."""

    def __init__(self, task: Task, seed: int) -> None:
        self.task, self.space = task, task.space
        self.rng = np.random.default_rng([seed, 1])
        self.mixtures: list[FloatArray] = []
        self.scores: list[float] = []
        self.tests: list[Mapping[str, float]] = []

    def tell(self, weights: FloatArray, value: float, tests: Scores = None) -> None:
        """Keep a mixture (m,), its score and those of its tests."""
        self.mixtures.append(weights)
        self.scores.append(value)
        self.tests.append(tests or {})

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

"""Runs: finished trials as arrays, the one form in which designs, heuristics and surrogates see the past."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from mixopt.errors import ScoresError, StrategyError, WeightsError
from mixopt.space.mixture_space import MixtureSpace
from mixopt.space.region import first_rows, same_rows
from mixopt.typing import BoolArray, FloatArray, IntArray

IMPORTED_STRATEGY = "imported"  # of old runs from files: somebody chose their weights before the study was
REPLICATED = "replicate"  # trained again with another training seed; no way of choosing weights
STRATEGIES = (IMPORTED_STRATEGY, "seed", "heuristic", "model-based", REPLICATED)
LARGEST = 1e100  # magnitude of a value: models square it


@dataclass(frozen=True, eq=False)
class Runs:
    """n finished trials, in the order of their numbers as a rule.

    Attributes:
        space: the space of the study; the columns of `weights` are its domains. Runs may lie outside its
            bounds (they may be older than the bounds).
        weights: (n, m) mixtures, each summing to 1.
        values: (n,) what the study maximises, or (n, k) where it has k objectives; larger is better, always finite and
            at most LARGEST in magnitude.
        in_scores, out_scores: (n,) in-score and out-score, NaN where unknown.
        numbers: (n,) trial numbers.
        strategies: how the weights were chosen, each one of `STRATEGIES`.
        labels: what the trial is called within its strategy ("single:coco", "alpha_in", ...).
        evaluations: step -> test -> score of each run, as far as they are known; () where they were not read.

    Raises:
        WeightsError: weights of a wrong shape, negative, or not summing to 1.
        ScoresError: values that are not finite; a single objective as (n, 1); lengths that differ; an unknown strategy.
    """

    space: MixtureSpace
    weights: FloatArray
    values: FloatArray
    in_scores: FloatArray
    out_scores: FloatArray
    numbers: IntArray
    strategies: tuple[str, ...]
    labels: tuple[str, ...]
    evaluations: tuple[Mapping[int, Mapping[str, float]], ...] = ()

    def __post_init__(self) -> None:
        n, shape = len(self.labels), np.shape(self.weights)
        if shape != (n, self.space.m):
            raise WeightsError(f"weights of {n} runs over {self.space.m} domains have shape {shape}: one row a run")
        on_simplex = (self.weights >= 0).all(axis=1) & (np.abs(self.weights.sum(axis=1) - 1) <= 1e-6)
        if not on_simplex.all():
            raise WeightsError(f"run {self.numbers[~on_simplex][0]} has weights that are no mixture: mend or drop it")
        for name in ("values", "in_scores", "out_scores", "numbers", "strategies"):
            if len(getattr(self, name)) != n:
                raise ScoresError(f"{n} runs have {len(getattr(self, name))} {name}: give one a run")
        if self.evaluations and len(self.evaluations) != n:
            raise ScoresError(f"{n} runs have {len(self.evaluations)} evaluations: give one a run, or none")
        if self.values.ndim != 1 and (self.values.ndim != 2 or self.values.shape[1] < 2):
            raise ScoresError(f"values have shape {self.values.shape}: give (n,), or (n, k) for k >= 2 objectives")
        finite = np.isfinite(self.values.reshape(n, -1)).all(axis=1) if n else np.ones(0, dtype=bool)
        if not finite.all():
            raise ScoresError(f"run {self.numbers[~finite][0]} has no finite value: drop it")
        large = (np.abs(self.values.reshape(n, -1)) > LARGEST).any(axis=1) if n else np.zeros(0, dtype=bool)
        if large.any():
            raise ScoresError(
                f"run {self.numbers[large][0]} has a value beyond {LARGEST:g}, which is no score: drop it"
            )
        if unknown := set(self.strategies) - set(STRATEGIES):
            raise ScoresError(f"unknown strategy {unknown.pop()!r}: the strategies are {', '.join(STRATEGIES)}")

    def __len__(self) -> int:
        return len(self.labels)

    def select(self, mask: BoolArray) -> Self:
        """The runs where mask (n,) is true."""
        chosen = np.flatnonzero(mask)
        return replace(
            self,
            weights=self.weights[chosen],
            values=self.values[chosen],
            in_scores=self.in_scores[chosen],
            out_scores=self.out_scores[chosen],
            numbers=self.numbers[chosen],
            strategies=tuple(self.strategies[i] for i in chosen),
            labels=tuple(self.labels[i] for i in chosen),
            evaluations=tuple(self.evaluations[i] for i in chosen) if self.evaluations else (),
        )

    @property
    def mixtures(self) -> int:
        """How many different mixtures the runs trained: replicates of one count once."""
        return len(first_rows(self.weights))

    def chosen(self) -> Self:
        """The runs whose mixture a strategy chose: all but replicates."""
        return self.select(np.array([strategy != REPLICATED for strategy in self.strategies], dtype=bool))

    def called(self, label: str) -> BoolArray:
        """Which runs trained the mixture of that label, (n,): those that are called so, and their replicates."""
        named = np.array([other == label for other in self.labels], dtype=bool)
        again = np.array([strategy == REPLICATED for strategy in self.strategies], dtype=bool)
        mixture = same_rows(self.weights)
        return named | (again & np.isin(mixture, mixture[named]))

    def with_values(self, values: FloatArray) -> Self:
        """The same runs with other values, (n,) or (n, k): one of their objectives, or scores at another step."""
        return replace(self, values=np.asarray(values, dtype=float))

    def refuse_several(self, what: str) -> None:
        """Raise StrategyError where the runs have several objectives, of which `what` knows no best."""
        refuse_several(what, 1 if self.values.ndim == 1 else self.values.shape[1])

    def membership(self) -> BoolArray:
        """Which domains each run trained on beyond what the space demands of every run, (n, m): w > lower."""
        return self.weights > self.space.lower + 1e-9


def refuse_several(what: str, objectives: int) -> None:
    """Raise StrategyError where there are several objectives, of which `what` knows no best."""
    if objectives > 1:
        raise StrategyError(
            f"{what} needs one objective and these runs have {objectives}: `mixopt study front` (in Python "
            "mixopt.pareto_front) shows what can be had of each"
        )

"""`Runs`: finished trials as arrays, the form in which heuristics and surrogates get them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, Self

import numpy as np

from mixopt.errors import ScoresError, StrategyError, WeightsError
from mixopt.history.trials import used_score
from mixopt.space.mixture_space import MixtureSpace
from mixopt.space.region import first_rows, same_rows
from mixopt.typing import BoolArray, FloatArray, IntArray

IMPORTED_STRATEGY = "imported"  # old runs from files, whose weights were chosen before the study existed
REPLICATED = "replicate"  # a mixture that was trained again with another training seed
STRATEGIES = (IMPORTED_STRATEGY, "seed", "heuristic", "model-based", REPLICATED)
LARGEST = 1e100  # largest magnitude of a value, since models square it


@dataclass(frozen=True, eq=False)
class Runs:
    """n finished trials, usually in the order of their numbers.

    Attributes:
        space: the space of the study; the columns of `weights` are its domains. Runs may lie outside its bounds, since
            they may be older than the bounds.
        weights: (n, m) mixtures, each summing to 1.
        values: (n,) what the study maximises, or (n, k) for k objectives; larger is better. Always finite, and at most
            LARGEST in magnitude.
        in_scores: (n,) in-scores, NaN if unknown.
        out_scores: (n,) out-scores, NaN if unknown.
        numbers: (n,) trial numbers.
        strategies: how the weights were chosen, each one of `STRATEGIES`.
        labels: the name of each mixture within its strategy ("single:coco", "alpha_in", ...).
        evaluations: step -> test -> score of each run, as far as they are known; () if they were not read.
        at_end: test -> score at the end of each run, as far as they are known; () if they were not read. A run may have
            these without evaluations, where a user has told only some tests.

    Raises:
        WeightsError: weights of a wrong shape, negative, or not summing to 1.
        ScoresError: values that are not finite; one objective as (n, 1); lengths that differ; an unknown strategy.
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
    at_end: tuple[Mapping[str, float], ...] = ()

    def __post_init__(self) -> None:
        n, shape = len(self.labels), np.shape(self.weights)
        if shape != (n, self.space.m):
            raise WeightsError(
                f"weights of {n} runs over {self.space.m} domains have shape {shape}: give one row per run"
            )
        on_simplex = (self.weights >= 0).all(axis=1) & (np.abs(self.weights.sum(axis=1) - 1) <= 1e-6)
        if not on_simplex.all():
            raise WeightsError(
                f"run {self.numbers[~on_simplex][0]} has weights that are no mixture: correct or drop it"
            )
        for name in ("values", "in_scores", "out_scores", "numbers", "strategies"):
            if len(getattr(self, name)) != n:
                raise ScoresError(f"{n} runs have {len(getattr(self, name))} {name}: give one per run")
        for name in ("evaluations", "at_end"):
            if (given := len(getattr(self, name))) not in (0, n):
                raise ScoresError(f"{n} runs have {given} {name}: give one per run, or none")
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
        """Return the runs where mask (n,) is true."""
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
            at_end=tuple(self.at_end[i] for i in chosen) if self.at_end else (),
        )

    @property
    def mixtures(self) -> int:
        """How many different mixtures the runs trained; replicates of a mixture count once."""
        return len(first_rows(self.weights))

    def chosen(self) -> Self:
        """Return the runs whose mixture a strategy chose: all but replicates."""
        return self.select(np.array([strategy != REPLICATED for strategy in self.strategies], dtype=bool))

    def called(self, label: str) -> BoolArray:
        """Return (n,) true for the runs that trained the mixture of a label: those with the label and replicates."""
        named = np.array([other == label for other in self.labels], dtype=bool)
        again = np.array([strategy == REPLICATED for strategy in self.strategies], dtype=bool)
        mixture = same_rows(self.weights)
        return named | (again & np.isin(mixture, mixture[named]))

    def with_values(self, values: FloatArray) -> Self:
        """Return the same runs with other values, (n,) or (n, k), such as one objective or scores at another step."""
        return replace(self, values=np.asarray(values, dtype=float))

    def test_scores(self, tests: Sequence[str], use: Literal["last", "mean"] = "last") -> FloatArray:
        """Return the scores (n, k) of k tests, NaN where a run has no score of a test.

        Args:
            tests: their names.
            use: the scores of the "last" step of each run, or the "mean" over its steps.
        """
        found = np.full((len(self), len(tests)), np.nan)
        nothing: tuple[dict[Any, Any], ...] = ({},) * len(self)
        for row, (by_step, at_end) in enumerate(zip(self.evaluations or nothing, self.at_end or nothing)):
            found[row] = [used_score(by_step, at_end, test, use) for test in tests]
        return np.where(np.abs(found) <= LARGEST, found, np.nan)

    def refuse_several(self, what: str) -> None:
        """Raise StrategyError if the runs have several objectives and `what` needs one."""
        refuse_several(what, 1 if self.values.ndim == 1 else self.values.shape[1])

    def membership(self) -> BoolArray:
        """Return (n, m) true where a run gave a domain more than its lower bound."""
        return self.weights > self.space.lower + 1e-9


def refuse_several(what: str, objectives: int) -> None:
    """Raise StrategyError if there are several objectives and `what` needs one."""
    if objectives > 1:
        raise StrategyError(
            f"{what} needs one objective and these runs have {objectives}: `mixopt study front` (in Python "
            "mixopt.pareto_front) shows what can be had of each"
        )

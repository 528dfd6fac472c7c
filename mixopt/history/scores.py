"""Scores: turn the evaluations of a trial, on many tests at several steps, into what the study maximises.

In-score and out-score are means over the in-tests and the out-tests, weighted by test size (docs/paper.md, "Scores").
The study fixes which tests are in and which are out, whatever the weights of a trial.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from types import MappingProxyType
from typing import Literal

from mixopt.errors import ScoresError
from mixopt.history.goals import Goal, Mean, Worst, objective_of
from mixopt.history.keys import IN_SCORE, OUT_SCORE
from mixopt.history.sum_of_tests import SumOfTests

Scores = Mapping[str, float]  # test -> score; in_score and out_score may stand in for their tests


def weighted_mean(scores: Mapping[str, float], sizes: Mapping[str, int]) -> float:
    """Return the mean of test scores, weighted by test size; NaN if `sizes` is empty.

    Args:
        scores: test -> score. Tests that `sizes` does not name are left out.
        sizes: test -> number of examples.

    Raises:
        ScoresError: a test of `sizes` has no finite score.
    """
    for test in sizes:
        if not math.isfinite(scores.get(test, math.nan)):
            raise ScoresError(f"test {test!r} has no finite score (scored: {', '.join(scores)}): evaluate it")
    total = sum(sizes.values())
    return math.fsum(scores[test] * size for test, size in sizes.items()) / total if total else math.nan


@dataclass(frozen=True)
class Scoring:
    """How a study turns the evaluations of a trial into its value, or values (larger is better).

        Scoring({"refer": 340}, {"chart": 250, "math": 100}, maximize={"blend": 0.5}, use="mean")

    Args:
        in_tests: test -> number of examples, of the tests in the trained domains.
        out_tests: test -> number of examples, of the other tests.
        maximize: "out_score", "in_score", the name of a test, {"blend": alpha} for
            alpha * in-score + (1 - alpha) * out-score, {"weights": {test: weight}} for a weighted mean of tests, or
            "worst" or {"worst": {"against": "base" or "uniform", "tests": [...]}} for the smallest gain of a test
            over a reference (goals.py); or a list of several of these.
        use: the "last" evaluation step, or the "mean" over all of them (the paper's step average).

    The argument `evaluations` of the methods is step -> test -> score. Scores are usually in [0, 1]. The caller leaves
    out the steps that do not count.

    Raises:
        ScoresError: a test that is empty or is both in and out, or a `maximize` that names no score of the study.
    """

    in_tests: Mapping[str, int]
    out_tests: Mapping[str, int]
    maximize: Goal | Sequence[Goal] = OUT_SCORE
    use: Literal["last", "mean"] = "last"

    def __post_init__(self) -> None:
        sizes = [*self.in_tests.items(), *self.out_tests.items()]
        for test, size in sizes:
            if size < 1 or test in (IN_SCORE, OUT_SCORE):
                raise ScoresError(f"test {test!r} of size {size}: a size is at least 1, and the name is not a score's")
            if test in self.in_tests and test in self.out_tests:
                raise ScoresError(f"test {test!r} is both an in-test and an out-test: leave it in one of them")
        if self.use not in ("last", "mean"):
            raise ScoresError(f"use is {self.use!r}: use 'last' or 'mean'")
        for name in self.names:
            if self.names.count(name) > 1:
                raise ScoresError(f"cannot maximize {name!r} twice: name it once")

    @cached_property
    def available(self) -> tuple[str, ...]:
        """The scores that can be maximised: in-score and out-score if they have tests, and every test."""
        sides = {IN_SCORE: self.in_tests, OUT_SCORE: self.out_tests}
        return (*(name for name, tests in sides.items() if tests), *self.in_tests, *self.out_tests)

    @cached_property
    def goals(self) -> tuple[Goal, ...]:
        """What is maximised, one goal per objective."""
        return (self.maximize,) if isinstance(self.maximize, (str, Mapping)) else tuple(self.maximize)

    @cached_property
    def objectives(self) -> tuple[Mean | Worst, ...]:
        """What is maximised, in order."""
        tests = (*self.in_tests, *self.out_tests)
        return tuple(objective_of(goal, self.available, tests) for goal in self.goals)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The names of the objectives: "out_score", "blend 0.5", ..."""
        return tuple(objective.name for objective in self.objectives)

    @cached_property
    def sum_of_tests(self) -> SumOfTests:
        """The weight of each test in the one objective; none where it is no mean, or there are several objectives."""
        if len(self.objectives) > 1 or not isinstance(objective := self.objectives[0], Mean):
            return SumOfTests()
        weights: dict[str, float] = {}
        for name, share in objective.shares.items():
            sizes = {IN_SCORE: self.in_tests, OUT_SCORE: self.out_tests}.get(name, {name: 1})
            for test, size in sizes.items():
                weights[test] = weights.get(test, 0.0) + share * size / sum(sizes.values())
        return SumOfTests.of(weights, self.use)

    def in_score(self, tests: Mapping[str, float]) -> float:
        """Return the in-score of `tests`, test -> score; raises ScoresError if an in-test has no finite score."""
        return weighted_mean(tests, self.in_tests)

    def out_score(self, tests: Mapping[str, float]) -> float:
        """Return the out-score of `tests`, test -> score; raises ScoresError if an out-test has no finite score."""
        return weighted_mean(tests, self.out_tests)

    def aggregate(self, evaluations: Mapping[int, Mapping[str, float]]) -> dict[str, float]:
        """Return `{"in_score": ..., "out_score": ...}` of the steps that `use` names; NaN for a score without tests.

        Raises:
            ScoresError: no evaluations, or a test without a finite score at such a step.
        """
        tests = self._used(evaluations)
        return {IN_SCORE: self.in_score(tests), OUT_SCORE: self.out_score(tests)}

    def values(self, evaluations: Mapping[int, Mapping[str, float]]) -> tuple[float, ...]:
        """Return what Optuna keeps, one value per objective; raises ScoresError as `aggregate` does.

        For the worst test this is the smallest score, without its reference (goals.py).
        """
        scores = self.aggregate(evaluations) | self._used(evaluations)
        return tuple(objective.value(scores) for objective in self.objectives)

    def value(self, evaluations: Mapping[int, Mapping[str, float]]) -> float:
        """Return what a study with one objective maximises; raises ScoresError as `aggregate` does, or for several."""
        if len(self.goals) > 1:
            raise ScoresError(f"{', '.join(self.names)} are {len(self.goals)} values, not one: ask for `values`")
        return self.values(evaluations)[0]

    def values_by_step(self, evaluations: Mapping[int, Mapping[str, float]]) -> dict[int, tuple[float, ...]]:
        """Return step -> the `values` that the run would have if it ended at that step."""
        steps = sorted(evaluations)
        return {step: self.values({s: evaluations[s] for s in steps[: i + 1]}) for i, step in enumerate(steps)}

    def known_values(
        self, scores: Mapping[str, float], references: Mapping[str, Mapping[str, float]] = MappingProxyType({})
    ) -> dict[str, float]:
        """Return objective -> value, for the objectives whose scores are known.

        Args:
            scores: score by the name of a test, in_score or out_score.
            references: base and uniform -> test -> score, as far as they are known.
        """
        known = {}
        for objective in self.objectives:
            if not all(name in scores for name in objective.needed):
                continue
            if isinstance(objective, Mean):
                known[objective.name] = objective.value(scores)
            elif all(test in references.get(objective.against, {}) for test in objective.tests):
                known[objective.name] = objective.value(scores, references[objective.against])
        return known

    def _used(self, evaluations: Mapping[int, Mapping[str, float]]) -> dict[str, float]:
        """Test -> score at the last step, or its mean over the steps."""
        if not evaluations:
            raise ScoresError("there are no evaluations: evaluate at one step at least")
        steps = [max(evaluations)] if self.use == "last" else list(evaluations)
        used = {}
        for test in (*self.in_tests, *self.out_tests):
            for step in steps:
                if not math.isfinite(evaluations[step].get(test, math.nan)):
                    raise ScoresError(f"test {test!r} has no finite score at step {step}: evaluate it there")
            used[test] = math.fsum(evaluations[step][test] for step in steps) / len(steps)
        return used

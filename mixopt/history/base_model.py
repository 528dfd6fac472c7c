"""The base model's scores: what the model scores on the tests before any training, once per study.

The base model is no trial: no budget counts it, and no design, sampler or surrogate sees it. Its scores are a user
attribute of the Optuna study, by test. If a person has told only a mean, it has the key `in_score` or `out_score`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Self

from mixopt.history.keys import IN_SCORE, OUT_SCORE
from mixopt.history.scores import Scoring, weighted_mean


@dataclass(frozen=True, kw_only=True)
class BaseModel:
    """The base model's scores. What is not known is None, or missing in a mapping.

    Attributes:
        tests: test -> score.
        in_score: mean over the in-tests; None also if the study has none.
        out_score: mean over the out-tests; None also if the study has none.
        values: objective -> what the study maximises.
    """

    tests: dict[str, float]
    in_score: float | None
    out_score: float | None
    values: dict[str, float]

    @classmethod
    def of(
        cls,
        scores: Mapping[str, float],
        scoring: Scoring,
        references: Mapping[str, Mapping[str, float]] = MappingProxyType({}),
    ) -> Self:
        """Compute means and objectives from scores.

        Args:
            scores: test -> score; `in_score` and `out_score` stand in for tests that are missing.
            scoring: the tests of the study and what it maximises.
            references: base and uniform -> test -> score, for the worst test (reference.py).
        """
        tests = {name: scores[name] for name in (*scoring.in_tests, *scoring.out_tests) if name in scores}
        sides = {}
        for side, of_side in ((IN_SCORE, scoring.in_tests), (OUT_SCORE, scoring.out_tests)):
            if of_side and all(name in tests for name in of_side):
                sides[side] = weighted_mean(tests, of_side)
            elif side in scores:
                sides[side] = scores[side]
        values = scoring.known_values(tests | sides, references)
        return cls(tests=tests, in_score=sides.get(IN_SCORE), out_score=sides.get(OUT_SCORE), values=values)

    def score(self, name: str) -> float | None:
        """Return a score by the name of an objective, of a test, or in_score or out_score; None if it is not known."""
        sides = {IN_SCORE: self.in_score, OUT_SCORE: self.out_score}
        return {**self.tests, **sides, **self.values}.get(name)

    def gain(
        self, name: str, predicted: float, interval: tuple[float, float]
    ) -> tuple[float, tuple[float, float]] | None:
        """Return a predicted score minus the base model's, with its interval; None if the base model's is not known.

        The base model is scored once, by greedy decoding, so the interval is that of the prediction alone.

        Args:
            name: an objective, a test, in_score or out_score.
            predicted: the predicted score.
            interval: its lower and upper end.
        """
        if (score := self.score(name)) is None:
            return None
        low, high = interval
        return predicted - score, (low - score, high - score)

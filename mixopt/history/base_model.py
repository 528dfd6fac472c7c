"""The base model: what the model scores on the tests before any training, once a study and for all of its trials.

It is no trial: no budget counts it, and no design, sampler or surrogate sees it. Its scores are a user attribute of the
Optuna study, by test; where somebody has told no more than a side's mean, that of the side by its name.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from mixopt.history.keys import IN_SCORE, OUT_SCORE
from mixopt.history.scores import Scoring, weighted_mean


@dataclass(frozen=True, kw_only=True)
class BaseModel:
    """Its scores; what is not known is None, or is not in the mapping.

    Attributes:
        tests: test -> score.
        in_score, out_score: means over the tests of a side; None also where the study has none.
        values: objective -> what the study maximises.
    """

    tests: dict[str, float]
    in_score: float | None
    out_score: float | None
    values: dict[str, float]

    @classmethod
    def of(cls, said: Mapping[str, float], scoring: Scoring) -> Self:
        """Of scores by test, or by side where no more was told."""
        tests = {name: said[name] for name in (*scoring.in_tests, *scoring.out_tests) if name in said}
        sides = {}
        for side, of_side in ((IN_SCORE, scoring.in_tests), (OUT_SCORE, scoring.out_tests)):
            if of_side and all(name in tests for name in of_side):
                sides[side] = weighted_mean(tests, of_side)
            elif side in said:
                sides[side] = said[side]
        values = scoring.known_values(tests | sides)
        return cls(tests=tests, in_score=sides.get(IN_SCORE), out_score=sides.get(OUT_SCORE), values=values)

    def score(self, name: str) -> float | None:
        """The score by the name of an objective, a side or a test."""
        sides = {IN_SCORE: self.in_score, OUT_SCORE: self.out_score}
        return {**self.tests, **sides, **self.values}.get(name)

    def gain(
        self, name: str, predicted: float, interval: tuple[float, float]
    ) -> tuple[float, tuple[float, float]] | None:
        """A predicted score minus the base model's, and its interval; None where the base model's is not known.

        The base model is scored once, by greedy decoding: all of the interval is the prediction's.
        """
        if (score := self.score(name)) is None:
            return None
        low, high = interval
        return predicted - score, (low - score, high - score)

"""`SumOfTests`: an objective that is a weighted sum of tests, so that models may learn each test on its own."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from mixopt.history.runs import Runs
from mixopt.typing import FloatArray

TOLERANCE = 1e-6  # of the largest value, by which the sum of the tests may differ from a run's value


@dataclass(frozen=True)
class SumOfTests:
    """The weights of the tests in the objective.

    Attributes:
        parts: test and weight; () where the objective is not known as a sum of tests.
        use: the tests' scores at the "last" step of a run, or their "mean" over its steps.
    """

    parts: tuple[tuple[str, float], ...] = ()
    use: Literal["last", "mean"] = "last"

    @classmethod
    def of(cls, parts: "Mapping[str, float] | SumOfTests", use: Literal["last", "mean"] = "last") -> "SumOfTests":
        """Make them from `{test: weight}`."""
        if isinstance(parts, SumOfTests):
            return parts
        return cls(tuple((test, float(weight)) for test, weight in dict(parts).items() if weight), use)

    def scores(self, runs: Runs) -> FloatArray | None:
        """Return the tests' scores (n, k), larger is better, NaN where a run has none.

        Returns:
            The scores; None where there are fewer than two tests, or a run's value is not the weighted sum of its
            tests, so that they are not what the study optimises.
        """
        if len(self.parts) < 2 or runs.values.ndim > 1:
            return None
        found = runs.test_scores([test for test, _ in self.parts], self.use)
        whole = np.isfinite(found).all(axis=1)
        sums, values = found[whole] @ [weight for _, weight in self.parts], runs.values[whole]
        for sign in (1.0, -1.0):  # a study that minimises has its values negated
            if np.allclose(sign * sums, values, rtol=0, atol=TOLERANCE * np.abs(values).max(initial=1e-9)):
                return sign * found
        return None

    def partly_known(self, runs: Runs) -> dict[str, int]:
        """Return the tests of which some runs have a score and others none, with the number of those that have."""
        tests = [test for test, _ in self.parts]
        known = np.isfinite(runs.test_scores(tests, self.use)).sum(axis=0).tolist()
        return {test: count for test, count in zip(tests, known) if 0 < count < len(runs)}


NO_TESTS = SumOfTests()

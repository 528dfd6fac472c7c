"""Trade-offs between tests: pairs of which one loses what the other gains, as the runs' scores say."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from mixopt.typing import FloatArray

OPPOSED = -0.5  # correlation of two tests below which they trade off
LEAST_RUNS = 5  # with both scores
NAMED = 3  # pairs that a note names


def trade_off_note(tests: Sequence[str], scores: FloatArray) -> str:
    """Name the pairs of tests that trade off; "" if there are none.

    Args:
        tests: names of the k tests that the study maximises together.
        scores: (n, k) of the runs, NaN where unknown.
    """
    pairs = []
    for i, j in combinations(range(len(tests)), 2):
        both = np.isfinite(scores[:, [i, j]]).all(axis=1)
        x, y = scores[both, i], scores[both, j]
        if both.sum() >= LEAST_RUNS and np.ptp(x) > 0 and np.ptp(y) > 0:
            pairs.append((float(np.corrcoef(x, y)[0, 1]), f"{tests[i]} and {tests[j]}"))
    opposed = sorted(pair for pair in pairs if pair[0] < OPPOSED)
    if not opposed:
        return ""
    named = ", ".join(f"{names} ({correlation:+.2f})" for correlation, names in opposed[:NAMED])
    more = f" and {len(opposed) - NAMED} other pairs" if len(opposed) > NAMED else ""
    every = "All tests" if len(opposed) == len(pairs) else "Some tests"
    return (
        f" {every} trade off over these runs, by correlation {named}{more}: no mixture is best for each of them, and "
        "the recommendation depends on how the objective weighs them (`mixopt study front` shows what can be had)."
    )


def worst_note(against: str, predicted: float, tests: int) -> str:
    """Say where even the best mixture gains nothing on its worst test; "" elsewhere.

    Args:
        against: the reference, base or uniform.
        predicted: smallest gain over it that is predicted for the recommended mixture.
        tests: how many tests count.
    """
    if predicted > 0:
        return ""
    reference = "the base model" if against == "base" else "uniform weights"
    return (
        f" No mixture is predicted to gain on all {tests} tests over {reference}: this one has {predicted:+.3g} on its "
        "worst test."
    )

"""Power laws that are steep at zero: a little of a domain that a test needs is worth far more than the next share."""

import numpy as np

from mixopt.benchmark.optimum import optimum
from mixopt.benchmark.problem import Tests, independent
from mixopt.typing import FloatArray

LOSSES = 8
LEAST = 0.01  # of the exposure, where a test's domains are missing


def steep(m: int, rng: np.random.Generator) -> tuple[Tests, FloatArray]:
    """Return minus the mean of 8 losses c (.01 + t.w)^-p, p ~ U(.2, .6), with sparse t >= 0, and its best mixture.

    Each loss has its own p. Without a test's domains its loss is 3 to 20 times that of a share of a third. It is
    concave, so the climb finds the best mixture.
    """
    t = rng.gamma(1.0, 1.0, (LOSSES, m)) * (rng.random((LOSSES, m)) < 0.4)
    t[np.arange(LOSSES), rng.integers(m, size=LOSSES)] += 0.5  # no test is without a domain
    c, p = rng.uniform(0.5, 1.5, LOSSES), rng.uniform(0.2, 0.6, LOSSES)

    def scores(weights: FloatArray) -> FloatArray:
        return -c * (LEAST + weights @ t.T) ** -p

    f = Tests(scores, {f"test_{i + 1}": 1 / LOSSES for i in range(LOSSES)}, independent(LOSSES))
    return f, optimum(f, m)

"""The noise of a run as replicates show it: the spread of runs that trained the same mixture.

No model is needed for it, and nothing but the training seed differs between such runs.
"""

from dataclasses import dataclass
from typing import Self

import numpy as np

from mixopt.space.region import same_rows
from mixopt.typing import FloatArray


@dataclass(frozen=True)
class MeasuredNoise:
    """The pooled standard deviation of runs of the same mixture.

    Attributes:
        sd: of one run, in the units of the values.
        mixtures, runs: how many mixtures were trained more than once, and how many runs they have together.
    """

    sd: float
    mixtures: int
    runs: int

    @classmethod
    def of(cls, weights: FloatArray, values: FloatArray) -> Self | None:
        """From weights (n, m) and values (n,); None where every mixture was trained once."""
        mixture = same_rows(weights)
        counts = np.bincount(mixture)
        several = counts > 1
        if not several.any():
            return None
        means = np.bincount(mixture, weights=values) / counts
        squares = float(((values - means[mixture]) ** 2).sum())
        mixtures, runs = int(several.sum()), int(counts[several].sum())
        return cls(float(np.sqrt(squares / (runs - mixtures))), mixtures, runs)

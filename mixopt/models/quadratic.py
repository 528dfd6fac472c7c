"""The paper's quadratic surrogate b + a.w + w'Cw (Algorithm 4, its first half: the fit).

Five random 80/20 splits; least squares on each training part; the split with the best test R^2 is kept.

The fit is underdetermined for few runs: the 1 + m + m^2 features have rank m (m + 1) / 2 at most on the
simplex (15 at m = 5), and 80 % of the 16 runs of the paper are 12 rows. The minimum-norm solution then goes
through every training row, so `r2_train` says nothing and `r2_test` of the best of five splits is optimistic.
"""

from typing import Self

import numpy as np

from mixopt.errors import StrategyError
from mixopt.models.surrogate import check_runs, r_squared
from mixopt.typing import FloatArray, IntArray


def features(weights: FloatArray) -> FloatArray:
    """[1, w, w (x) w]: (n, m) -> (n, 1 + m + m^2), all products as in the paper."""
    n, m = weights.shape
    return np.column_stack([np.ones(n), weights, np.einsum("ni,nj->nij", weights, weights).reshape(n, m * m)])


class QuadraticSurrogate:
    """The best of several quadratic fits on random parts of the runs.

    Args:
        splits: how many random splits are tried.
        test_share: share of the runs held out in a split, rounded up.
        seed: of the splits.

    Attributes after `fit`: `coefficients` (1 + m + m^2,), `r2_test`, `r2_train`, `train_index`, `test_index`
    (of the split that was kept).
    """

    noise_sd = 0.0  # it is part of predict's sd

    def __init__(self, splits: int = 5, test_share: float = 0.2, seed: int = 0) -> None:
        self.splits, self.test_share, self.seed = splits, test_share, seed

    def fit(self, weights: FloatArray, values: FloatArray) -> Self:
        """Learn from weights (n, m) and values (n,).

        Raises:
            StrategyError: fewer than 2 runs to test on (5 runs or fewer at the default share), or a NaN.
        """
        check_runs(weights, values, 1, "a quadratic fit")
        n, held_out = len(values), int(np.ceil(len(values) * self.test_share))
        if held_out < 2:
            raise StrategyError(f"a split of {n} runs tests on {held_out}, and R^2 needs 2: train more first")
        rng, f = np.random.default_rng(self.seed), features(weights)
        self.r2_test = -np.inf
        for split in range(self.splits):
            order: IntArray = rng.permutation(n)
            test, train = np.sort(order[:held_out]), np.sort(order[held_out:])
            coefficients = np.linalg.lstsq(f[train], values[train], rcond=None)[0]
            r2_test = r_squared(values[test], f[test] @ coefficients)
            if split == 0 or r2_test > self.r2_test:
                self.coefficients, self.r2_test = coefficients, r2_test
                self.train_index, self.test_index = train, test
        self.r2_train = r_squared(values[self.train_index], f[self.train_index] @ self.coefficients)
        misses = values[self.test_index] - f[self.test_index] @ self.coefficients
        self._sd = float(np.sqrt((misses**2).mean()))
        return self

    def predict(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean (n,), and as sd (n,) the root mean square of the kept split's held-out residuals.

        That sd is the same everywhere, holds near the runs only, and is too small for having been selected.
        """
        return features(weights) @ self.coefficients, np.full(len(weights), self._sd)

"""Quadratic surrogate of the MoDoMoDo paper, b + a.w + w'Cw: the fit of its Algorithm 4.

Of five random 80/20 splits, each with least squares on its training part, the one with the best test R^2 is kept.

With few runs the fit is underdetermined: on the simplex the 1 + m + m^2 features have rank m (m + 1) / 2 at most (15 at
m = 5), and 80 % of the paper's 16 runs are 12 rows. The minimum-norm solution then passes through every training row,
so `r2_train` says nothing, and `r2_test`, the best of five, is optimistic.

References:
    MoDoMoDo, arXiv:2505.24871.
"""

from dataclasses import dataclass

import numpy as np

from mixopt.errors import StrategyError
from mixopt.models.surrogate import check_runs, r_squared
from mixopt.typing import FloatArray, IntArray


def features(weights: FloatArray) -> FloatArray:
    """[1, w, w (x) w]: (n, m) -> (n, 1 + m + m^2), all products as in the paper."""
    n, m = weights.shape
    return np.column_stack([np.ones(n), weights, np.einsum("ni,nj->nij", weights, weights).reshape(n, m * m)])


@dataclass(frozen=True)
class QuadraticSurrogate:
    """The best of several quadratic fits on random parts of the runs.

    Args:
        splits: how many random splits are tried.
        test_share: share of the runs held out in a split, rounded up.
        seed: of the splits.
    """

    splits: int = 5
    test_share: float = 0.2
    seed: int = 0

    def fit(self, weights: FloatArray, values: FloatArray) -> "FittedQuadratic":
        """Fit on weights (n, m) and values (n,).

        Raises:
            StrategyError: fewer than 2 runs to test on (5 runs or fewer at the default share), or a value that is not
                finite.
        """
        check_runs(weights, values, 1, "a quadratic fit")
        n, held_out = len(values), int(np.ceil(len(values) * self.test_share))
        if held_out < 2:
            raise StrategyError(f"a split of {n} runs tests on {held_out}, and R^2 needs 2: train more first")
        rng, f = np.random.default_rng(self.seed), features(weights)
        fits = []
        for _ in range(self.splits):
            order: IntArray = rng.permutation(n)
            test, train = np.sort(order[:held_out]), np.sort(order[held_out:])
            coefficients = np.linalg.lstsq(f[train], values[train], rcond=None)[0]
            fits.append((r_squared(values[test], f[test] @ coefficients), coefficients, train, test))
        r2_test, coefficients, train, test = max(fits, key=lambda fit: fit[0])
        residuals = values[test] - f[test] @ coefficients
        return FittedQuadratic(
            coefficients=np.asarray(coefficients, dtype=float),
            sd=float(np.sqrt((residuals**2).mean())),
            r2_test=r2_test,
            r2_train=r_squared(values[train], f[train] @ coefficients),
            train_index=train,
            test_index=test,
        )


@dataclass(frozen=True, eq=False)
class FittedQuadratic:
    """A fitted quadratic surrogate.

    Attributes:
        coefficients: of `features`, (1 + m + m^2,).
        sd: root mean square of the residuals on the held-out part of the split that was kept.
        r2_test: R^2 on that part.
        r2_train: R^2 on the other part.
        train_index: rows of the training part.
        test_index: rows of the held-out part.
        noise_sd: 0, because `sd` includes the noise.
    """

    coefficients: FloatArray
    sd: float
    r2_test: float
    r2_train: float
    train_index: IntArray
    test_index: IntArray
    noise_sd: float = 0.0

    def predict(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean (n,) and standard deviation (n,) at weights (n, m).

        The standard deviation is `sd` everywhere. It holds near the runs only, and it is too small, because the split
        was selected for it.
        """
        return features(weights) @ self.coefficients, np.full(len(weights), self.sd)

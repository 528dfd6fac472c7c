"""Gradient-boosted trees by LightGBM, the surrogate of RegMix.

RegMix's settings: squared loss, at most 1000 trees of at most 31 leaves, learning rate 0.01, stopped when the error on
held-out runs has not fallen for 3 trees. It had 512 runs. Here the settings are scaled down for tens of runs:

- 5 folds are held out in turn, not one set, and as many trees as were best on average are fitted on all runs;
- fitting waits 50 trees for a lower error (with 3, noise often stopped it at the first tree: with 40 runs of the six
  concave problems of mixopt.benchmark the rank correlation with the true score is .66 with 50, and .63 with 3);
- a leaf holds at least a tenth of the runs, from 2 to 20 (LightGBM's default of 20 splits nothing below 40 runs).

LightGBM is an extra: pip install 'mixopt[regmix]'.

References:
    Liu et al. (2024), RegMix, arXiv:2407.01492.
"""

from dataclasses import dataclass
from typing import Any

import lightgbm
import numpy as np

from mixopt.models.surrogate import centred_and_scaled, check_runs
from mixopt.typing import FloatArray, IntArray

TREES = 1000
PATIENCE = 50
FOLDS = 5
OPTIONS = {
    "objective": "regression",
    "learning_rate": 0.01,
    "num_leaves": 31,
    "seed": 42,
    "num_threads": 1,
    "deterministic": True,
    "force_col_wise": True,
    "min_data_in_bin": 1,
    "feature_pre_filter": False,
    "verbosity": -1,
}


@dataclass(frozen=True)
class BoostingSurrogate:
    """Boosted trees over the weights; the same runs give the same trees.

    The prediction is piecewise constant, so it is flat beyond the outermost runs.
    """

    def fit(self, weights: FloatArray, values: FloatArray) -> "FittedBoosting":
        """Fit on weights (n, m) and values (n,).

        Raises:
            StrategyError: fewer than 5 runs, or a value that is not finite.
        """
        check_runs(weights, values, FOLDS, "a fit of boosted trees")
        z, mean, scale = centred_and_scaled(values)
        options = {**OPTIONS, "min_data_in_leaf": int(np.clip(len(z) // 10, 2, 20))}
        data = lightgbm.Dataset(weights, z, params=options, free_raw_data=False)
        folds = _folds(len(z))
        result: Any = lightgbm.cv(  # a mapping or lists, as its options say
            options,
            data,
            num_boost_round=TREES,
            folds=folds,
            callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)],
            return_cvbooster=True,
        )
        found = result["cvbooster"]
        trees = int(found.best_iteration)
        errors = [
            z[test] - booster.predict(weights[test], num_iteration=trees)
            for booster, (_, test) in zip(found.boosters, folds, strict=True)
        ]
        return FittedBoosting(
            booster=lightgbm.train(options, data, num_boost_round=trees),
            trees=trees,
            centre=mean,
            unit=scale,
            sd=scale * float(np.sqrt((np.concatenate(errors) ** 2).mean())),
        )


@dataclass(frozen=True, eq=False)
class FittedBoosting:
    """Fitted boosted trees.

    Attributes:
        booster: LightGBM's, on standardised values.
        trees: how many.
        centre: mean of the values.
        unit: standard deviation of the values.
        sd: root mean square of the held-out residuals.
        noise_sd: 0, because `sd` includes the noise.
    """

    booster: Any
    trees: int
    centre: float
    unit: float
    sd: float
    noise_sd: float = 0.0

    def predict(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean (n,) and standard deviation (n,) at weights (n, m).

        The standard deviation is `sd` everywhere, and holds for mixtures like those of the runs.
        """
        mean = self.centre + self.unit * self.booster.predict(weights, num_threads=1)
        return mean, np.full(len(weights), self.sd)


def _folds(n: int) -> list[tuple[IntArray, IntArray]]:
    """The rows to train on and to test on, of each fold; the same for the same n."""
    fold = np.random.default_rng(0).permutation(n) % FOLDS
    return [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(FOLDS)]

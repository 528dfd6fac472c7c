"""Gradient-boosted trees, RegMix's surrogate (Liu et al. 2024, arXiv 2407.01492), by LightGBM.

RegMix's settings: squared loss, at most 1000 trees of at most 31 leaves, learning rate 0.01, stopped when the error on
held-out runs has not fallen for 3 trees. It had 512 runs. Scaled down here for tens of them:

- held out are 5 folds in turn rather than one set, and as many trees as did best on average are fitted on all runs;
- the wait is 50 trees (with 3, noise often stopped it at the first tree: at 40 runs of the six cells of
  mixopt.benchmark the rank correlation with the true score is .66 against .63);
- a leaf holds at least a tenth of the runs and 2 (RegMix: LightGBM's default of 20, below which 40 runs split nothing),
  at most 20.

LightGBM is an extra: pip install 'mixopt[regmix]'.
"""

from typing import Any, Self

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


class BoostingSurrogate:
    """Boosted trees over the weights; deterministic. Piecewise constant, so flat beyond the outermost runs.

    Attributes after `fit`: `trees` (how many), `noise_sd` (0: it is part of `predict`'s sd).
    """

    noise_sd = 0.0

    def fit(self, weights: FloatArray, values: FloatArray) -> Self:
        """Learn from weights (n, m) and values (n,). Raises StrategyError for fewer than 5 runs, or a NaN."""
        check_runs(weights, values, FOLDS, "a fit of boosted trees")
        z, self._mean, self._scale = centred_and_scaled(values)
        options = {**OPTIONS, "min_data_in_leaf": int(np.clip(len(z) // 10, 2, 20))}
        data = lightgbm.Dataset(weights, z, params=options, free_raw_data=False)
        folds = _folds(len(z))
        history: Any = lightgbm.cv(  # a mapping or lists, as its options say
            options,
            data,
            num_boost_round=TREES,
            folds=folds,
            callbacks=[lightgbm.early_stopping(PATIENCE, verbose=False)],
            return_cvbooster=True,
        )
        self.trees = int(history["cvbooster"].best_iteration)
        misses = [
            z[test] - booster.predict(weights[test], num_iteration=self.trees)
            for booster, (_, test) in zip(history["cvbooster"].boosters, folds, strict=True)
        ]
        self._sd = self._scale * float(np.sqrt((np.concatenate(misses) ** 2).mean()))
        self._booster: Any = lightgbm.train(options, data, num_boost_round=self.trees)
        return self

    def predict(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Mean (n,), and as sd (n,) the root mean square of the held-out residuals, noise included.

        That sd is the same everywhere, and holds for mixtures like those of the runs.
        """
        mean = self._mean + self._scale * self._booster.predict(weights, num_threads=1)
        return mean, np.full(len(weights), self._sd)


def _folds(n: int) -> list[tuple[IntArray, IntArray]]:
    """The rows to train and to test on, of each fold; the same for the same n."""
    fold = np.random.default_rng(0).permutation(n) % FOLDS
    return [(np.flatnonzero(fold != k), np.flatnonzero(fold == k)) for k in range(FOLDS)]

"""Cross-validation: how well surrogates predict runs that they have not seen, and which of them can be told apart.

    comparison = compare(runs.weights, runs.values)

Runs are left out one mixture at a time where there are at most 30 runs, else in 10 folds; the runs of one mixture stay
in one fold, since a surrogate that has seen one knows the others. The folds are the same for the same runs, and for
every surrogate, so that surrogates are compared in pairs, run by run.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
import scipy

from mixopt.errors import MissingError, StrategyError
from mixopt.models.registry import SURROGATES, surrogate_named
from mixopt.models.surrogate import HALF_WIDTH, Surrogate, r_squared
from mixopt.space.region import same_rows
from mixopt.typing import FloatArray, IntArray

ONE_BY_ONE = 30  # runs up to which every mixture is a fold
FOLDS = 10
APART = 2.0  # standard errors of a paired difference beyond which two surrogates are told apart


@dataclass(frozen=True, eq=False)
class Validation:
    """What one surrogate makes of runs that it has not seen; values in their own units.

    Attributes:
        name: of the surrogate.
        errors: (n,) predicted minus measured value of each run, from the other folds.
        r2: 1 - sum of squared errors / sum of squares about the mean of all runs; 0 is as good as that mean. NaN where
            the values do not vary.
        rmse: root mean squared error; the noise of the runs is in it.
        rank: Spearman's correlation of predicted and measured values; NaN where either does not vary.
        coverage: share of measured values inside the 90 % interval of a new run (model and noise); noise-free scores
            are not known, so intervals of those are not checked.
    """

    name: str
    errors: FloatArray
    r2: float
    rmse: float
    rank: float
    coverage: float


@dataclass(frozen=True, eq=False)
class Comparison:
    """Surrogates on the same folds of the same runs.

    Attributes:
        ranked: those that could be fitted on every fold, smallest error first.
        behind: by name, how far a surrogate's R^2 is behind the best's, and the standard error of that (over runs, in
            pairs; the runs are taken as independent).
        unfit: by name, why a surrogate could not be fitted.
    """

    ranked: tuple[Validation, ...]
    behind: Mapping[str, tuple[float, float]]
    unfit: Mapping[str, str]

    def level_with_best(self) -> list[str]:
        """The names of those that cannot be told from the best, it left out, and those worse than the mean of all."""
        close = {name for name, (gap, error) in self.behind.items() if gap <= APART * error}
        return [v.name for v in self.ranked[1:] if v.name in close and v.r2 > 0]


def folds(weights: FloatArray) -> IntArray:
    """The fold (n,) of each run of weights (n, m)."""
    mixture = same_rows(weights)
    order = np.random.default_rng(0).permutation(mixture.max() + 1)
    return order[mixture] if len(weights) <= ONE_BY_ONE else order[mixture] % FOLDS


def validate(name: str, make: Callable[[], Surrogate], weights: FloatArray, values: FloatArray) -> Validation:
    """Predict each of the runs (weights (n, m), values (n,)) from the other folds.

    Raises:
        StrategyError: a value that is not finite, fewer than two different mixtures, or the surrogate cannot be fitted.
    """
    fold = folds(_checked(weights, values))
    means, sds = np.empty(len(values)), np.empty(len(values))
    for k in range(fold.max() + 1):
        out = fold == k
        surrogate = make().fit(weights[~out], values[~out])
        means[out], sd = surrogate.predict(weights[out])
        sds[out] = np.hypot(sd, surrogate.noise_sd)
    errors = means - values
    return Validation(
        name,
        errors,
        r2=r_squared(values, means) if np.ptp(values) > 0 else np.nan,
        rmse=float(np.sqrt((errors**2).mean())),
        rank=_rank_correlation(values, means),
        coverage=float((np.abs(errors) <= HALF_WIDTH * sds + 1e-12 * np.abs(values)).mean()),
    )


def _rank_correlation(values: FloatArray, means: FloatArray) -> float:
    varies = np.ptp(values) > 0 and np.ptp(means) > 0
    return float(scipy.stats.spearmanr(values, means).statistic) if varies else np.nan


def compare(weights: FloatArray, values: FloatArray, names: Sequence[str] = tuple(SURROGATES)) -> Comparison:
    """Cross-validate surrogates by name on runs of weights (n, m) and values (n,).

    Raises:
        StrategyError: a value that is not finite, or fewer than two different mixtures.
    """
    _checked(weights, values)
    found, unfit = [], {}
    for name in names:
        try:
            found.append(validate(name, partial(surrogate_named, name), weights, values))
        except (StrategyError, MissingError) as reason:
            unfit[name] = str(reason)
    ranked = tuple(sorted(found, key=lambda validation: validation.rmse))
    behind = {v.name: _behind(v.errors, ranked[0].errors, values) for v in ranked}
    return Comparison(ranked, behind, unfit)


def _checked(weights: FloatArray, values: FloatArray) -> FloatArray:
    """The weights, if runs can be held out of them."""
    if not np.isfinite(values).all():
        raise StrategyError(f"cross-validation met the value {values[~np.isfinite(values)][0]}: drop that run")
    if same_rows(weights).max(initial=0) == 0:
        raise StrategyError("cross-validation needs runs of two different mixtures: train more first")
    return weights


def _behind(errors: FloatArray, best: FloatArray, values: FloatArray) -> tuple[float, float]:
    """The difference of two R^2 and its standard error, from the runs' squared errors in pairs."""
    difference, spread = errors**2 - best**2, float(values.var())
    if spread == 0:
        return np.nan, np.nan
    return float(difference.mean()) / spread, float(difference.std(ddof=1)) / np.sqrt(len(values)) / spread

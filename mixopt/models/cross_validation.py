"""Cross-validation of surrogates: how well they predict held-out runs, and which of them are clearly better.

    comparison = compare(runs.weights, runs.values)

Up to 30 runs are held out one mixture at a time, more runs in 10 folds. The runs of one mixture stay in one fold,
because a surrogate that has seen one of them knows the others. The folds are the same for the same runs and for every
surrogate, so surrogates are compared in pairs, run by run.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import scipy

from mixopt.errors import MissingError, StrategyError
from mixopt.models.registry import SURROGATES, surrogate_named
from mixopt.models.surrogate import HALF_WIDTH, FittedSurrogate, r_squared
from mixopt.space.region import same_rows
from mixopt.typing import BoolArray, FloatArray, IntArray

FitRows = Callable[[BoolArray], FittedSurrogate]  # true for the runs (n,) to fit on

ONE_BY_ONE = 30  # runs up to which every mixture is a fold
FOLDS = 10
CLEAR = 2.0  # standard errors of a paired difference beyond which one surrogate is clearly worse than another


@dataclass(frozen=True, eq=False)
class Validation:
    """What a surrogate predicts for runs that it has not seen, in units of the values.

    Attributes:
        name: of the surrogate.
        values: (n,) measured.
        means: (n,) predicted, each from the other folds.
        sds: (n,) standard deviation of a new run at each mixture: of the model and the noise.
    """

    name: str
    values: FloatArray
    means: FloatArray
    sds: FloatArray

    @property
    def errors(self) -> FloatArray:
        """Predicted minus measured values, (n,)."""
        return self.means - self.values

    @property
    def r2(self) -> float:
        """R^2; 0 is as good as the mean of all runs. NaN where the values do not vary."""
        return r_squared(self.values, self.means) if np.ptp(self.values) > 0 else np.nan

    @property
    def rmse(self) -> float:
        """Root mean squared error, which includes the noise of the runs."""
        return float(np.sqrt((self.errors**2).mean()))

    @property
    def rank(self) -> float:
        """Spearman's correlation of predicted and measured values; NaN where either do not vary."""
        vary = np.ptp(self.values) > 0 and np.ptp(self.means) > 0
        return float(scipy.stats.spearmanr(self.values, self.means).statistic) if vary else np.nan

    @property
    def coverage(self) -> float:
        """Share of the measured values inside the 90 % interval of a new run.

        Noise-free scores are not known, so intervals of those are not checked.
        """
        within = HALF_WIDTH * self.sds + 1e-12 * np.abs(self.values)
        return float((np.abs(self.errors) <= within).mean())


@dataclass(frozen=True, eq=False)
class Comparison:
    """Several surrogates, validated on the same folds of the same runs.

    Attributes:
        ranked: those that could be fitted on every fold, smallest error first.
        behind: by name, the best surrogate's R^2 minus this one's, and the standard error of this difference (over
            runs, in pairs, as if runs were independent).
        unfit: by name, why a surrogate could not be fitted.
    """

    ranked: tuple[Validation, ...]
    behind: Mapping[str, tuple[float, float]]
    unfit: Mapping[str, str]

    def tied_with_best(self) -> list[str]:
        """The names of the surrogates that are not clearly worse than the best, and better than the mean of all runs.

        The best is not among them.
        """
        close = {name for name, (gap, error) in self.behind.items() if gap <= CLEAR * error}
        return [v.name for v in self.ranked[1:] if v.name in close and v.r2 > 0]


def folds(weights: FloatArray) -> IntArray:
    """The fold (n,) of each run of weights (n, m), from 0 on."""
    mixture = same_rows(weights)
    order = np.random.default_rng(0).permutation(mixture.max() + 1)
    return order[mixture] if len(weights) <= ONE_BY_ONE else order[mixture] % FOLDS


def validate(name: str, fit: FitRows, weights: FloatArray, values: FloatArray) -> Validation:
    """Predict each run by a model that was fitted on the other folds.

    Args:
        name: of the surrogate.
        fit: fits the surrogate on some of the runs, those for which its argument (n,) is true.
        weights: mixtures (n, m) of the runs.
        values: their scores (n,).

    Returns:
        The predictions.

    Raises:
        StrategyError: a value that is not finite, fewer than two different mixtures, or the surrogate cannot be fitted.
    """
    _check(weights, values)
    fold = folds(weights)
    means, sds = np.empty(len(values)), np.empty(len(values))
    for k in range(fold.max() + 1):
        out = fold == k
        fitted = fit(~out)
        means[out], sd = fitted.predict(weights[out])
        sds[out] = np.hypot(sd, fitted.noise_sd)
    return Validation(name, values, means, sds)


def compare(weights: FloatArray, values: FloatArray, names: Sequence[str] = tuple(SURROGATES)) -> Comparison:
    """Cross-validate several surrogates.

    Args:
        weights: mixtures (n, m) of the runs.
        values: their scores (n,).
        names: of the surrogates, see `mixopt.models.SURROGATES`.

    Returns:
        The comparison.

    Raises:
        StrategyError: a value that is not finite, or fewer than two different mixtures.
    """
    _check(weights, values)
    found, unfit = [], {}
    for name in names:
        try:
            fit = _fit_by_name(name, weights, values)
            found.append(validate(name, fit, weights, values))
        except (StrategyError, MissingError) as reason:
            unfit[name] = str(reason)
    ranked = tuple(sorted(found, key=lambda validation: validation.rmse))
    behind = {v.name: _behind(v.errors, ranked[0].errors, values) for v in ranked}
    return Comparison(ranked, behind, unfit)


def _fit_by_name(name: str, weights: FloatArray, values: FloatArray) -> FitRows:
    surrogate = surrogate_named(name)
    return lambda rows: surrogate.fit(weights[rows], values[rows])


def _check(weights: FloatArray, values: FloatArray) -> None:
    """Refuse runs of which none can be held out."""
    if not np.isfinite(values).all():
        raise StrategyError(f"cross-validation met the value {values[~np.isfinite(values)][0]}: drop that run")
    if same_rows(weights).max(initial=0) == 0:
        raise StrategyError("cross-validation needs runs of two different mixtures: train more first")


def _behind(errors: FloatArray, best: FloatArray, values: FloatArray) -> tuple[float, float]:
    """The difference of two R^2 and its standard error, from the runs' squared errors in pairs."""
    difference, spread = errors**2 - best**2, float(values.var())
    if spread == 0:
        return np.nan, np.nan
    return float(difference.mean()) / spread, float(difference.std(ddof=1)) / np.sqrt(len(values)) / spread

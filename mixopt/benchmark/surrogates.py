"""How well surrogates predict unseen runs of measured tables from a few random ones.

    found = compare_on_tables({"regmix_1m": read_table("regmix_1m", sources)}, ["gp", "linear"])

Draw d of a table is a permutation of its mixtures by the seed d: the first n train a surrogate and the others test it.
So the draws are the same for all surrogates, and 40 runs contain the 20. R2 of a draw is 1 - mean squared error /
variance of the table's values: ten unseen runs that happen to be alike would make a variance of their own useless.
"""

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from mixopt.benchmark.estimates import Estimate
from mixopt.benchmark.measured import MeasuredTable
from mixopt.errors import MissingError, StrategyError
from mixopt.models.cross_validation import Validation
from mixopt.models.registry import SURROGATES, check_surrogate, surrogate_named
from mixopt.models.surrogate import FittedSurrogate
from mixopt.models.weighted_tests import WeightedTestsSurrogate
from mixopt.typing import IntArray

SIZES = (20, 40, 80)
DRAWS = 20
BY_TEST = "gp by test"  # the default model where the scores of the tests are known (models/weighted_tests.py)
FEWEST_UNSEEN = 10  # mixtures that are left to test on; with fewer, a size is left out


@dataclass(frozen=True)
class Prediction:
    """What a surrogate predicts of a table's unseen mixtures after n random ones.

    Attributes:
        table: its name.
        surrogate: its name.
        n: how many mixtures it has seen.
        r2: R2 on the others, see above; mean over draws, as the next two.
        rank: Spearman's correlation.
        coverage: share of the others' values inside 90 % intervals of a new run.
        unfit: why the surrogate could not be fitted, or ""; then there are no figures.
    """

    table: str
    surrogate: str
    n: int
    r2: Estimate | None = None
    rank: Estimate | None = None
    coverage: Estimate | None = None
    unfit: str = ""


def compare_on_tables(
    tables: Mapping[str, MeasuredTable],
    surrogates: Sequence[str] = (BY_TEST, *SURROGATES),
    sizes: Sequence[int] = SIZES,
    draws: int = DRAWS,
) -> Iterator[Prediction]:
    """Compare surrogates on tables, one prediction after the other, by table, surrogate and size.

    Args:
        tables: by name.
        surrogates: names of `mixopt.models.SURROGATES`, or BY_TEST, which needs a table with tests.
        sizes: how many mixtures a surrogate sees; sizes that leave fewer than 10 others are left out.
        draws: how many random draws, with the seeds 0, 1, ...

    Raises:
        StrategyError: there is no such surrogate.
    """
    for surrogate in surrogates:
        if surrogate != BY_TEST:
            check_surrogate(surrogate)
    for name, table in tables.items():
        runs = table.by_mixture()
        for surrogate in surrogates:
            for n in sizes:
                if len(runs.values) - n >= FEWEST_UNSEEN:
                    yield _prediction(name, runs, surrogate, n, draws)


def _prediction(name: str, runs: MeasuredTable, surrogate: str, n: int, draws: int) -> Prediction:
    found = []
    for draw in range(draws):
        order = np.random.default_rng(draw).permutation(len(runs.values))
        try:
            found.append(_validation(surrogate, runs, order[:n], order[n:]))
        except (StrategyError, MissingError) as reason:
            return Prediction(name, surrogate, n, unfit=str(reason))
    variance = float(runs.values.var()) or np.nan
    r2 = _mean([1 - one.rmse**2 / variance for one in found])
    rank, coverage = (_mean([getattr(one, what) for one in found]) for what in ("rank", "coverage"))
    return Prediction(name, surrogate, n, r2, rank, coverage)


def _validation(name: str, runs: MeasuredTable, seen: IntArray, unseen: IntArray) -> Validation:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # fits of a random draw may warn; the figures tell
        fitted = _fitted(name, runs, seen)
        means, sds = fitted.predict(runs.weights[unseen])
    return Validation(name, runs.values[unseen], means, np.hypot(sds, fitted.noise_sd))


def _fitted(name: str, runs: MeasuredTable, seen: IntArray) -> FittedSurrogate:
    if name != BY_TEST:
        return surrogate_named(name).fit(runs.weights[seen], runs.values[seen])
    if len(runs.tests) < 2:
        raise StrategyError("the table has no scores of several tests")
    surrogate = WeightedTestsSurrogate(tuple(runs.shares.tolist()))
    return surrogate.fit(runs.weights[seen], runs.values[seen], runs.scores[seen])


def _mean(numbers: Sequence[float]) -> Estimate:
    se = float(np.std(numbers, ddof=1) / len(numbers) ** 0.5) if len(numbers) > 1 else np.nan
    return Estimate(float(np.mean(numbers)), se)

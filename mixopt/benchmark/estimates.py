"""Means with standard errors, and paired differences, over a suite of problems."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from mixopt.benchmark.job import Job
from mixopt.typing import FloatArray

Figures = dict[tuple[str, str, int], dict[int, float]]  # (problem, method, n) -> seed -> a number


@dataclass(frozen=True)
class Estimate:
    """A mean with its standard error (NaN if a problem has only one run)."""

    mean: float
    se: float

    def __str__(self) -> str:
        return self.rounded(3)

    def rounded(self, digits: int) -> str:
        """Return the mean and its error, if known, with so many decimals."""
        return f"{self.mean:.{digits}f}" + (f" ± {self.se:.{digits}f}" if np.isfinite(self.se) else "")

    @property
    def told_apart(self) -> bool:
        """Whether the mean is more than two standard errors from 0."""
        return bool(abs(self.mean) > 2 * self.se)


def figures(done: Mapping[Job, Mapping[str, Any]], key: str) -> Figures:
    """Return a number of the checkpoints, such as "regret_common", by problem, method and n; None is left out."""
    found: Figures = {}
    for job, outcome in done.items():
        for checkpoint in outcome["checkpoints"]:
            if checkpoint[key] is not None:
                found.setdefault((job.problem, job.method, checkpoint["n"]), {})[job.seed] = checkpoint[key]
    return found


def mean_over(numbers: Figures, problems: Sequence[str], method: str, n: int) -> Estimate | None:
    """Return the mean over problems of a method's means over seeds; None if it lacks a problem."""
    return _stratified([list(numbers.get((problem, method, n), {}).values()) for problem in problems])


def difference(numbers: Figures, problems: Sequence[str], method: str, other: str, n: int) -> Estimate | None:
    """Return the mean of `method` minus `other`, paired over the seeds that both have, which share their noise."""
    return _stratified([mine - theirs for mine, theirs in _pairs(numbers, problems, method, other, n)])


def ratio(numbers: Figures, problems: Sequence[str], method: str, other: str, n: int) -> Estimate | None:
    """Return the mean of `method` over the mean of `other`, on shared seeds, with an error by linearisation."""
    pairs = _pairs(numbers, problems, method, other, n)
    mine, theirs = (_stratified([pair[i] for pair in pairs]) for i in (0, 1))
    if mine is None or theirs is None or theirs.mean == 0:
        return None
    share = mine.mean / theirs.mean
    rest = _stratified([a - share * b for a, b in pairs])
    assert rest is not None
    return Estimate(share, rest.se / abs(theirs.mean))


def best_of(numbers: Figures, problems: Sequence[str], methods: Sequence[str], n: int) -> str | None:
    """Return the method with the least mean over problems at n; None if none has them all.

    Its mean is the least of several noisy ones, so a ratio to it is not in favour of the method that is compared.
    """
    means = {method: found.mean for method in methods if (found := mean_over(numbers, problems, method, n))}
    return min(means, key=means.__getitem__) if means else None


def _pairs(
    numbers: Figures, problems: Sequence[str], method: str, other: str, n: int
) -> list[tuple[FloatArray, FloatArray]]:
    """Return, for each problem, the numbers of both methods, (seeds,) each, on the seeds that both have."""
    pairs = []
    for problem in problems:
        mine, theirs = numbers.get((problem, method, n), {}), numbers.get((problem, other, n), {})
        shared = sorted(mine.keys() & theirs.keys())
        pairs.append((np.array([mine[seed] for seed in shared]), np.array([theirs[seed] for seed in shared])))
    return pairs


def _stratified(strata: Sequence[Sequence[float] | FloatArray]) -> Estimate | None:
    """Return the mean of the strata's means; problems are fixed, so its variance is that of seeds within problems."""
    if not strata or not all(len(stratum) for stratum in strata):
        return None
    variances = np.array([np.var(s, ddof=1) / len(s) if len(s) > 1 else np.nan for s in strata])
    return Estimate(float(np.mean([np.mean(s) for s in strata])), float(np.sqrt(variances.sum()) / len(strata)))

"""Measured runs of a table: weights, the value that is optimised, and the score of every test behind it."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

import numpy as np
from scipy.optimize import nnls

from mixopt.space.region import first_rows, same_rows
from mixopt.typing import FloatArray

EXACT = 1e-6  # relative error up to which a value is a weighted mean of its tests
STEP = 0.001


@dataclass(frozen=True, eq=False)
class MeasuredTable:
    """n runs over m domains; a mixture that was trained several times has several rows.

    Attributes:
        domains: m names.
        weights: (n, m), rows that sum to 1.
        values: (n,), the score that is optimised, larger is better.
        tests: the scores (n,) of each test, larger is better; {} if only the values are known.
        parts: the weight of each test in the value; they sum to 1. {} without tests.
        step: to which the table's weights were rounded.
    """

    domains: tuple[str, ...]
    weights: FloatArray
    values: FloatArray
    tests: Mapping[str, FloatArray] = field(default_factory=dict)
    parts: Mapping[str, float] = field(default_factory=dict)
    step: float = STEP

    @property
    def scores(self) -> FloatArray:
        """The tests' scores (n, k); the values as one column if only they are known."""
        return np.column_stack(list(self.tests.values())) if self.tests else self.values[:, None]

    @property
    def shares(self) -> FloatArray:
        """The weight (k,) of each column of `scores` in the value."""
        return np.array(list(self.parts.values())) if self.tests else np.ones(1)

    @property
    def digest(self) -> str:
        """Eight hexadecimal digits of all that is used of the table."""
        content = "\n".join(self.domains).encode() + b"\n" + self.weights.tobytes() + self.values.tobytes()
        if self.tests:
            content += "\n".join(self.tests).encode() + self.scores.tobytes()
        return hashlib.sha256(content).hexdigest()[:8]

    def by_mixture(self) -> "MeasuredTable":
        """Return the table with one row for each mixture: the means of its runs."""
        first, mixture = first_rows(self.weights), same_rows(self.weights)
        if len(first) == len(self.weights):
            return self

        def means(column: FloatArray) -> FloatArray:
            return np.array([column[mixture == mixture[row]].mean() for row in first])

        tests = {name: means(scores) for name, scores in self.tests.items()}
        return MeasuredTable(self.domains, self.weights[first], means(self.values), tests, self.parts, self.step)


def parts_of(values: FloatArray, tests: Mapping[str, FloatArray]) -> dict[str, float]:
    """Return the weight of each test (n,) of which the values (n,) are the weighted mean; {} if they are not.

    A value that is the sum of its tests, or any other multiple of their mean, is no mean.
    """
    if not tests or len(values) <= len(tests):
        return {}
    found, _ = nnls(np.column_stack(list(tests.values())), values)
    rest = values - np.column_stack(list(tests.values())) @ found
    fits = np.abs(rest).max() <= EXACT * max(float(np.ptp(values)), 1e-12)
    if not fits or abs(found.sum() - 1) > EXACT:
        return {}
    found = np.where(found < EXACT, 0.0, found)  # rounding
    return dict(zip(tests, (found / found.sum()).tolist()))


def own_table(
    path: Path, value: str, domains: tuple[str, ...] | None, *, minimize: bool | None, normalize: bool
) -> MeasuredTable:
    """Read a user's table, see `mixopt.read_runs`.

    Its tests are the columns `test:NAME`, as `mixopt study export` writes them, where the value is a weighted mean of
    them.

    Raises:
        TableError: the file, a column, a number or a row cannot be used.
    """
    from mixopt.tables.read_runs import read_runs
    from mixopt.tables.run_files import read_old_runs

    runs = read_runs(path, value, domains, minimize=minimize, normalize=normalize)
    read = partial(read_old_runs, [path], value, domains, minimize=minimize, normalize=normalize)
    old = read(tests=[name for name in read().unused if name.startswith("test:")])
    known = [name for name in old.tests if all(name in run.scores for run in old.runs)]
    tests = {name: np.array([run.scores[name] for run in old.runs]) for name in known}
    parts = parts_of(runs.values, tests)
    return MeasuredTable(runs.space.domains, runs.weights, runs.values, tests if parts else {}, parts)

"""The table of the shapes study (studies/shapes-table): real GRPO runs, some mixtures with several training seeds.

The score is the out-score at the last step, the mean of four of the seven tests.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from scipy.spatial.distance import cdist

from mixopt.benchmark.measured import MeasuredTable, parts_of
from mixopt.errors import TableError
from mixopt.space.region import distinct_rows, first_rows, same_rows
from mixopt.typing import FloatArray

SCORE = "out_score"  # its column
NEAR = 0.25  # Euclidean distance over which noise is alike; left-out variances were likeliest with it, of .05 to .6


def read_shapes(folder: Path) -> MeasuredTable:
    """Return the runs of the table in a folder, see `runs_of_table`."""
    return runs_of_table(folder / "table.csv")


def runs_of_table(path: Path) -> MeasuredTable:
    """Read all runs; a mixture with several seeds occurs several times.

    Raises:
        TableError: there is no such table, a run of it lacks steps, or no mixture has several seeds.
    """
    from mixopt.tables.run_files import read_old_runs  # Optuna

    found = read_old_runs([path], SCORE)
    if len(found.ends) != 1:
        raise TableError(f"{path}: its runs end at different steps, {sorted(found.ends)}: fetch the table again")
    weights = np.array([list(run.weights.values()) for run in found.runs])
    if len(distinct_rows(weights)) == len(weights):
        raise TableError(f"{path}: no mixture has several training seeds, so its noise is not known: fetch it again")
    old = read_old_runs([path], SCORE, tests=[name for name in found.unused if name.startswith("test:")])
    values = np.array([run.scores[SCORE] for run in old.runs])
    tests = {name: np.array([run.scores[name] for run in old.runs]) for name in old.tests}
    parts = parts_of(values, tests)
    return MeasuredTable(tuple(old.domains), weights, values, tests if parts else {}, parts, step=0.0)


@dataclass(frozen=True, eq=False)
class Replicates:
    """The noise of mixtures with several training seeds: `weights` (k, m), and `variances` (k,) of one run."""

    weights: FloatArray
    variances: FloatArray

    @classmethod
    def of(cls, weights: FloatArray, values: FloatArray) -> Self:
        """Compute it from runs: weights (n, m), values (n,)."""
        mixture = same_rows(weights)
        runs = {row: values[mixture == mixture[row]] for row in first_rows(weights)}
        several = {row: scores for row, scores in runs.items() if len(scores) > 1}
        return cls(weights[list(several)], np.array([scores.var(ddof=1) for scores in several.values()]))

    @staticmethod
    def deviations(weights: FloatArray, scores: FloatArray) -> FloatArray:
        """Return runs' scores (n, k) minus the mean of their mixture, for mixtures (n, m) with several runs."""
        mixture = same_rows(weights)
        groups = [scores[mixture == number] for number in range(mixture.max() + 1)]
        return np.vstack([group - group.mean(axis=0) for group in groups if len(group) > 1])

    @property
    def pooled_sd(self) -> float:
        """The standard deviation of one run of any of these mixtures: the root of their mean variance."""
        return float(np.sqrt(self.variances.mean()))

    def sd(self, mixtures: FloatArray) -> FloatArray:
        """Return the standard deviation of one run at mixtures (n, m), (n,): nearby replicated mixtures count most."""
        nearness = np.exp(-cdist(mixtures, self.weights, "sqeuclidean") / (2 * NEAR**2))
        return np.sqrt(nearness @ self.variances / nearness.sum(axis=1))

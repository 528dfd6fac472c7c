"""The table of the shapes study (studies/shapes-table): real GRPO runs, some mixtures with several training seeds.

    shapes           its mixtures as a pool; scores are exact, the mean of a mixture with several seeds
    shapes_emulator  a model of these replaces training, with the noise between training seeds

The score is the out-score at the last step. A mixture counts as found if it is at most one standard deviation of a run
of the best mixture below it.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

import numpy as np
from scipy.spatial.distance import cdist

from mixopt.benchmark.pools import Table, pool
from mixopt.benchmark.problem import Problem
from mixopt.errors import TableError
from mixopt.space.region import distinct_rows, first_rows, same_rows
from mixopt.typing import FloatArray

SCORE = "out_score"  # its column
DECAY = 0.3  # of the networks: held-out R2 .917, and .891 / .910 / .908 with 3 / 1 / .1
NEAR = 0.25  # Euclidean distance over which noise is alike; left-out variances were likeliest with it, of .05 to .6


def read_shapes(folder: Path) -> Table:
    """Return the runs of the table in a folder, see `runs_of_table`."""
    return runs_of_table(folder / "table.csv")


def runs_of_table(path: Path) -> Table:
    """Return domains, weights (n, 5) and values (n,) of all runs; a mixture with several seeds occurs several times.

    Raises:
        TableError: there is no such table, a run of it lacks steps, or no mixture has several seeds.
    """
    from mixopt.tables.run_files import read_old_runs  # Optuna

    old = read_old_runs([path], SCORE)
    if len(old.ends) != 1:
        raise TableError(f"{path}: its runs end at different steps, {sorted(old.ends)}: fetch the table again")
    weights = np.array([list(run.weights.values()) for run in old.runs])
    if len(distinct_rows(weights)) == len(weights):
        raise TableError(f"{path}: no mixture has several training seeds, so its noise is not known: fetch it again")
    return old.domains, weights, np.array([run.scores[SCORE] for run in old.runs])


def shapes_pool(name: str, domains: list[str], weights: FloatArray, values: FloatArray) -> Problem:
    """Return the problem of finding the best of the mixtures (n, m), some of them with several runs (n,)."""
    return _with_tolerance(pool(name, domains, weights, values), Replicates.of(weights, values))


def shapes_emulator(name: str, domains: list[str], weights: FloatArray, values: FloatArray) -> Problem:
    """Return the problem of a model of the mixtures' means, observed with the noise of one run."""
    from mixopt.benchmark.emulators import emulator  # scikit-learn

    noise = Replicates.of(weights, values)
    mixtures = distinct_rows(weights)
    means = pool(name, domains, weights, values).f(mixtures)
    made = emulator(name, domains, mixtures, means, decay=DECAY, noise_sd=noise.sd)
    return _with_tolerance(made, noise)


def _with_tolerance(problem: Problem, noise: "Replicates") -> Problem:
    return replace(problem, tolerance=float(noise.sd(problem.best[None])[0]))


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

    @property
    def pooled_sd(self) -> float:
        """The standard deviation of one run of any of these mixtures: the root of their mean variance."""
        return float(np.sqrt(self.variances.mean()))

    def sd(self, mixtures: FloatArray) -> FloatArray:
        """Return the standard deviation of one run at mixtures (n, m), (n,): nearby replicated mixtures count most."""
        nearness = np.exp(-cdist(mixtures, self.weights, "sqeuclidean") / (2 * NEAR**2))
        return np.sqrt(nearness @ self.variances / nearness.sum(axis=1))

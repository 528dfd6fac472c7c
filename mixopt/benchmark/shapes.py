"""The table of the shapes world (studies/shapes-table): real runs of GRPO, some mixtures with several training seeds.

    shapes           its mixtures as a pool; scores are exact, and of a mixture with several seeds their mean
    shapes_emulator  a model of these stands in for training, with the noise that training seeds make

The score is the out-score at the last step. A mixture counts as found from one standard deviation of that noise below
the best one on.
"""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np

from mixopt.arrays import FloatArray
from mixopt.benchmark.pools import Table, pool
from mixopt.benchmark.problem import Problem
from mixopt.errors import TableError
from mixopt.regions.base import same_rows

WEIGHT, SCORE = "w:", "out_score"  # columns
DECAY = 0.3  # of the networks


def shapes(folder: Path) -> Table:
    """Domains, weights (n, 5) and values (n,) of all runs, so that a mixture with several seeds is there several times.

    Raises:
        TableError: the folder has no such table.
    """
    path = folder / "table.csv"
    try:
        with path.open(newline="") as file:
            rows = list(csv.DictReader(file))
        last = max(int(row["step"]) for row in rows)
        ended = [row for row in rows if int(row["step"]) == last]
        columns = [name for name in rows[0] if name.startswith(WEIGHT)]
        weights = np.array([[float(row[name]) for name in columns] for row in ended])
        values = np.array([float(row[SCORE]) for row in ended])
    except (OSError, ValueError, KeyError) as error:
        raise TableError(f"{path}: cannot be read as the table of the shapes world ({error}): see --tables") from error
    return [name.removeprefix(WEIGHT) for name in columns], weights, values


def shapes_pool(name: str, domains: list[str], weights: FloatArray, values: FloatArray) -> Problem:
    """The problem of finding the best of the mixtures (n, m), some of them with several runs (n,)."""
    return replace(pool(name, domains, weights, values), tolerance=noise_sd(weights, values))


def shapes_emulator(name: str, domains: list[str], weights: FloatArray, values: FloatArray) -> Problem:
    """The problem of a model of the mixtures' means, observed with the noise of one run."""
    from mixopt.benchmark.emulators import emulator  # scikit-learn

    sd = noise_sd(weights, values)
    mixture = same_rows(weights)
    kinds = range(mixture.max() + 1)
    mixtures = np.array([weights[mixture == kind][0] for kind in kinds])
    means = np.array([values[mixture == kind].mean() for kind in kinds])
    return replace(emulator(name, domains, mixtures, means, decay=DECAY, noise_sd=sd), tolerance=sd)


def noise_sd(weights: FloatArray, values: FloatArray) -> float:
    """Of one run: the root of the mean variance over training seeds, of the mixtures (n, m) that have several (n,)."""
    mixture = same_rows(weights)
    runs = [values[mixture == kind] for kind in range(mixture.max() + 1)]
    return float(np.sqrt(np.mean([np.var(scores, ddof=1) for scores in runs if len(scores) > 1])))

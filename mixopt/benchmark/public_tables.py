"""Read the published tables of runs: RegMix's at three sizes, and DaMo's.

    regmix_1m    512 runs of a 1M-parameter language model over 17 Pile domains; tests are minus 13 validation losses
    regmix_60m   256 runs of a 60M-parameter one on other mixtures
    regmix_1b    64 runs of a 1B-parameter one
    damo         50 runs of a multimodal language model over 12 domains; 10 benchmarks, averaged over 4 checkpoints

The value is the mean of the tests. Weights in the tables are rounded (DaMo's to .1, so that rows sum to .8 to 1), so
rows are divided by their sums.

References:
    Liu et al., RegMix: Data Mixture as Regression for Language Model Pre-training, 2024, arXiv:2407.01492.
    Shi et al., DaMo: Data Mixing Optimizer in Fine-tuning Multimodal LLMs for Mobile Phone Agents, 2025,
    arXiv:2510.19336.
"""

import csv
from pathlib import Path

import numpy as np

from mixopt.benchmark.measured import STEP, MeasuredTable
from mixopt.errors import TableError
from mixopt.typing import FloatArray

REGMIX_FILES = {"1m": "train_{}_1m.csv", "60m": "test_{}_60m.csv", "1b": "test_{}_1B.csv"}
DAMO_DOMAINS = tuple(f"w{i}" for i in range(12))
DAMO_NOTES = ("test_id", "ckpt_id")
DAMO_STEP = 0.1


def regmix(folder: Path, size: str) -> MeasuredTable:
    """Read the runs of one size, "1m", "60m" or "1b", from the folder of RegMix's tables.

    Raises:
        TableError: a file is missing or is no table of numbers, or the two files are of different runs.
    """
    mixtures, losses = (_columns(folder / REGMIX_FILES[size].format(part)) for part in ("mixture", "pile_loss"))
    if not np.array_equal(mixtures.pop("index"), losses.pop("index")):
        raise TableError(f"{folder}: the mixtures and the losses have different indices: fetch both files again")
    domains = tuple(name.removeprefix("train_the_pile_") for name in mixtures)
    names = (name.removeprefix("metric/the_pile_").removesuffix("_val_loss") for name in losses)
    tests = dict(zip(names, (-loss for loss in losses.values())))
    return _mean_of_tests(domains, _rescaled(mixtures), tests, STEP)


def damo(folder: Path) -> MeasuredTable:
    """Read the runs of the folder of DaMo's table, averaged over checkpoints.

    Raises:
        TableError: the file is missing or is no table of numbers.
    """
    table = _columns(folder / "damo_50x4.csv")
    weights = _rescaled({name: table[name] for name in DAMO_DOMAINS})
    runs = [table["test_id"] == run for run in np.unique(table["test_id"])]
    names = [name for name in table if name not in (*DAMO_DOMAINS, *DAMO_NOTES)]
    tests = {name: np.array([table[name][rows].mean() for rows in runs]) for name in names}
    return _mean_of_tests(DAMO_DOMAINS, np.array([weights[rows][0] for rows in runs]), tests, DAMO_STEP)


def _mean_of_tests(
    domains: tuple[str, ...], weights: FloatArray, tests: dict[str, FloatArray], step: float
) -> MeasuredTable:
    values = np.mean(list(tests.values()), axis=0)
    return MeasuredTable(domains, weights, values, tests, dict.fromkeys(tests, 1 / len(tests)), step)


def _rescaled(columns: dict[str, FloatArray]) -> FloatArray:
    weights = np.column_stack(list(columns.values()))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True))


def _columns(path: Path) -> dict[str, FloatArray]:
    """Read a CSV file of numbers by column."""
    try:
        with path.open(newline="") as file:
            header, *rows = csv.reader(file)
        return dict(zip(header, np.array(rows, dtype=float).T, strict=True))
    except (OSError, ValueError) as error:
        raise TableError(f"{path}: cannot be read as a table of numbers ({error}): see --tables") from error

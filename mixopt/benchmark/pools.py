"""Pools: measured runs as a finite list of mixtures, each of which a method may evaluate once.

The noise is in the table, so the true score of a run is the measured one.

    regmix   512 runs of a 1M-parameter language model over 17 Pile domains; minus the mean of 13 validation losses
    damo     50 runs of a multimodal language model over 12 domains; mean of 10 benchmarks, over its 4 checkpoints
    csv      a file of the user's, see mixopt/tables/read_runs.py

Weights in the tables are rounded (damo's to .1, so that rows sum to .8 to 1), so rows are divided by their sums.
"""

import csv
from pathlib import Path

import numpy as np

from mixopt.benchmark.problem import Problem
from mixopt.errors import TableError
from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray

Table = tuple[list[str], FloatArray, FloatArray]  # domains, weights (n, m), values (n,)

DAMO_DOMAINS = 12
DAMO_NOTES = ("test_id", "ckpt_id")


def regmix(folder: Path) -> Table:
    """Return domains, weights (512, 17) and values (512,) from the folder of RegMix's tables."""
    mixtures, losses = _columns(folder / "train_mixture_1m.csv"), _columns(folder / "train_pile_loss_1m.csv")
    if not np.array_equal(mixtures.pop("index"), losses.pop("index")):
        raise TableError(f"{folder}: the mixtures and the losses have different indices: fetch both files again")
    domains = [name.removeprefix("train_the_pile_") for name in mixtures]
    return domains, _rescaled(mixtures), -np.mean(list(losses.values()), axis=0)


def damo(folder: Path) -> Table:
    """Return domains, weights (50, 12) and values (50,) from the folder of DaMo's table, averaged over checkpoints."""
    table = _columns(folder / "damo_50x4.csv")
    domains = [f"w{i}" for i in range(DAMO_DOMAINS)]
    weights = _rescaled({name: table[name] for name in domains})
    scores = np.mean([values for name, values in table.items() if name not in (*domains, *DAMO_NOTES)], axis=0)
    tests = [table["test_id"] == test for test in np.unique(table["test_id"])]
    return domains, np.array([weights[rows][0] for rows in tests]), np.array([scores[rows].mean() for rows in tests])


def pool(name: str, domains: list[str], weights: FloatArray, values: FloatArray) -> Problem:
    """Return the problem of finding the best measured mixture (n, m); equal mixtures count as one, by their mean."""
    space = MixtureSpace(domains, candidates=weights)
    rows = space.candidates
    assert rows is not None
    nearest = np.array([_nearest(rows, row) for row in weights])
    scores = np.array([values[nearest == i].mean() for i in range(len(rows))])

    def f(mixtures: FloatArray) -> FloatArray:
        return scores[[_nearest(rows, row) for row in mixtures]]

    best = rows[int(np.argmax(scores))]
    return Problem(name, space, f, _no_noise, best, float(scores.mean()), f"{len(rows)} measured runs")


def _nearest(rows: FloatArray, row: FloatArray) -> int:
    return int(((rows - row) ** 2).sum(axis=1).argmin())


def _no_noise(mixtures: FloatArray) -> FloatArray:
    return np.zeros(len(mixtures))


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

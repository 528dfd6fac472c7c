"""Pools: measured runs as a finite list of mixtures, each of which a method may evaluate once.

The noise is in the table, so the true score of a run is the measured one. Where mixtures have replicates, a row counts
as found if it is at most one standard deviation of a run of the best row below it.
"""

import numpy as np

from mixopt.benchmark.measured import MeasuredTable
from mixopt.benchmark.problem import Problem, Score, Tests, no_noise
from mixopt.benchmark.shapes import Replicates
from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray


def pool(name: str, table: MeasuredTable) -> Problem:
    """Return the problem of finding the best measured mixture; equal mixtures count as one, by their mean."""
    runs = table.by_mixture()
    space = MixtureSpace(table.domains, candidates=runs.weights)
    rows = space.candidates
    assert rows is not None

    def measured(mixtures: FloatArray) -> FloatArray:
        """The tests' scores (n, k) of the rows that are nearest to mixtures (n, m)."""
        return runs.scores[[int(((rows - mixture) ** 2).sum(axis=1).argmin()) for mixture in mixtures]]

    best, average = rows[int(np.argmax(runs.values))], float(runs.values.mean())
    note = f"{len(rows)} measured runs" + (f", {len(runs.tests)} tests" if runs.tests else "")
    f = truth(table, measured, np.zeros(len(table.shares)))
    noise = Replicates.of(table.weights, table.values) if len(rows) < len(table.values) else None
    tolerance = float(noise.sd(best[None])[0]) if noise else None
    return Problem(name, space, f, no_noise, best, average, note, tolerance, exact=True)


def truth(table: MeasuredTable, scores: Score, own_sd: FloatArray) -> Score:
    """Return `scores`, (n, m) -> (n, k), as the true score of a problem.

    Args:
        table: whose tests, or whose value alone (k = 1), are scored.
        scores: of the columns of `table.scores`.
        own_sd: see `Tests`.
    """
    return Tests(scores, dict(table.parts), own_sd) if table.tests else lambda mixtures: scores(mixtures)[:, 0]

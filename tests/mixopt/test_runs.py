"""Runs: what they refuse, and their selections."""

from dataclasses import replace

import numpy as np
import pytest

from mixopt.errors import ScoresError, WeightsError
from tests.support import modomodo


def test_table_2_seeds():
    runs = modomodo.seed_runs()
    assert len(runs) == 11
    assert sorted(runs.membership().sum(axis=1).tolist()) == [1] * 5 + [4] * 5 + [5]
    assert runs.labels[np.argmax(runs.values)] == "2345"


def test_select_and_with_values():
    runs = modomodo.seed_runs()
    singles = runs.select(runs.membership().sum(axis=1) == 1)
    assert singles.labels == ("1", "2", "3", "4", "5") and singles.values.shape == (5,)
    assert len(runs.select(np.zeros(len(runs), dtype=bool))) == 0
    assert singles.with_values(singles.in_scores).values.tolist() == singles.in_scores.tolist()


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"weights": np.full((11, 4), 0.25)}, WeightsError),
        ({"weights": np.full((11, 5), 0.3)}, WeightsError),
        ({"values": np.full(11, np.nan)}, ScoresError),
        ({"numbers": np.arange(3)}, ScoresError),
        ({"strategies": ("guess",) * 11}, ScoresError),
    ],
)
def test_runs_that_cannot_be(changes, error):
    with pytest.raises(error):
        replace(modomodo.seed_runs(), **changes)

"""Seed designs: size, labels, bounds."""

import modomodo
import numpy as np
import pytest

from mixopt.designs import seed_design
from mixopt.errors import StrategyError
from mixopt.space import MixtureSpace

FULL = ("single", "exclude_one", "all")


def test_the_papers_eleven():
    design = seed_design(modomodo.SPACE, FULL)
    assert len(design) == 11
    assert design.labels[0] == "single:COCO" and design.labels[5] == "exclude:COCO" and design.labels[-1] == "all"
    assert np.allclose(np.sort(design.weights, axis=0), np.sort(modomodo.seed_runs().weights, axis=0))


def test_duplicates_drop_at_two_domains():
    design = seed_design(MixtureSpace(["a", "b"]), FULL)
    assert design.labels == ("single:a", "single:b", "all")


def test_bounds_move_the_design_and_drop_what_coincides():
    space = MixtureSpace(["a", "b", "c"], lower={"a": 0.2}, upper={"b": 0.0})
    design = seed_design(space, FULL)
    assert space.contains(design.weights).all()
    assert design.labels == ("single:a", "single:b", "single:c", "exclude:a", "exclude:c")
    assert np.allclose(design.weights[:3], [[1, 0, 0], [0.5, 0, 0.5], [0.2, 0, 0.8]])


@pytest.mark.parametrize("kinds", [(), ("single", "pairs")])
def test_unknown_kinds(kinds):
    with pytest.raises(StrategyError, match="choose from"):
        seed_design(modomodo.SPACE, kinds)

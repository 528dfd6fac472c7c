"""A space of finitely many mixtures."""

import numpy as np
import pytest

from mixopt.errors import SpaceError, StrategyError, WeightsError
from mixopt.history.runs import Runs
from mixopt.samplers.quadratic import QuadraticSampler
from mixopt.space.mixture_space import MixtureSpace

ABC = ["a", "b", "c"]
LIST = [[0.5, 0.5, 0], [0, 1, 0], [0.5, 0.5, 0], [0.2, 0.3, 0.5]]


def test_the_space_is_its_list_without_repetitions():
    space = MixtureSpace(ABC, candidates=LIST)
    assert space.candidates.tolist() == [LIST[0], LIST[1], LIST[3]]
    assert space.contains(np.array([LIST[1], [1.0, 0, 0], [0.5, 0.5 + 1e-10, 0]])).tolist() == [True, False, True]
    assert space.project(np.array([0.1, 0.9, 0])).tolist() == LIST[1]
    assert space.uniform().tolist() == LIST[3]
    assert space.vertices().tolist() == space.candidates.tolist()
    assert sorted(space.corners().tolist()) == sorted(space.candidates.tolist())
    draws = space.sample(3000, np.random.default_rng(0))
    assert np.allclose([(draws == row).all(axis=1).mean() for row in space.candidates], 1 / 3, atol=0.04)


def test_reach_goes_to_a_mixture_of_the_list():
    space = MixtureSpace(ABC, candidates=LIST)
    here = np.array([[0.5, 0.5, 0]])
    assert space.reach(here, np.array([[-1.0, 1.0, 0.0]])).tolist() == [0.5]
    assert space.reach(here, np.array([[1.0, -1.0, 0.0]])).tolist() == [0.0]


def test_identity():
    space = MixtureSpace(ABC, candidates=[dict(zip(ABC, row)) for row in LIST])
    assert space == MixtureSpace(ABC, candidates=np.array(LIST)) == eval(repr(space))
    assert space != MixtureSpace(ABC) and hash(space) == hash(eval(repr(space)))
    with pytest.raises(ValueError, match="read-only"):
        space.candidates[0, 0] = 1


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"candidates": []}, "is empty"),
        ({"candidates": [[0.5, 0.5]]}, r"candidate 1 has shape \(2,\): give 3 weights"),
        ({"candidates": [LIST[0], [0.5, 0.6, 0]]}, "candidate 2: the weights of a, b, c sum to 1.1"),
        ({"candidates": [LIST[0], [1.5, -0.5, 0]]}, "candidate 2: domain 'a' has weight 1.5 outside"),
        ({"candidates": [LIST[0], LIST[1]], "upper": {"b": 0.6}}, "candidate 2: domain 'b' has weight 1 outside"),
        ({"candidates": LIST, "constraints": ["b <= 0.9"]}, "candidate 2: the weights break the constraint"),
        ({"candidates": [{"a": 1.0}]}, "candidate 1: domain 'b' has no weight"),
        ({"candidates": [["half", 0.5, 0]]}, "candidate 1: domain 'a' has weight 'half': give a finite number"),
        ({"candidates": ["all"]}, r"candidate 1 has shape \(\): give 3 weights"),
    ],
)
def test_candidates_that_cannot_be_are_named(limits, said):
    with pytest.raises(SpaceError, match=said):
        MixtureSpace(ABC, **limits)


@pytest.mark.parametrize("search", ["gaussian", "cma_es"])
def test_the_quadratic_surface_ranks_the_candidates_that_no_run_has_had(search):
    best, rng = np.array([0.3, 0.5, 0.2]), np.random.default_rng(0)
    space = MixtureSpace(ABC, candidates=rng.dirichlet(np.ones(3), 20))
    values = -((space.candidates - best) ** 2).sum(axis=1)
    unknown, ran = np.full(12, np.nan), rng.permutation(20)[:12]
    runs = Runs(
        space, space.candidates[ran], values[ran], unknown, unknown, ran, ("seed",) * 12, tuple(map(str, range(12)))
    )
    left = np.setdiff1d(np.argsort(-values), ran, assume_unique=True)
    for trials, wanted in ((3, left[:3]), (99, left)):
        design = QuadraticSampler(space, trials, search).batch(runs, np.random.default_rng(1))
        assert len(design.labels) == len(wanted) and (design.weights == space.candidates[wanted]).all()
    tried = MixtureSpace(ABC, candidates=runs.weights)
    with pytest.raises(StrategyError, match="all 12 candidates of the space have been tried"):
        QuadraticSampler(tried, 3, search).batch(runs, np.random.default_rng(1))


def sum_of_tests_off_the_list_are_refused():
    with pytest.raises(WeightsError, match="not one of the space's candidates"):
        MixtureSpace(ABC, candidates=LIST).as_array({"a": 0.4, "b": 0.6, "c": 0.0})

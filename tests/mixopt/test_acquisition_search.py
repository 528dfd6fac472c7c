"""Searches: feasible, distinct, deterministic, close to the data, and near the optimum of what they climb."""

import numpy as np
import pytest
from hypothesis import given, strategies as st

from mixopt.acquisition import cma_es, gaussian
from mixopt.acquisition.distinct import distinct
from mixopt.designs import seed_design
from mixopt.errors import StrategyError
from mixopt.models import QuadraticSurrogate
from mixopt.space.mixture_space import MixtureSpace
from tests.support.synthetic_objectives import Known, Quadratic, simplex

SEARCHES = pytest.mark.parametrize("search", [gaussian.search, cma_es.search])


def seeds(space: MixtureSpace) -> np.ndarray:
    return seed_design(space, ("single", "exclude_one", "all")).weights


def apart(mixtures: np.ndarray, observed: np.ndarray) -> float:
    """The smallest L1 distance between two mixtures, or between one and an observed one."""
    everything = np.vstack([mixtures, observed])
    gaps = np.abs(mixtures[:, None] - everything).sum(axis=2)
    return gaps[~np.eye(*gaps.shape, dtype=bool)].min()


@SEARCHES
@pytest.mark.parametrize(
    "space", [simplex(5), MixtureSpace(list("abcde"), lower={"a": 0.1}, upper={"b": 0.5, "c": 0.4})]
)
def test_proposals_are_feasible_distinct_and_deterministic(search, space):
    observed = seeds(space)
    surrogate = QuadraticSurrogate().fit(observed, Quadratic.random(5, 1)(observed))
    state = np.random.get_state()[1].copy()
    found = search(space, surrogate, observed, 5, np.random.default_rng(7))
    assert found.shape == (5, 5) and space.contains(found, atol=1e-12).all()
    assert apart(found, observed) >= 0.05
    assert (found == search(space, surrogate, observed, 5, np.random.default_rng(7))).all()
    assert (np.random.get_state()[1] == state).all()


@SEARCHES
def test_searches_find_a_known_optimum(search):
    objective = Quadratic.random(5, 2)
    found = search(simplex(5), Known(objective), seeds(simplex(5)), 3, np.random.default_rng(0))
    values = objective(found)
    assert (np.diff(values) <= 0).all()
    random = objective(simplex(5).sample(1000, np.random.default_rng(1)))
    assert objective.level - values[0] < 0.1 * (objective.level - random.mean())


def test_cma_es_reaches_a_face():
    objective = Quadratic(np.array([0.7, 0.3, 0, 0, 0]), np.eye(5))
    found = cma_es.search(simplex(5), Known(objective), seeds(simplex(5)), 1, np.random.default_rng(0))
    assert (found[0, 2:] == 0).sum() >= 2 and objective(found)[0] > objective.level - 1e-3


@given(st.integers(0, 50))
def test_cma_es_stays_as_close_as_the_observed_mixtures(seed):
    rng = np.random.default_rng(seed)
    space = simplex(4)
    observed = space.project(rng.dirichlet(np.full(4, 20.0), 12))
    closeness = cma_es.Closeness(space, observed)
    repaired = closeness.repair(rng.normal(size=(50, 4)))
    assert space.contains(repaired).all()
    assert (closeness.distance(repaired) <= closeness.reach * (1 + 1e-9)).all()
    assert np.allclose(closeness.repair(observed), observed)


def test_searches_leave_out_a_domain_that_no_run_had():
    observed = np.column_stack([seeds(simplex(4)), np.zeros(9)])
    known = Known(Quadratic(np.array([0, 0, 0, 0, 1.0]), np.eye(5)))
    for search in (gaussian.search, cma_es.search):
        assert search(simplex(5), known, observed, 3, np.random.default_rng(0))[:, 4].max() < 1e-12


@pytest.mark.parametrize(("m", "share", "within"), [(5, 0.14, 0.01), (10, 0.0009, 0.0003)])
def test_survival_of_gaussian_draws_on_seed_designs(m, share, within):
    """docs/paper.md, Algorithm 4."""
    survivors = gaussian.draw(simplex(m), seeds(simplex(m)), 100_000, np.random.default_rng(0))
    assert len(survivors) / 100_000 == pytest.approx(share, abs=within)


def test_gaussian_search_refuses_with_the_share():
    space = simplex(12)
    known = Known(Quadratic.random(12, 0))
    with pytest.raises(StrategyError, match=r"of 10000 draws of the Gaussian \(0.0\d\d%\).*cma_es"):
        gaussian.search(space, known, seeds(space), 50, np.random.default_rng(0))


def test_distinct_goes_down_the_ranking():
    ranked = np.array([[0.5, 0.5], [0.51, 0.49], [0.6, 0.4], [0.2, 0.8]])
    assert distinct(ranked, 3, np.empty((0, 2))).tolist() == ranked[[0, 2, 3]].tolist()
    assert distinct(ranked, 2, np.array([[0.6, 0.4]])).tolist() == ranked[[0, 3]].tolist()
    assert distinct(ranked, 4, np.empty((0, 2))).tolist() == ranked[[0, 2, 3, 1]].tolist()  # the distance halved
    with pytest.raises(StrategyError, match="only 4 of 5"):
        distinct(ranked, 5, np.empty((0, 2)))

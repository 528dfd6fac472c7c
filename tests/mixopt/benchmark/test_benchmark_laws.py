"""The exponential laws of two peers: what a fit finds, and that its mixture is the best by the law."""

import numpy as np
import pytest

from mixopt.benchmark.methods import entry
from mixopt.benchmark.methods.base import Observed, Task
from mixopt.benchmark.methods.exponential_laws import fitted_laws
from mixopt.space.mixture_space import MixtureSpace

SPACE = MixtureSpace(["a", "b", "c"])
PARTS = {"one": 0.5, "other": 0.5, "not counted": 0.0}
SLOPES = np.array([[-3.0, 0.5, 0.0], [0.5, -2.0, 0.2]])


def losses(weights):
    return 0.4 + np.exp(np.atleast_2d(weights) @ SLOPES.T)


def told(task, n=30):
    runs = Observed(task, 0)
    for weights in SPACE.sample(n, np.random.default_rng(0)):
        one, other = losses(weights)[0]
        tests = {"one": -one, "other": -other, "not counted": float(weights[0])}
        runs.tell(weights, -(one + other) / 2, tests if task.parts else None)
    return runs


def test_exact_laws_are_found_and_their_best_mixture_is_that_of_the_truth():
    laws = fitted_laws(told(Task(SPACE, parts=PARTS)), delta=0.05)
    new = SPACE.sample(200, np.random.default_rng(1))
    predicted, truth = laws.mean(new), losses(new).mean(axis=1)
    assert np.corrcoef(predicted, truth)[0, 1] > 0.9999
    grid = np.random.default_rng(2).dirichlet(np.full(3, 0.7), 20_000)
    best = laws.best(SPACE)
    assert losses(best).mean() <= losses(grid).mean(axis=1).min() + 1e-4
    assert 0.2 < best[0] < 0.8 and best[2] < 0.05
    assert np.abs(laws.best(SPACE, pull=100.0) - 1 / 3).max() < 0.02


def test_one_law_of_the_mean_recommends_a_vertex():
    assert fitted_laws(told(Task(SPACE)), delta=0.05).best(SPACE).max() == pytest.approx(1)


@pytest.mark.parametrize("name", ["olmix", "mixing_law"])
def test_in_a_finite_space_the_best_candidate_is_recommended(name):
    space = MixtureSpace(["a", "b", "c"], candidates=np.random.default_rng(3).dirichlet(np.ones(3), 60))
    method = entry(name).make(Task(space, parts=PARTS), 0)
    for _ in range(30):
        weights = method.ask()
        assert space.contains(weights)
        one, other = losses(weights)[0]
        method.tell(weights, -(one + other) / 2, {"one": -one, "other": -other, "not counted": 0.0})
    best = space.candidates[losses(space.candidates).mean(axis=1).argmin()]
    assert losses(method.recommend().weights).mean() == pytest.approx(losses(best).mean(), abs=0.02)


def test_the_swarm_of_olmix_is_sparse_and_rounded():
    method = entry("olmix").make(Task(MixtureSpace([f"d{i}" for i in range(12)])), 0)
    asked = np.array([method.ask() for _ in range(200)])
    np.testing.assert_allclose(asked.sum(axis=1), 1)
    assert asked[asked > 0].min() > 0.0015 and 0.3 < (asked == 0).mean() < 0.9


def test_scores_that_do_not_vary_are_no_error():
    method = entry("mixing_law").make(Task(SPACE, parts=PARTS), 0)
    for _ in range(4):
        method.tell(method.ask(), 1.0, {"one": 1.0, "other": 1.0, "not counted": 1.0})
    assert SPACE.contains(method.recommend().weights)

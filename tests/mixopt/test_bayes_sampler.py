"""Bayesian search: feasible, deterministic, near the optimum, exact on faces, away from pending trials."""

from dataclasses import dataclass, replace

import numpy as np
import optuna
import pytest

from mixopt.acquisition.candidates import TRACE, drop_traces, global_candidates, local_candidates
from mixopt.acquisition.knowledge_gradient import knowledge_gradient, maximize_mean, next_mixture
from mixopt.models.gp import FittedGP, GPSurrogate
from mixopt.samplers.base import suggest_mixture
from mixopt.samplers.bayes import BayesSampler
from mixopt.space.mixture_space import MixtureSpace
from tests.support.synthetic_objectives import Quadratic, simplex

DOMAINS = [f"d{i}" for i in range(5)]
CUT = MixtureSpace(DOMAINS, lower={"d0": 0.1}, upper={"d2": 0.3}, constraints=["d3 + d4 <= 0.4", "d1 >= 2*d3"])
TIGHT = MixtureSpace(DOMAINS, lower={"d0": 0.1, "d1": 0.2}, upper={"d1": 0.2, "d2": 0.3})
POOL = MixtureSpace(DOMAINS, candidates=simplex(5).sample(30, np.random.default_rng(9)))
SPACES = pytest.mark.parametrize(
    "space", [simplex(5), TIGHT, CUT, POOL], ids=["simplex", "bounds", "constraints", "pool"]
)
NONE = np.empty((0, 5))


def fitted(objective: Quadratic, n: int, noise: float, seed: int = 0) -> FittedGP:
    rng = np.random.default_rng(seed)
    weights = simplex(len(objective.best)).sample(n, rng)
    return GPSurrogate().fit(weights, objective(weights) + noise * rng.normal(size=n))


@SPACES
def test_candidates_are_feasible(space):
    rng = np.random.default_rng(0)
    if space.candidates is None:
        found = global_candidates(space, rng)
        assert space.contains(found).all() and len(found) > 300
        almost = (1 - 1e-10) * space.corners() + 1e-10 * space.uniform()
        points = np.vstack([found[:10], space.corners(), almost])
        for _ in range(20):
            assert space.contains(local_candidates(space, points, rng)).all()


@pytest.mark.parametrize("space", [simplex(5), simplex(17), TIGHT], ids=["5", "17", "bounds"])
def test_a_candidate_has_a_domain_or_it_has_not(space):
    rng = np.random.default_rng(0)
    found = global_candidates(space, rng)
    for points in (found, local_candidates(space, rng.permutation(found)[:50], rng)):
        over = points - space.lower
        assert (over == 0).any(axis=1).mean() > 0.4 and not ((over > 0) & (over < TRACE)).any()


def test_traces_go_to_the_largest_weight_that_has_room():
    mixture, domains = np.array([[0.6998, 0.2, 0.1, 0.0002]]), ["a", "b", "c", "d"]
    assert drop_traces(simplex(4), mixture) == pytest.approx(np.array([[0.7, 0.2, 0.1, 0]]))
    full = MixtureSpace(domains, upper={"a": 0.6998})
    assert drop_traces(full, mixture) == pytest.approx(np.array([[0.6998, 0.2002, 0.1, 0]]))
    little = MixtureSpace(domains, upper={"d": 0.0003})
    assert drop_traces(little, mixture) == pytest.approx(mixture), "most of what it may have"
    needed = MixtureSpace(domains, constraints=["a <= 0.6998", "b <= 2*c", "d >= 0.0001"])
    assert (drop_traces(needed, mixture) == mixture).all(), "a limit would break"


@SPACES
@pytest.mark.parametrize("number", [6, 8])  # a knowledge gradient, and an expected best
def test_next_mixture_is_feasible_and_deterministic(space, number):
    surrogate = fitted(Quadratic.random(5, 3), 20, 0.02)
    found = next_mixture(space, surrogate, NONE, np.random.default_rng(1), number)
    assert space.contains(found)
    assert (found == next_mixture(space, surrogate, NONE, np.random.default_rng(1), number)).all()


@SPACES
def test_next_mixture_keeps_away_from_pending_ones(space):
    surrogate = fitted(Quadratic.random(5, 3), 20, 0.02)
    first = next_mixture(space, surrogate, NONE, np.random.default_rng(1), 6)
    pending = np.repeat(first[None], 2, axis=0)
    assert np.abs(next_mixture(space, surrogate, pending, np.random.default_rng(1), 6) - first).sum() > 0.0099


@SPACES
def test_climb_finds_the_best_of_the_space(space):
    surrogate = fitted(Quadratic.random(5, 4), 25, 0.02)
    best = maximize_mean(space, surrogate, np.random.default_rng(0))
    assert space.contains(best).all()
    others = np.vstack([space.sample(2000, np.random.default_rng(2)), space.vertices()])
    tolerance = 0.002 * np.ptp(surrogate.mean(others))
    assert surrogate.mean(best)[0] >= surrogate.mean(others).max() - tolerance


def test_climb_reaches_a_vertex_and_has_exact_zeros():
    rng = np.random.default_rng(0)
    vertex = Quadratic(np.array([1.5, -0.25, -0.25]), np.eye(3))
    assert maximize_mean(simplex(3), fitted(vertex, 30, 0.001), rng)[0].tolist() == [1, 0, 0]
    face = Quadratic(np.array([0.6, 0.55, -0.15]), np.eye(3))
    optimum = maximize_mean(simplex(3), fitted(face, 30, 0.001), rng)[0]
    assert optimum[2] == 0 and 0 < optimum[0] < 1


@dataclass(frozen=True)
class Exact:
    """A posterior whose mean is the objective itself."""

    objective: Quadratic
    weights: np.ndarray

    def mean(self, weights: np.ndarray) -> np.ndarray:
        return self.objective(weights)


def test_an_optimum_on_a_face_is_found_exactly():
    """The weights of the domains that the optimum leaves out are 0, in nearly all of 40 searches."""
    found = []
    for seed in range(40):
        rng = np.random.default_rng(seed)
        best = np.append(rng.dirichlet(np.full(4, 5.0)) + 0.1, np.full(4, -0.1))  # beyond the face, so that it binds
        best /= best.sum()
        model = Exact(Quadratic(best, np.eye(8)), simplex(8).sample(10, rng))
        optimum = maximize_mean(simplex(8), model, rng)[0]
        found.append(((optimum == 0) == (simplex(8).project(best) == 0)).all())
    assert np.mean(found) >= 0.9


def test_candidates_near_an_inner_mixture_reach_the_border():
    """Some candidates are exactly on a face, though the start is far from all of them."""
    start = np.full((1, 6), 1 / 6)
    found = local_candidates(simplex(6), start, np.random.default_rng(0), each=1000)
    assert (found == 0).any(axis=1).mean() > 0.1


def test_the_knowledge_gradient_is_what_simulation_says():
    """The expected rise of the largest mean, by drawing outcomes of the run and conditioning on each."""
    surrogate = fitted(Quadratic.random(3, 1), 12, 0.05)
    surrogate = replace(surrogate, members=(replace(surrogate.members[0], share=1.0),))  # one: conditioning is exact
    targets = simplex(3).sample(40, np.random.default_rng(1))
    gains = knowledge_gradient(surrogate, targets, targets)
    gain, mixture = gains.max(), targets[gains.argmax()][None]
    mean, covariance = surrogate.joint(np.vstack([targets, mixture]))
    noise = surrogate.noise_at(mixture)[0] ** 2
    outcomes = np.sqrt(covariance[-1, -1] + noise) * np.random.default_rng(2).normal(size=20_000)
    risen = mean[:-1] + outcomes[:, None] * covariance[:-1, -1] / (covariance[-1, -1] + noise)
    assert gain == pytest.approx(risen.max(axis=1).mean() - mean[:-1].max(), rel=0.2)
    assert (gains >= -1e-12).all()


def test_asks_close_in_on_the_optimum():
    objective, rng = Quadratic(np.array([0.6, 0.3, 0.1, 0.0]), np.eye(4)), np.random.default_rng(0)
    weights = np.vstack([np.eye(4), np.full((1, 4), 0.25)])
    values = objective(weights) + 0.02 * rng.normal(size=len(weights))
    for number in range(5, 11):
        surrogate = GPSurrogate().fit(weights, values)
        asked = next_mixture(simplex(4), surrogate, NONE[:, :4], rng, number)[None]
        weights, values = np.vstack([weights, asked]), np.append(values, objective(asked) + 0.02 * rng.normal())
    seed_regret, asked_regret = (objective.level - objective(part).max() for part in (weights[:5], weights[5:]))
    assert asked_regret < 0.1 * seed_regret


def test_where_trials_fail_nothing_is_proposed():
    """The best corner crashes every trainer; the search goes elsewhere after a few, and finds the best that trains."""
    space = MixtureSpace(["a", "b", "c"])
    study = optuna.create_study(direction="maximize", sampler=BayesSampler(space))
    failed = 0
    for _ in range(30):
        trial = study.ask()
        weights = suggest_mixture(trial, space)
        if weights["a"] > 0.8:
            study.tell(trial, state=optuna.trial.TrialState.FAIL)
            failed += 1
        else:
            study.tell(trial, weights["a"])
    assert failed <= 12 and study.best_value > 0.6


@pytest.mark.parametrize("m", [2, 3, 4, 5, 8])
def test_start_mixtures_are_all_different(m):
    space = simplex(m)
    study = optuna.create_study(sampler=BayesSampler(space, seed=1))
    asked = np.array([list(suggest_mixture(study.ask(), space).values()) for _ in range(8)])
    assert len(np.unique(asked.round(6), axis=0)) == 8


def test_start_mixtures_differ_in_a_small_space_too():
    space = MixtureSpace(DOMAINS, upper={"d2": 0.1}, constraints=["d0 + d1 <= 0.1"])
    study = optuna.create_study(sampler=BayesSampler(space))
    asked = np.array([list(suggest_mixture(study.ask(), space).values()) for _ in range(4)])
    assert len(np.unique(asked.round(6), axis=0)) == 4 and space.contains(asked).all()


def test_a_pool_that_is_all_tried_is_gone_on_with_at_its_best():
    pool = np.array([[0.9, 0.1], [0.7, 0.3], [0.5, 0.5], [0.3, 0.7], [0.1, 0.9]])
    surrogate = GPSurrogate().fit(pool, -((pool[:, 0] - 0.7) ** 2))
    space = MixtureSpace(["a", "b"], candidates=pool)
    again = [tuple(next_mixture(space, surrogate, NONE[:, :2], np.random.default_rng(n), n)) for n in range(6, 12)]
    assert set(again) <= {(0.9, 0.1), (0.7, 0.3), (0.5, 0.5)} and again.count((0.7, 0.3)) >= 3


def test_spread_fills_a_space_that_its_corners_do_not_span():
    space = MixtureSpace(["a", "b", "c"], lower={"a": 0.2}, upper={"a": 0.6})
    found = global_candidates(space, np.random.default_rng(0))
    for vertex in space.vertices():
        assert np.abs(found - vertex).sum(axis=1).min() < 0.2

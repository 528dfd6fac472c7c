"""The space within bounds: what is refused, and that projections, draws and vertices are on it."""

import numpy as np
import pytest
from hypothesis import given, strategies as st
from hypothesis.extra.numpy import arrays
from scipy.optimize import minimize

from mixopt.errors import SpaceError, WeightsError
from mixopt.space.bounded import BoundedSimplex
from mixopt.space.mixture_space import MixtureSpace


@st.composite
def spaces(draw: st.DrawFn) -> MixtureSpace:
    """2 to 7 domains with bounds round a mixture that is feasible by construction."""
    m = draw(st.integers(2, 7))
    share = st.floats(0, 1).map(lambda x: round(x, 3))
    inside = np.random.default_rng(draw(st.integers(0, 999))).dirichlet(np.ones(m))
    names = [f"d{i}" for i in range(m)]
    lower = {name: w * draw(share) for name, w in zip(names, inside) if draw(st.booleans())}
    upper = {name: w + (1 - w) * draw(share) for name, w in zip(names, inside) if draw(st.booleans())}
    if sum(upper.get(name, 1.0) for name in names) < 1:
        upper = {}
    return MixtureSpace(names, lower, upper)


SPACES = spaces()
ABC = ["a", "b", "c"]


@pytest.mark.parametrize(
    ("domains", "lower", "upper", "names"),
    [
        (["a"], {}, {}, "at least 2"),
        ([f"d{i}" for i in range(65)], {}, {}, "at most 64"),
        (["a", "a"], {}, {}, "'a' is named twice"),
        (ABC, {"d": 0.1}, {}, "unknown domain 'd'"),
        (ABC, {"a": float("nan")}, {}, "'a' is nan"),
        (ABC, {}, {"b": 1.1}, "'b' is 1.1"),
        (ABC, {}, {"b": "half"}, "'b' is 'half': give a number"),
        ([1, 2], {}, {}, "domain 1 is not text: name it as in '1'"),
        (ABC, {"a": 0.5}, {"a": 0.4}, "'a' has lower 0.5 above its upper 0.4"),
        (ABC, {"a": 0.6, "b": 0.6}, {}, "sum to 1.2, above 1"),
        (ABC, dict.fromkeys(ABC, 0.0), dict.fromkeys(ABC, 0.3), "sum to 0.9, below 1"),
    ],
)
def test_bounds_that_cannot_hold(domains, lower, upper, names):
    with pytest.raises(SpaceError, match=names):
        MixtureSpace(domains, lower, upper)


def test_bounds_that_leave_one_mixture():
    space = MixtureSpace(ABC, lower={"a": 0.34, "b": 0.33, "c": 0.33})
    assert np.allclose(space.sample(3, np.random.default_rng(0)), [0.34, 0.33, 0.33])
    assert np.allclose(space.vertices(), [[0.34, 0.33, 0.33]])


@given(SPACES, st.data())
def test_projection_is_on_the_space_and_nearest(space, data):
    point = data.draw(arrays(float, space.m, elements=st.floats(-10, 10)))
    nearest = space.project(point)
    assert (nearest >= space.lower).all() and (nearest <= space.upper).all()
    assert abs(nearest.sum() - 1) < 1e-12
    assert np.allclose(space.project(nearest), nearest, atol=1e-14)
    others = space.sample(50, np.random.default_rng(0))
    assert ((others - nearest) @ (point - nearest) < 1e-9).all()  # the obtuse angle of a projection on a convex set


def test_projection_agrees_with_a_general_solver():
    space = MixtureSpace(["a", "b", "c", "d"], lower={"a": 0.1}, upper={"b": 0.3})
    point = np.array([-0.2, 0.9, 0.35, 0.1])
    solved = minimize(
        lambda w: ((w - point) ** 2).sum(),
        space.uniform(),
        bounds=list(zip(space.lower, space.upper)),
        constraints={"type": "eq", "fun": lambda w: w.sum() - 1},
        options={"ftol": 1e-14},
    )
    assert np.allclose(space.project(point), solved.x, atol=1e-6)


def test_projection_has_exact_zeros_and_keeps_rows_apart():
    space = MixtureSpace(ABC)
    assert space.project(np.array([0.9, 0.4, -0.5])).tolist() == [0.75, 0.25, 0.0]
    points = np.random.default_rng(0).normal(size=(20, 3))
    assert (space.project(points) == np.stack([space.project(point) for point in points])).all()


@given(SPACES, st.integers(1, 200), st.integers(0, 99))
def test_draws_are_contained(space, n, seed):
    draws = space.sample(n, np.random.default_rng(seed))
    assert draws.shape == (n, space.m)
    assert space.contains(draws, atol=1e-12).all()
    assert (draws == space.sample(n, np.random.default_rng(seed))).all()


def test_both_ways_to_draw_agree():
    """Rejection is exact; the chains must have its moments."""
    space = MixtureSpace(list("abcde"), lower={"a": 0.1}, upper={"b": 0.2, "c": 0.5})
    rejected = space.sample(4000, np.random.default_rng(0))
    chains = BoundedSimplex(space.lower, space.upper).gibbs_sample(4000, np.random.default_rng(1))
    assert np.allclose(rejected.mean(axis=0), chains.mean(axis=0), atol=0.01)
    assert np.allclose(np.cov(rejected.T), np.cov(chains.T), atol=0.0015)


def test_draws_under_tight_upper_bounds():
    names = [f"d{i}" for i in range(17)]
    space = MixtureSpace(names, upper=dict.fromkeys(names, 0.08))
    assert space.contains(space.sample(100, np.random.default_rng(0))).all()


@given(SPACES)
def test_vertices_are_extreme_and_span_the_space(space):
    vertices = space.vertices()
    assert space.contains(vertices).all()
    at_bound = (np.abs(vertices - space.lower) < 1e-9) | (np.abs(vertices - space.upper) < 1e-9)
    assert (at_bound.sum(axis=1) >= space.m - 1).all()
    directions = np.random.default_rng(0).normal(size=(5, space.m))
    draws = space.sample(200, np.random.default_rng(1))
    assert ((draws @ directions.T).max(axis=0) <= (vertices @ directions.T).max(axis=0) + 1e-9).all()


def test_vertices_of_known_polytopes():
    assert sorted(MixtureSpace(ABC).vertices().tolist()) == sorted(np.eye(3).tolist())
    halves = MixtureSpace(ABC, upper=dict.fromkeys(ABC, 0.5)).vertices()
    assert sorted(halves.tolist()) == [[0.0, 0.5, 0.5], [0.5, 0.0, 0.5], [0.5, 0.5, 0.0]]


def test_too_many_vertices_are_refused():
    names = [f"d{i}" for i in range(64)]
    with pytest.raises(SpaceError, match=r"use corners\(\) instead"):
        MixtureSpace(names, upper=dict.fromkeys(names, 0.05)).vertices()


@given(SPACES)
def test_corners_are_vertices_with_the_most_and_the_least(space):
    corners, vertices = space.corners(), space.vertices()
    assert np.allclose(corners.max(axis=0), vertices.max(axis=0), atol=1e-12)
    assert np.allclose(corners.min(axis=0), vertices.min(axis=0), atol=1e-12)
    assert (np.abs(corners[:, None] - vertices).max(axis=2).min(axis=1) < 1e-9).all()
    assert len(np.unique(corners.round(9), axis=0)) == len(corners) <= 2 * space.m


@given(SPACES, st.integers(0, 99))
def test_reach_ends_on_the_edge(space, seed):
    rng = np.random.default_rng(seed)
    weights, ends = space.sample(20, rng), space.sample(20, rng)
    t = space.reach(weights, ends - weights)
    moves = np.isfinite(t)
    assert (t[moves] >= 1 - 1e-9).all()
    at = (weights + t[:, None] * (ends - weights))[moves]
    assert space.contains(at).all()
    assert not space.contains(at + 1e-4 * (ends - weights)[moves] / np.abs(ends - weights)[moves].max(), 1e-12).any()
    assert space.reach(space.uniform()[None], np.zeros((1, space.m))) == np.inf


def test_dict_and_array_are_inverse():
    space = MixtureSpace(ABC, lower={"a": 0.2})
    weights = space.as_dict(space.project(np.array([0.0, 0.3, 0.9])))
    assert all(type(weight) is float for weight in weights.values())
    assert space.as_dict(space.as_array(weights)) == weights
    assert space.as_array(dict(reversed(weights.items()))).tolist() == list(weights.values())


@pytest.mark.parametrize(
    ("weights", "names"),
    [
        ({"a": 0.5, "b": 0.5}, "'c' has no weight"),
        ({"a": 0.5, "b": 0.5, "c": 0.0, "d": 0.0}, "unknown domain 'd'"),
        ({"a": 0.5, "b": float("inf"), "c": 0.0}, "'b' has weight inf"),
        ({"a": 0.5, "b": 0.6, "c": 0.0}, "sum to 1.1"),
        ({"a": 0.1, "b": 0.9, "c": 0.0}, "'a' has weight 0.1 outside its bounds"),
    ],
)
def sum_of_tests_that_are_not_on_the_space(weights, names):
    with pytest.raises(WeightsError, match=names):
        MixtureSpace(ABC, lower={"a": 0.2}).as_array(weights)


def test_identity():
    space = MixtureSpace(ABC, lower={"a": 0.2})
    assert space == MixtureSpace(tuple(ABC), {"a": 0.2}, {"b": 1.0}) and hash(space) == hash(eval(repr(space)))
    assert space != MixtureSpace(ABC) and space != MixtureSpace(["b", "a", "c"], {"a": 0.2})
    assert repr(space) == "MixtureSpace(['a', 'b', 'c'], lower={'a': 0.2})"
    with pytest.raises(ValueError, match="read-only"):
        space.lower[0] = 0.5

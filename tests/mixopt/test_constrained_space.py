"""The space under linear constraints: what can be written, what is refused, and the geometry of what is left."""

import time

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import arrays

from mixopt.errors import SpaceError, WeightsError
from mixopt.space.bounded import BoundedSimplex
from mixopt.space.mixture_space import MixtureSpace
from mixopt.space.polytope import Polytope
from tests.support.constrained_spaces import constrained_spaces

ABC = ["a", "b", "c-2", "d.x"]


@pytest.mark.parametrize(
    ("constraint", "row", "most"),
    [
        ("a + b <= 0.5", [1, 1, 0, 0], 0.5),
        ("2*a - c-2 >= 0.1", [-1, 0, 0.5, 0], -0.05),
        ("a <= b", [1, -1, 0, 0], 0),
        ("0.2 <= c-2", [0, 0, -1, 0], -0.2),
        ("2 d.x<=1e-1 + a", [-0.5, 0, 0, 1], 0.05),
        ("-a - .5b <= -.25 + 0.5 b", [-1, -1, 0, 0], -0.25),
    ],
)
def test_constraints_are_read(constraint, row, most):
    if ".5b" in constraint:  # a number needs its end
        with pytest.raises(SpaceError, match=r"cannot be read at '- \.5b"):
            MixtureSpace(ABC, constraints=[constraint])
        constraint = constraint.replace(".5b", ".5 b")
    a, b = MixtureSpace(ABC, constraints=[constraint]).inequalities
    assert a.tolist() == [row] and b.tolist() == [pytest.approx(most)]


@pytest.mark.parametrize(
    ("constraint", "said"),
    [
        ("a + e <= 0.5", "cannot be read at '+ e': give sums of domains"),
        ("a-b <= 0.5", "spaces around a minus"),
        ("a = 0.5", "must have one <= or >="),
        ("0 <= a <= 0.5", "must have one <= or >="),
        ("a <= ", "cannot be read at ''"),
        ("a b <= 0.5", "cannot be read at 'b'"),
        ("a <= a", "finite, nonzero coefficient"),
        ("1e999 a <= 1", "finite, nonzero coefficient"),
        ("a * b <= 0.5", "cannot be read at '* b'"),
        (0.5, "must be text"),
    ],
)
def test_what_cannot_be_read_is_said(constraint, said):
    with pytest.raises(SpaceError) as caught:
        MixtureSpace(ABC, constraints=[constraint])
    assert said in str(caught.value) and repr(constraint) in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"constraints": ["a >= 0.6", "d.x <= 0.9", "b >= 0.6"]}, "'a >= 0.6' and 'b >= 0.6': loosen one of them"),
        ({"constraints": ["a + b <= 0.9", "a >= 0.3"], "upper": {"a": 0.2}}, "satisfies 'a >= 0.3': loosen it, or the"),
    ],
)
def test_limits_that_clash_are_named(limits, said):
    with pytest.raises(SpaceError, match=said):
        MixtureSpace(ABC, **limits)


def test_a_broken_constraint_is_named():
    space = MixtureSpace(ABC, constraints=["a + b <= 0.5"])
    assert space.as_array(dict(zip(ABC, (0.2, 0.3, 0.5, 0.0)))).tolist() == [0.2, 0.3, 0.5, 0.0]
    with pytest.raises(WeightsError, match=r"break the constraint 'a \+ b <= 0.5'"):
        space.as_array(dict(zip(ABC, (0.3, 0.3, 0.4, 0.0))))


def test_identity():
    space = MixtureSpace(ABC, constraints=["a + b <= 0.5"])
    assert eval(repr(space)) == space and hash(eval(repr(space))) == hash(space)
    assert space == MixtureSpace(ABC, constraints=["0.5 >= b + a"]) and space != MixtureSpace(ABC)


def test_constraints_that_leave_one_mixture():
    space = MixtureSpace(ABC, constraints=[f"{name} >= 0.25" for name in ABC])
    only = np.full((1, 4), 0.25)
    rng = np.random.default_rng(0)
    for found in (space.sample(3, rng), space.vertices(), space.corners(), space.project(np.eye(4) * 9 - 4)):
        assert np.allclose(found, only, atol=1e-12)
    assert space.reach(only, np.array([[1.0, -1.0, 0.0, 0.0]])) == 0


def test_constraints_that_are_equalities():
    space = MixtureSpace(ABC, constraints=["a <= b", "a >= b"])
    draws = space.sample(100, np.random.default_rng(0))
    assert space.contains(draws).all() and np.ptp(draws[:, 0]) > 0.2
    assert sorted(space.vertices().tolist()) == [[0, 0, 0, 1], [0, 0, 1, 0], [0.5, 0.5, 0, 0]]


@settings(deadline=None, max_examples=40)
@given(constrained_spaces(), st.data())
def test_projection_is_on_the_space_and_nearest(space, data):
    scale = data.draw(st.sampled_from([0.3, 3.0, 300.0]))
    points = scale * data.draw(arrays(float, (5, space.m), elements=st.floats(-1, 1)))
    nearest = space.project(points)
    assert space.contains(nearest, 1e-9).all()
    assert ((nearest >= space.lower) & (nearest <= space.upper)).all()
    assert (np.abs(nearest.sum(axis=1) - 1) < 1e-12).all()
    assert np.allclose(space.project(nearest), nearest, atol=1e-9)
    others = np.vstack([space.sample(20, np.random.default_rng(0)), space.uniform()])
    obtuse = (others[None] - nearest[:, None]) @ (points - nearest)[:, :, None]  # of a projection on a convex set
    assert (obtuse <= 1e-7 * max(1.0, scale)).all()


def test_projection_at_64_domains_is_quick():
    rng = np.random.default_rng(0)
    names = [f"d{i}" for i in range(64)]
    groups = [" + ".join(rng.choice(names, 20, replace=False)) + " <= 0.2" for _ in range(4)]
    space = MixtureSpace(names, upper={"d0": 0.1}, constraints=groups)
    points = np.vstack([rng.dirichlet(np.full(64, 0.1), 100), rng.normal(size=(100, 64))])
    space.project(points[:1])  # solves what is kept
    start = time.process_time()
    assert space.contains(space.project(points), 1e-10).all()
    assert time.process_time() - start < 1


@settings(deadline=None, max_examples=40)
@given(constrained_spaces(most=20), st.integers(0, 99))
def test_draws_are_contained(space, seed):
    draws = space.sample(30, np.random.default_rng(seed))
    assert draws.shape == (30, space.m) and space.contains(draws, 1e-9).all()
    assert (draws == space.sample(30, np.random.default_rng(seed))).all()


@pytest.mark.parametrize("constraints", [["a + b <= 0.5", "2*a - d.x >= 0.1"], ["a + b <= 2*d.x", "c-2 >= d.x"]])
def test_chains_agree_with_rejection(constraints):
    space = MixtureSpace(ABC, upper={"c-2": 0.6}, constraints=constraints)
    polytope = Polytope(BoundedSimplex(space.lower, space.upper), *space.inequalities)
    rejected = space.sample(4000, np.random.default_rng(0))
    chains = polytope.hit_and_run_sample(4000, np.random.default_rng(1))
    assert np.allclose(rejected.mean(axis=0), chains.mean(axis=0), atol=0.01)
    assert np.allclose(np.cov(rejected.T), np.cov(chains.T), atol=0.0015)


def test_draws_from_a_thin_slice_have_its_moments():
    """With w_0 and w_1 nearly equal, their sum is close to Beta(1, m - 2)."""
    m = 12
    names = [f"d{i}" for i in range(m)]
    space = MixtureSpace(names, constraints=["d0 - d1 <= 1e-4", "d1 - d0 <= 1e-4"])
    draws = space.sample(2000, np.random.default_rng(0))
    assert space.contains(draws).all()
    assert (draws[:, 0] + draws[:, 1]).mean() * (m - 1) == pytest.approx(1, abs=0.1)


@settings(deadline=None, max_examples=40)
@given(constrained_spaces(most=8))
def test_vertices_are_extreme_and_span_the_space(space):
    vertices = space.vertices()
    a, b = space.inequalities
    assert space.contains(vertices).all()
    at_face = np.hstack([vertices <= space.lower + 1e-8, vertices >= space.upper - 1e-8, vertices @ a.T >= b - 1e-8])
    assert (at_face.sum(axis=1) >= space.m - 1).all()
    directions = np.random.default_rng(0).normal(size=(5, space.m))
    draws = space.sample(50, np.random.default_rng(1))
    assert ((draws @ directions.T).max(axis=0) <= (vertices @ directions.T).max(axis=0) + 1e-7).all()


@settings(deadline=None, max_examples=40)
@given(constrained_spaces(most=8))
def test_corners_are_vertices_with_the_most_and_the_least(space):
    corners, vertices = space.corners(), space.vertices()
    assert space.contains(corners).all()
    assert np.allclose(corners.max(axis=0), vertices.max(axis=0), atol=1e-7)
    assert np.allclose(corners.min(axis=0), vertices.min(axis=0), atol=1e-7)


@settings(deadline=None, max_examples=40)
@given(constrained_spaces(most=20), st.integers(0, 99))
def test_reach_ends_on_the_edge(space, seed):
    rng = np.random.default_rng(seed)
    weights = space.sample(10, rng)
    directions = rng.normal(size=weights.shape)
    directions -= directions.mean(axis=1, keepdims=True)
    t = space.reach(weights, directions)
    assert space.contains(weights + t[:, None] * directions, 1e-8).all()
    assert not space.contains(weights + (t[:, None] + 1e-4) * directions, 1e-9).any()


def test_too_many_vertices_are_refused():
    rng = np.random.default_rng(0)
    names = [f"d{i}" for i in range(64)]
    groups = [" + ".join(rng.choice(names, 32, replace=False)) + " <= 0.55" for _ in range(4)]
    with pytest.raises(SpaceError, match=r"use corners\(\) instead"):
        MixtureSpace(names, constraints=groups).vertices()

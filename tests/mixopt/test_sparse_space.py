"""The space with at most k domains in a mixture and a least share of each: geometry, refusals, and what people type."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from mixopt.designs.seeds import seed_design
from mixopt.errors import SpaceError, WeightsError
from mixopt.space.bounded import BoundedSimplex
from mixopt.space.mixture_space import MixtureSpace
from mixopt.space.sparse_simplex import SparseSimplex
from tests.support.sparse_spaces import check_sparse, sparse_spaces

ABCD = ["a", "b", "c", "d"]
KINDS = ["single", "exclude_one", "all", "centroid", {"space_filling": 8}, {"d_optimal": 6}]


@given(sparse_spaces(), st.integers(0, 9999))
@settings(deadline=None, max_examples=60)
def test_all_that_a_space_gives_is_in_it(space, seed):
    rng = np.random.default_rng(seed)
    points = np.vstack([rng.dirichlet(np.full(space.m, a), 4) for a in (0.1, 1.0, 5.0)])
    check_sparse(space, space.project(np.vstack([points, rng.normal(size=(4, space.m))])))
    check_sparse(space, space.near(space.convex.sample(20, rng)))
    check_sparse(space, space.sample(30, rng))
    check_sparse(space, space.corners())
    check_sparse(space, space.uniform()[None])


@pytest.mark.parametrize("constraints", [(), ("d0 + d1 >= 0.3", "d2 <= d3")])
def test_64_domains(constraints):
    space = MixtureSpace(
        [f"d{i}" for i in range(64)],
        lower={"d7": 0.1},
        upper={"d9": 0.2},
        constraints=constraints,
        at_most=5,
        least_share=0.04,
    )
    rng = np.random.default_rng(0)
    check_sparse(space, space.near(space.convex.sample(200, rng)))
    check_sparse(space, space.project(rng.dirichlet(np.ones(64), 5)))
    check_sparse(space, space.sample(100, rng))


def nearest(region, point):
    """The distance to the nearest mixture, by enumeration of all supports."""
    free = np.flatnonzero(~region.forced & (region.upper > 0))
    found = []
    for chosen in (c for size in range(region.most + 1) for c in combinations(free, size)):
        support = region.forced.copy()
        support[list(chosen)] = True
        face = region.face(support)
        if support.sum() <= region.most and face.lower.sum() <= 1 <= face.upper.sum() + 1e-12:
            found.append(np.linalg.norm(face.project(point[None])[0] - point))
    return min(found)


@given(
    st.sampled_from([3, 5, 8]), st.sampled_from([1, 2, 3, 8]), st.sampled_from([0.0, 0.05, 0.2]), st.integers(0, 9999)
)
@settings(deadline=None, max_examples=60)
def test_projection_is_the_nearest_mixture_where_bounds_are_alike(m, at_most, least, seed):
    region = SparseSimplex(BoundedSimplex(np.zeros(m), np.ones(m)), min(at_most, m), least)
    rng = np.random.default_rng(seed)
    for point in np.vstack([rng.dirichlet(np.full(m, 0.7), 3), rng.normal(size=(2, m))]):
        away = np.linalg.norm(region.project(point[None])[0] - point)
        assert away == pytest.approx(nearest(region, point), abs=1e-9)


def test_projection_is_the_nearest_of_few_supports_where_bounds_differ_and_moving_near_is_nearly_so():
    region = SparseSimplex(
        BoundedSimplex(np.array([0, 0, 0.1, 0, 0, 0]), np.array([0.3, 1, 0.5, 0.4, 1, 0.2])), 3, 0.05
    )
    points = np.random.default_rng(0).dirichlet(np.full(6, 0.7), 200)
    least = np.array([nearest(region, point) for point in points])
    assert np.linalg.norm(region.project(points) - points, axis=1) == pytest.approx(least, abs=1e-9)
    gaps = np.linalg.norm(region.near(points) - points, axis=1) - least
    assert (gaps > -1e-9).all() and (gaps < 1e-9).mean() > 0.9 and gaps.max() < 0.1


def test_known_mixtures():
    space = MixtureSpace(ABCD, at_most=2, least_share=0.2)
    assert space.project([0.5, 0.3, 0.15, 0.05]) == pytest.approx([0.6, 0.4, 0, 0])
    assert space.project([0.95, 0.05, 0, 0]).tolist() == [1, 0, 0, 0]
    assert space.uniform().tolist() == [0.5, 0.5, 0, 0]
    forced = MixtureSpace(ABCD, lower={"d": 0.01}, at_most=2, least_share=0.2)
    assert forced.project([0.5, 0.3, 0.2, 0.0]) == pytest.approx([0.75, 0, 0, 0.25])
    assert len(MixtureSpace(ABCD, at_most=2).vertices()) == 4
    assert len(space.vertices()) == 4 + 4 * 3  # each domain alone, and .8 and .2 of two


def test_draws_have_all_numbers_of_domains_and_all_domains():
    space = MixtureSpace([f"d{i}" for i in range(8)], at_most=3, least_share=0.1)
    draws = space.sample(600, np.random.default_rng(0))
    assert set(np.bincount((draws > 0).sum(axis=1))[1:] // 100) <= {1, 2} and (draws > 0).any(axis=0).all()


@given(sparse_spaces(), st.integers(0, 9999))
@settings(deadline=None, max_examples=40)
def test_reach_ends_on_the_edge_of_the_same_domains(space, seed):
    rng = np.random.default_rng(seed)
    start = space.sample(10, rng)
    direction = rng.normal(size=start.shape) * (start > 0)
    direction -= (start > 0) * direction.sum(axis=1, keepdims=True) / (start > 0).sum(axis=1, keepdims=True)
    direction[(start > 0).sum(axis=1) == 1] = 0
    reach = space.reach(start, direction)
    step = np.where(np.isfinite(reach), reach, 0)[:, None] * direction
    assert space.contains(start + step, 1e-8).all() and space.contains(start + step / 2, 1e-8).all()


@given(sparse_spaces(sizes=(3, 8)))
@settings(deadline=None, max_examples=15)
def test_seed_designs_are_in_the_space(space):
    check_sparse(space, seed_design(space, KINDS).weights)


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        ({"at_most": 0}, "at_most is 0: give a whole number from 1 to 4"),
        ({"at_most": 5}, "at_most is 5: give a whole number from 1 to 4"),
        ({"at_most": 2.5}, "at_most is 2.5: give a whole number"),
        ({"at_most": True}, "at_most is True: give a whole number"),
        ({"least_share": -0.1}, "least_share is -0.1: give a number from 0 to 1"),
        ({"least_share": float("nan")}, "least_share is nan: give a number from 0 to 1"),
        ({"least_share": "0.1"}, "least_share is '0.1': give a number from 0 to 1"),
        (
            {"at_most": 4, "least_share": 0.3},
            "at_most 4 domains with a least_share of 0.3 make 1.2, above 1: lower at_most to 3, or least_share to 0.25",
        ),
        (
            {"upper": {"b": 0.03}, "least_share": 0.05},
            "domain 'b' has upper 0.03 below the least_share 0.05: raise it, lower least_share, or set upper to 0",
        ),
        (
            {"lower": {"a": 0.1, "b": 0.1, "c": 0.1}, "at_most": 2},
            "3 domains have a lower bound above 0 (a, b, c) and at_most is 2: raise at_most to 3, or set a lower bound",
        ),
        (
            {"lower": {"a": 0.1, "b": 0.1, "c": 0.1}, "least_share": 0.4},
            "the domains with a lower bound (a, b, c) need 1.2 with a least_share of 0.4, above 1: lower least_share",
        ),
        (
            {"upper": dict.fromkeys(ABCD, 0.3), "at_most": 3},
            "at_most 3 and least_share 0 leave at most 3 domains, whose upper bounds sum to less than 1: raise at_most "
            "to 4",
        ),
        (
            {"constraints": ["a >= 0.2", "b >= 0.2"], "at_most": 1},
            "no mixture with at_most 1 and least_share 0 satisfies 'a >= 0.2' and 'b >= 0.2': raise at_most, lower",
        ),
        (
            {"constraints": ["a + b <= 0.9", "a + b >= 0.85"], "least_share": 0.2},
            "with at_most 4 and least_share 0.2 satisfies 'a + b <= 0.9' and 'a + b >= 0.85': raise at_most, lower",
        ),
        (
            {"candidates": [[0.5, 0.5, 0, 0], [0.4, 0.3, 0.3, 0]], "at_most": 2},
            "candidate 2: the weights use 3 domains (a, b, c), above at_most 2",
        ),
    ],
)
def test_limits_that_cannot_hold(limits, said):
    with pytest.raises(SpaceError) as caught:
        MixtureSpace(ABCD, **limits)
    assert said in str(caught.value) and "\n" not in str(caught.value)


def sum_of_tests_that_people_type_are_checked():
    space = MixtureSpace(ABCD, at_most=2, least_share=0.1)
    assert space.as_array(dict(zip(ABCD, (0.9, 0.1, 0, 0)))).tolist() == [0.9, 0.1, 0, 0]
    with pytest.raises(WeightsError, match=r"use 3 domains \(a, b, c\), above at_most 2: drop some"):
        space.as_array(dict(zip(ABCD, (0.5, 0.3, 0.2, 0))))
    with pytest.raises(WeightsError, match=r"domain 'b' has weight 0.05 below the least_share 0.1: give it more, or 0"):
        space.as_array(dict(zip(ABCD, (0.95, 0.05, 0, 0))))


def test_identity():
    space = MixtureSpace(ABCD, upper={"a": 0.5}, at_most=2, least_share=0.1)
    assert eval(repr(space)) == space != MixtureSpace(ABCD, upper={"a": 0.5}, at_most=2)
    assert space.convex == MixtureSpace(ABCD, upper={"a": 0.5}) and space.convex.convex is space.convex
    assert MixtureSpace(ABCD, at_most=4) == MixtureSpace(ABCD) and (space.at_most, space.least_share) == (2, 0.1)

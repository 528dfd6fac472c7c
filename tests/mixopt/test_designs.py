"""Seed designs: size, labels, limits of the space, and that the optimal ones are."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from mixopt.designs import KINDS, NUMBERED, seed_design
from mixopt.designs.d_optimal import RIDGE, best_subset
from mixopt.errors import StrategyError
from mixopt.space.mixture_space import MixtureSpace
from tests.support import modomodo
from tests.support.constrained_spaces import constrained_spaces

FULL = ("single", "exclude_one", "all")
SIZES = {"a": 100, "b": 400, "c": 900}


def scheffe(weights):
    """The features [w_i, w_i w_j]."""
    i, j = np.triu_indices(weights.shape[1], 1)
    return np.hstack([weights, weights[:, i] * weights[:, j]])


def log_det(weights):
    features = scheffe(weights)
    return np.linalg.slogdet(features.T @ features + RIDGE * np.eye(features.shape[1]))[1]


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


def test_lattice_centroid_and_sizes():
    space = MixtureSpace(list("abc"))
    lattice = seed_design(space, [{"lattice": 4}])
    assert len(lattice) == 15 and (lattice.weights * 4 == (lattice.weights * 4).round()).all()
    assert sorted(seed_design(space, ["lattice"]).weights.sum(axis=0)) == [2, 2, 2]
    centroid = seed_design(space, ["centroid"])
    assert len(centroid) == 7 and centroid.labels[-1] == "centroid:a+b+c"
    assert len(seed_design(MixtureSpace([f"d{i}" for i in range(7)]), ["centroid"])) == 7 + 21 + 35
    by_size = seed_design(space, ["proportional", "tempered"], sizes=SIZES)
    assert np.allclose(by_size.weights, [[1 / 14, 4 / 14, 9 / 14], [1 / 6, 2 / 6, 3 / 6]])


def test_space_filling_keeps_its_distance():
    space = MixtureSpace(list("abcde"))
    design = seed_design(space, ["single", "all", {"space_filling": 12}])
    assert len(design) == 18
    roots = np.sqrt(design.weights)
    gaps = np.linalg.norm(roots[:, None] - roots, axis=2) + 9 * np.eye(18)
    draws = np.sqrt(space.sample(18, np.random.default_rng(0)))
    at_random = np.linalg.norm(draws[:, None] - draws, axis=2) + 9 * np.eye(18)
    assert gaps.min() > 0.35 > at_random.min()
    assert (design.weights[6:] == 0).any()


@pytest.mark.parametrize("m", [3, 4, 6])
def test_d_optimal_finds_scheffes_lattice(m):
    """With as many mixtures as the quadratic has terms the {m, 2} lattice is D-optimal (Kiefer 1961)."""
    space = MixtureSpace([f"d{i}" for i in range(m)])
    found = seed_design(space, [{"d_optimal": m * (m + 1) // 2}]).weights
    lattice = seed_design(space, ["lattice"]).weights
    assert sorted(found.tolist()) == sorted(lattice.tolist())


def test_no_single_exchange_improves_a_d_optimal_subset():
    points = np.random.default_rng(0).dirichlet(np.ones(4), 40)
    chosen = best_subset(points, 8, points[:0], quadratic=True)
    best = log_det(points[chosen])
    for old in range(8):
        for new in set(range(40)) - set(chosen):
            assert log_det(points[[*chosen[:old], *chosen[old + 1 :], new]]) <= best + 1e-4


def test_a_budget_keeps_the_uniform_mixture_and_the_most_telling_others():
    space = MixtureSpace([f"d{i}" for i in range(17)])
    design = seed_design(space, FULL, budget=20)
    assert len(design) == 20 and design.labels[-1] == "all"
    assert np.linalg.matrix_rank(design.weights) == 17
    assert seed_design(space, FULL, budget=1).labels == ("all",)
    assert seed_design(space, FULL, budget=99).labels == seed_design(space, FULL).labels


@settings(deadline=None, max_examples=12)
@given(constrained_spaces(most=12), st.integers(1, 12), st.integers(0, 9))
def test_designs_are_on_the_space_and_distinct(space, budget, seed):
    sizes = {name: 10 + i for i, name in enumerate(space.domains)}
    kinds = [*FULL, "proportional", "tempered", {"space_filling": 5}, {"d_optimal": 5}]
    for most in (None, budget):
        design = seed_design(space, kinds, sizes=sizes, budget=most, seed=seed)
        assert space.contains(design.weights).all()
        assert len(np.unique(design.weights.round(9), axis=0)) == len(design) == len(set(design.labels))
        assert most is None or len(design) <= most
        again = seed_design(space, kinds, sizes=sizes, budget=most, seed=seed)
        assert (again.weights == design.weights).all()


def test_a_finite_space_gives_what_it_has():
    space = MixtureSpace(list("abc"), candidates=np.random.default_rng(0).dirichlet(np.ones(3), 6))
    for kind in (*FULL, {"space_filling": 10}, {"d_optimal": 10}, {"d_optimal": 4}):
        assert space.contains(seed_design(space, [kind]).weights).all()
    assert len(seed_design(space, ["all", {"space_filling": 10}])) == 6
    assert len(seed_design(space, ["all", {"d_optimal": 10}])) == 6


NAMES = "{d_optimal: NUMBER} (NUMBER is 1 or more, and whole)"


@pytest.mark.parametrize(
    ("kinds", "limits", "said"),
    [
        ((), {}, "choose from"),
        (("single", "pairs"), {}, "'pairs': choose from"),
        (("space_filling",), {}, "{space_filling: NUMBER}"),
        (({"single": 3},), {}, "choose from"),
        (("proportional",), {}, "needs the number of examples"),
        (("all",), {"budget": 0}, "budget of 1 or more"),
        (({"lattice": 90},), {}, "choose a smaller number"),
        *((({name: number},), {}, NAMES) for name in NUMBERED for number in (0, -2, 2.5, "2", True, None)),
        (({"lattice": 2, "d_optimal": 3},), {}, NAMES),
        (([3],), {}, NAMES),
        ((3,), {}, NAMES),
        (("all",), {"budget": 2.5}, "budget of 1 or more"),
        *(
            ((name,), {"sizes": dict.fromkeys(modomodo.SPACE.domains, size)}, "of every domain, 1 or more: give")
            for name in ("proportional", "tempered")
            for size in (0, -3, "many", float("nan"))
        ),
    ],
)
def test_what_cannot_be_is_said(kinds, limits, said):
    with pytest.raises(StrategyError) as caught:
        seed_design(modomodo.SPACE, kinds, **limits)
    assert said in str(caught.value)
    assert set(NUMBERED) - set(KINDS) == {"space_filling", "d_optimal"}

"""The draw plan: proportions, unseen examples, the stop when a domain runs out, determinism."""

from itertools import chain

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rlvr_backend.datasets import load_rows
from rlvr_backend.draws import plan_draws

SIZES = [960, 212, 315, 2400, 995]


@given(
    st.lists(st.floats(0.01, 1), min_size=2, max_size=5),
    st.integers(1, 60),
    st.integers(1, 8),
    st.integers(0, 2**31),
)
@settings(max_examples=40)
def test_no_example_is_drawn_twice_and_plans_repeat(shares, steps, prompts, seed):
    weights = np.array(shares) / sum(shares)
    sizes = [20 + 30 * i for i in range(len(shares))]
    plan = plan_draws(weights, sizes, steps, prompts, seed)
    drawn = list(zip(plan.domains.ravel().tolist(), plan.examples.ravel().tolist(), strict=True))
    assert len(set(drawn)) == len(drawn) == plan.steps * prompts
    assert all(example < sizes[domain] for domain, example in drawn)
    again = plan_draws(weights, sizes, steps, prompts, seed)
    assert (again.domains == plan.domains).all() and (again.examples == plan.examples).all()
    assert plan.steps == steps or plan.exhausted or plan.steps * prompts + prompts > sum(sizes)


def test_realised_shares_are_the_weights_within_chance():
    weights = np.array([0.1, 0.2, 0.0, 0.4, 0.3])
    counts = np.array(plan_draws(weights, [10**5] * 5, 1000, 8, seed=1).counts(5))
    assert counts[2] == 0
    assert np.abs(counts / 8000 - weights).max() < 4 * np.sqrt(0.25 / 8000)


def test_the_run_stops_after_the_update_that_uses_the_last_example():
    plan = plan_draws(np.array([0.5, 0.5, 0, 0, 0]), SIZES, steps=200, prompts=8, seed=3)
    assert plan.exhausted == (1,)
    assert plan.counts(5)[1] == 212
    assert 1 in plan.domains[-1]


def test_a_single_domain_leaves_out_the_update_it_cannot_fill():
    plan = plan_draws(np.array([0, 1.0, 0, 0, 0]), SIZES, steps=80, prompts=8, seed=42)
    assert plan.steps == 212 // 8
    assert plan.counts(5) == [0, 208, 0, 0, 0]


@pytest.mark.parametrize("seed", [1, 2])
def test_two_mixtures_see_the_same_first_examples_of_a_domain(seed):
    first, second = (plan_draws(np.array(w), [500, 500], 20, 8, seed) for w in ([0.5, 0.5], [0.8, 0.2]))
    of = [plan.examples[plan.domains == 0] for plan in (first, second)]
    shared = min(map(len, of))
    assert (of[0][:shared] == of[1][:shared]).all()


def test_every_draw_finds_its_row_among_the_rows_that_are_loaded():
    from rlvr_backend.trainer import _drawn_rows, _row_numbers

    sizes = {"detect": 30, "refer": 9, "science": 40}
    plan = plan_draws(np.array([0.4, 0.0, 0.6]), list(sizes.values()), steps=6, prompts=4, seed=5)
    rows, numbers = _drawn_rows(plan, sizes), _row_numbers(plan)
    whole = {name: load_rows(name, "train", size) for name, size in sizes.items()}
    assert len(rows) == 24 and sorted(chain(*numbers)) == list(range(24))
    for domain, example, number in zip(plan.domains.ravel(), plan.examples.ravel(), chain(*numbers), strict=True):
        expected = whole[list(sizes)[domain]][int(example)]
        assert (rows[number]["prompt"], rows[number]["domain"]) == (expected["prompt"], expected["domain"])
        assert rows[number]["image"].tobytes() == expected["image"].tobytes()

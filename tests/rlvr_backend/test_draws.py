"""The draw plan: proportions, unseen examples, what happens when a domain runs out, determinism."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from rlvr_backend.contract import Request
from rlvr_backend.datasets import load_rows
from rlvr_backend.errors import RequestError
from rlvr_backend.options import Options
from rlvr_backend.training.draw_plan import plan_draws

SIZES = [960, 212, 315, 2400, 995]
MIXTURES = st.lists(st.floats(0.01, 1), min_size=2, max_size=5).map(lambda shares: np.array(shares) / sum(shares))


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


def test_a_plan_that_stops_is_the_one_that_studies_so_far_were_made_with():
    plan = plan_draws([0.2, 0.3, 0.5], [40, 9, 60], steps=12, prompts=4, seed=42)
    assert plan.domains.tolist()[:4] == [[2, 1, 2, 2], [0, 2, 2, 2], [0, 1, 1, 2], [2, 2, 1, 1]]
    assert plan.examples.tolist()[-2:] == [[34, 43, 1, 4], [2, 4, 34, 14]]
    assert (plan.steps, plan.exhausted) == (9, (1,))


@given(MIXTURES, st.integers(1, 6), st.integers(0, 2**31))
@settings(max_examples=40, deadline=None)
def test_renormalise_goes_on_where_stop_ends_until_the_mixture_is_used_up(weights, prompts, seed):
    sizes = [5 + 7 * i for i in range(len(weights))]
    stopped = plan_draws(weights, sizes, 1000, prompts, seed)
    plan = plan_draws(weights, sizes, 1000, prompts, seed, "renormalise")
    assert (plan.domains[: stopped.steps] == stopped.domains).all()
    assert (plan.examples[: stopped.steps] == stopped.examples).all()
    drawn = set(zip(plan.domains.ravel().tolist(), plan.examples.ravel().tolist(), strict=True))
    assert len(drawn) == plan.steps * prompts and plan.steps == sum(sizes) // prompts
    assert plan.exhausted == tuple(range(len(sizes)))
    assert set(plan.passes(sizes)) == {1}


def test_renormalise_keeps_the_ratios_of_the_domains_that_are_left_and_never_draws_weight_0():
    plan = plan_draws([0.6, 0.3, 0.1, 0.0], [10, 10**5, 10**5, 50], 1000, 8, 1, "renormalise")
    first, second, third, never = plan.counts(4)
    assert (first, never, plan.exhausted) == (10, 0, (0,))
    assert abs(second / (second + third) - 0.75) < 4 * np.sqrt(0.1875 / 8000)


@given(MIXTURES, st.integers(1, 6), st.integers(0, 2**31))
@settings(max_examples=40, deadline=None)
def test_repeat_takes_every_pass_whole_and_in_an_order_of_its_own(weights, prompts, seed):
    sizes = [3 + 4 * i for i in range(len(weights))]
    plan = plan_draws(weights, sizes, 60, prompts, seed, "repeat")
    assert plan.steps == 60 and plan.exhausted == ()
    counts, passes = plan.counts(len(sizes)), plan.passes(sizes)
    for domain, size in enumerate(sizes):
        drawn = plan.examples[plan.domains == domain]
        turns = [drawn[start : start + size].tolist() for start in range(0, len(drawn), size)]
        assert len(turns) == passes[domain] and len(drawn) == counts[domain]
        assert all(sorted(turn) == list(range(size)) for turn in turns[:-1])


def test_repeat_keeps_the_weights_for_the_whole_run_with_fresh_orders():
    weights = np.array([0.5, 0.3, 0.2, 0.0])
    plan = plan_draws(weights, [20, 500, 7, 9], 1000, 8, 3, "repeat")
    assert np.abs(np.array(plan.counts(4)) / 8000 - weights).max() < 4 * np.sqrt(0.25 / 8000)
    turns = plan.examples[plan.domains == 0][:2000].reshape(100, 20)
    assert len({tuple(turn) for turn in turns}) == 100
    assert plan.passes([20, 500, 7, 9])[3] == 0


@pytest.mark.parametrize("on_exhaustion", ["stop", "renormalise", "repeat"])
def test_plans_that_nothing_runs_out_of_are_the_same(on_exhaustion):
    plan = plan_draws([0.5, 0.5], [900, 900], 50, 8, 11, on_exhaustion)
    same = plan_draws([0.5, 0.5], [900, 900], 50, 8, 11)
    assert (plan.domains == same.domains).all() and (plan.examples == same.examples).all() and not plan.exhausted


def test_what_cannot_be_planned_is_said():
    with pytest.raises(RequestError, match="one of stop, renormalise, repeat, not 'again'"):
        plan_draws([1.0], [5], 3, 2, 0, "again")
    with pytest.raises(RequestError, match="no examples to repeat"):
        plan_draws([0.5, 0.5], [5, 0], 3, 2, 0, "repeat")


@pytest.mark.parametrize("seed", [1, 2])
def test_two_mixtures_see_the_same_first_examples_of_a_domain(seed):
    first, second = (plan_draws(np.array(w), [500, 500], 20, 8, seed) for w in ([0.5, 0.5], [0.8, 0.2]))
    of = [plan.examples[plan.domains == 0] for plan in (first, second)]
    shared = min(map(len, of))
    assert (of[0][:shared] == of[1][:shared]).all()


def test_every_draw_finds_its_row_among_the_rows_that_are_loaded():
    from rlvr_backend.training.run_data import load_drawn_examples

    sizes = {"detect": 30, "refer": 9, "science": 40}
    weights = {"detect": 0.4, "refer": 0.0, "science": 0.6}
    request = Request(study="s", trial=0, train_seed=5, weights=weights, domains=sizes, tests={"chart": 1}, steps=[6])
    plan = plan_draws(list(weights.values()), list(sizes.values()), steps=6, prompts=4, seed=5)
    drawn = load_drawn_examples(plan, request, Options())
    whole = {name: load_rows(name, "train", size) for name, size in sizes.items()}
    for draw, (domain, example) in enumerate(zip(plan.domains.flat, plan.examples.flat, strict=True)):
        row, expected = drawn.row(draw), whole[list(sizes)[domain]][int(example)]
        assert (row["draw"], row["prompt"], row["domain"]) == (draw, expected["prompt"], expected["domain"])
        assert row["images"][0].tobytes() == expected["images"][0].tobytes()

"""Example selection on a simulated policy: what each policy gains, exact resume, small and hopeless domains."""

import io
import json
from itertools import chain

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from rlvr_backend.contract import RequestError
from rlvr_backend.draws import plan_draws
from rlvr_backend.selection import SELECTORS, Group, selector_named
from rlvr_backend.selection.skip_settled import REST
from rlvr_backend.selection.variance import PART, REFRESH, diversity

COMPLETIONS = 6
NAMES = sorted(SELECTORS)


class Policy:
    """Solves an example of difficulty d with probability sigmoid(1.5 (skill - d)).

    Groups that are neither all right nor all wrong raise its skill; the others teach it nothing.
    """

    def __init__(self, seed, size=120, difficulty=None, pace=0.01):
        self.rng = np.random.default_rng([77, seed])
        self.difficulty = self.rng.normal(0, 3, size) if difficulty is None else np.full(size, float(difficulty))
        self.skill, self.pace, self.useful = -1.0, pace, 0

    def group(self, example):
        chance = 1 / (1 + np.exp(-1.5 * (self.skill - self.difficulty[example])))
        correct = (self.rng.random(COMPLETIONS) < chance).astype(float)
        learns = bool(np.ptp(correct))
        self.useful += learns
        self.skill += self.pace * learns
        return Group(example, 1 + 2 * correct, correct, [f"so it is {c:g}" for c in correct])


def trained(selector, policy, updates, count=4, start=0):
    """The examples chosen in every update from `start` on."""
    history = []
    for update in range(start, updates):
        history.append(selector.choose(count, update))
        selector.observe(update, [policy.group(example) for example in history[-1]])
    return history


def useful_share(name, seed, updates=120, count=4):
    policy = Policy(seed)
    if name == "uniform":
        plan = plan_draws([1.0], [120], updates, count, seed, "repeat")
        for example in chain.from_iterable(plan.examples.tolist()):
            policy.group(example)
    else:
        trained(selector_named(name, 120, seed, 0), policy, updates, count)
    return policy.useful / (updates * count)


@pytest.fixture(scope="module")
def uniform():
    return np.mean([useful_share("uniform", seed) for seed in range(6)])


@pytest.mark.parametrize(
    ("name", "margin"), [("variance", 0.05), ("thompson", 0.15), ("skip_settled", 0.15), ("curriculum", 0.15)]
)
def test_more_groups_teach_something_than_by_uniform_selection(name, margin, uniform):
    assert np.mean([useful_share(name, seed) for seed in range(6)]) > uniform + margin


def through_npz(state):
    file = io.BytesIO()
    np.savez(file, **state)
    file.seek(0)
    return dict(np.load(file))


def through_json(state):
    return json.loads(json.dumps({name: array.tolist() for name, array in state.items()}, allow_nan=False))


@pytest.mark.parametrize("name", NAMES)
@given(st.integers(0, 30), st.integers(1, 6), st.sampled_from([through_npz, through_json]), st.integers(0, 2**40))
@settings(max_examples=12, deadline=None)
def test_a_resumed_selector_goes_on_bit_for_bit(name, cut, count, stored, seed):
    size, updates = 17, 32
    whole = selector_named(name, size, seed, 2)
    expected = trained(whole, Policy(seed, size), updates, count)
    first, policy = selector_named(name, size, seed, 2), Policy(seed, size)
    history = trained(first, policy, cut, count)
    second = selector_named(name, size, seed, 2)
    second.restore(stored(first.state()))
    history += trained(second, policy, updates, count, start=cut)
    assert history == expected
    for key, array in whole.state().items():
        assert array.dtype == second.state()[key].dtype and np.array_equal(array, second.state()[key])


@pytest.mark.parametrize("name", NAMES)
def test_choosing_changes_nothing_and_a_state_is_a_copy(name):
    selector = selector_named(name, 30, 5, 0)
    trained(selector, Policy(5, 30), 10)
    state = selector.state()
    assert selector.choose(8, 10) == selector.choose(8, 10) != selector.choose(8, 11)
    trained(selector, Policy(6, 30), 20, start=10)
    kept = selector_named(name, 30, 5, 0)
    kept.restore(state)
    assert any(not np.array_equal(kept.state()[key], array) for key, array in selector.state().items())


@pytest.mark.parametrize("name", NAMES)
def test_domains_and_seeds_choose_independently(name):
    chosen = [selector_named(name, 500, seed, domain).choose(20, 0) for seed in (1, 2) for domain in (0, 1)]
    assert len({tuple(examples) for examples in chosen}) == 4


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("difficulty", [-50, 50])
def test_all_solved_and_none_solved_domains_go_on_and_leave_no_example_out(name, difficulty):
    selector = selector_named(name, 20, 1, 0)
    history = trained(selector, Policy(1, 20, difficulty), 200)
    assert all(len(set(chosen)) == 4 for chosen in history)
    assert set(chain.from_iterable(history)) == set(range(20))
    assert all(np.isfinite(array).all() for array in selector.state().values())


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("size", [1, 3, 8])
def test_a_domain_with_fewer_examples_than_asked_for_repeats_them_evenly(name, size):
    for chosen in trained(selector_named(name, size, 3, 0), Policy(3, size), 40, count=8):
        counts = np.bincount(chosen, minlength=size)
        assert counts.sum() == 8 and np.ptp(counts) <= 1


@pytest.mark.parametrize("name", NAMES)
def test_the_share_of_a_domain_stays_the_plans(name):
    sizes, updates = [6, 40, 200], 60
    plan = plan_draws([0.5, 0.3, 0.2], sizes, updates, 8, 9, "repeat")
    selectors = [selector_named(name, size, 9, domain) for domain, size in enumerate(sizes)]
    policies = [Policy(domain, size) for domain, size in enumerate(sizes)]
    used = np.zeros(3, int)
    for update in range(updates):
        asked = np.bincount(plan.domains[update], minlength=3)
        for domain in np.flatnonzero(asked):
            chosen = selectors[domain].choose(int(asked[domain]), update)
            selectors[domain].observe(update, [policies[domain].group(example) for example in chosen])
            used[domain] += len(chosen)
    assert used.tolist() == plan.counts(3)


def groups(correct_of):
    """example -> share of right completions, as the groups of one update."""
    rows = {example: np.arange(COMPLETIONS) < share * COMPLETIONS for example, share in correct_of.items()}
    return [Group(i, 1 + 2.0 * c, c.astype(float), ["a b c"] * COMPLETIONS) for i, c in rows.items()]


def test_a_settled_example_is_left_out_and_comes_back_after_its_rest():
    selector = selector_named("skip_settled", 10, 0, 0)
    selector.observe(0, groups({3: 1.0, 5: 0.0, 7: 0.5}))
    update, drawn = 1, 3
    while drawn < REST * 10:
        chosen = selector.choose(4, update)
        assert not {3, 5} & set(chosen)
        selector.observe(update, groups(dict.fromkeys(chosen, 0.5)))
        update, drawn = update + 1, drawn + 4
    for later in range(update, update + 2):
        chosen = selector.choose(4, later)
        selector.observe(later, groups(dict.fromkeys(chosen, 0.5)))
    assert {3, 5} <= set(selector.choose(4, update + 2) + chosen)


def test_without_settled_examples_every_one_is_used_before_any_is_used_again():
    selector = selector_named("skip_settled", 12, 0, 0)
    history = []
    for update in range(6):
        history += selector.choose(4, update)
        selector.observe(update, groups(dict.fromkeys(history[-4:], 0.5)))
    assert sorted(history[:12]) == sorted(history[12:]) == list(range(12))


def test_thompson_follows_the_formula_and_forgets_slowly_what_it_does_not_draw():
    selector = selector_named("thompson", 2, 0, 0)
    selector.observe(0, groups({0: 0.5}))
    assert (selector.right[0], selector.wrong[0]) == (0.5 * 1 + 3, 0.5 * 1 + 3)
    selector.observe(1000, groups({1: 1.0}))
    assert 1 < selector.right[0] < 2.5 and (selector.right[1], selector.wrong[1]) == (6.5, 0.5)
    for update in range(1000, 6000):
        selector.observe(update, groups({1: 1.0}))
    assert selector.wrong[1] > 0 and len(selector.choose(2, 6000)) == 2


def test_variance_prefers_what_varies_for_its_part_of_the_prompts():
    selector = selector_named("variance", 100, 0, 0)
    for update in range(REFRESH):
        before = selector.probabilities
        selector.observe(update, groups({i: 0.5 if i < 10 else 1.0 for i in range(100)}))
        assert (selector.probabilities != before).any() == (update == REFRESH - 1)
    score, flat = 0.8 + 0.2 / 6, 0.2 / 6  # equal texts: each pair stands six times
    expected = PART * 10 * score / (10 * score + 90 * flat) + (1 - PART) * 0.1
    drawn = [selector.choose(1, update)[0] for update in range(3000)]
    assert abs(np.mean(np.array(drawn) < 10) - expected) < 4 * np.sqrt(0.25 / 3000)


def test_diversity_is_the_share_of_distinct_word_pairs():
    assert diversity(["a b c", "a b d"]) == 3 / 4
    assert diversity(["a b"] * 5) == 1 / 5
    assert diversity(["", "one"]) == 1.0


def test_the_curriculum_goes_from_easy_to_hard():
    first, last = [], []
    for seed in range(4):
        policy = Policy(seed)
        history = trained(selector_named("curriculum", 120, seed, 0), policy, 200)
        difficulty = policy.difficulty[np.array(history)].mean(axis=1)
        first, last = [*first, *difficulty[:50]], [*last, *difficulty[-50:]]
    assert np.mean(first) < -0.3 < 1.5 < np.mean(last)  # of difficulties that are 0 in the mean


@pytest.mark.parametrize("name", NAMES)
def test_an_update_without_the_domain_may_be_observed_too(name):
    selector = selector_named(name, 9, 0, 0)
    for update in range(10):
        selector.observe(update, [])
    assert sorted(selector.choose(9, 10)) == list(range(9))


def test_bad_input_is_named():
    with pytest.raises(RequestError, match="'hard' is unknown; known are curriculum, skip_settled, thompson, uniform"):
        selector_named("hard", 5, 0, 0)
    with pytest.raises(RequestError, match="no examples to choose from"):
        selector_named("thompson", 0, 0, 0)
    selector = selector_named("thompson", 5, 0, 0)
    with pytest.raises(RequestError, match="of another policy"):
        selector.restore(selector_named("variance", 5, 0, 0).state())
    with pytest.raises(RequestError, match=r"'right' has shape \(6,\), not \(5,\)"):
        selector.restore(selector_named("thompson", 6, 0, 0).state())

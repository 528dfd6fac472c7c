"""Example selection on a simulated policy: what each policy gains, its formulas, exact resume, small and hopeless
domains."""

import io
import json
from itertools import chain

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from rlvr_backend.errors import RequestError
from rlvr_backend.selection import SELECTORS, Group, selector_named
from rlvr_backend.selection.selector import variance_parts, variance_shares
from rlvr_backend.selection.skip_settled import REST
from rlvr_backend.selection.variance import LAMBDA, REFRESH, diversity
from rlvr_backend.training.draw_plan import plan_draws
from tests.support.simulated_groups import COMPLETIONS, Policy, shares, trained

NAMES = sorted(SELECTORS)


@pytest.fixture(scope="module")
def uniform():
    """Of uniform selection in a right-or-wrong and a graded domain: the share of groups that teach nothing."""
    return [np.mean([shares("uniform", seed, graded)[0] for seed in range(6)]) for graded in (False, True)]


@pytest.mark.parametrize(
    ("name", "margin"), [("variance", 0.05), ("thompson", 0.15), ("skip_settled", 0.15), ("pass_rate", 0.15)]
)
def test_more_groups_teach_something_than_by_uniform_selection(name, margin, uniform):
    assert np.mean([shares(name, seed)[0] for seed in range(6)]) < uniform[0] - margin


@pytest.mark.parametrize(
    ("name", "margin"), [("variance", 0.05), ("thompson", 0.35), ("skip_settled", 0.15), ("pass_rate", 0.15)]
)
def test_graded_examples_whose_scores_never_vary_are_not_preferred(name, margin, uniform):
    zero_variance, never = np.mean([shares(name, seed, graded=True) for seed in range(6)], axis=0)
    assert never < 0.5 - margin, "half of the examples never vary"
    assert zero_variance < uniform[1] - margin


def through_npz(state):
    file = io.BytesIO()
    np.savez(file, **state)
    file.seek(0)
    return dict(np.load(file))


def through_json(state):
    return json.loads(json.dumps({name: array.tolist() for name, array in state.items()}, allow_nan=False))


@pytest.mark.parametrize("name", NAMES)
@given(
    st.integers(0, 30),
    st.integers(1, 6),
    st.sampled_from([through_npz, through_json]),
    st.integers(0, 2**40),
    st.booleans(),
)
@settings(max_examples=12, deadline=None)
def test_a_resumed_selector_goes_on_bit_for_bit(name, cut, count, stored, seed, graded):
    size, updates = 17, 32
    whole = selector_named(name, size, seed, 2)
    expected = trained(whole, Policy(seed, size, graded=graded), updates, count)
    first, policy = selector_named(name, size, seed, 2), Policy(seed, size, graded=graded)
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
@pytest.mark.parametrize("level", [0.1, 0.3, 0.5, 0.9])
def test_a_graded_domain_that_never_varies_goes_on_and_leaves_no_example_out(name, level):
    selector, chosen = selector_named(name, 20, 1, 0), []
    for update in range(200):
        chosen += selector.choose(4, update)
        same = np.full(COMPLETIONS, level)
        selector.observe(update, [Group(i, 1 + 2 * same, same, ["a b"] * COMPLETIONS) for i in chosen[-4:]])
    assert set(chosen) == set(range(20))
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


def test_thompson_counts_as_in_the_example_of_vades_figure():
    selector = selector_named("thompson", 3, 0, 0)
    selector.right, selector.wrong, selector.since = np.array([0.1, 2.7, 9.0]), np.array([8.4, 5.3, 0.2]), 0
    one, four = (np.arange(8) < right for right in (1, 4))
    selector.observe(1, [Group(i, c, c.astype(float), ["a b c"] * 8) for i, c in enumerate((one, four))])
    assert selector.right == pytest.approx([1.02, 4.54, 8.991])
    assert selector.wrong == pytest.approx([8.68, 5.06, 0.1998])


def test_thompson_forgets_slowly_what_it_does_not_draw():
    selector = selector_named("thompson", 2, 0, 0)
    selector.observe(0, groups({0: 0.5}))
    selector.observe(1000, groups({1: 1.0}))
    assert selector.right[0] == pytest.approx(3 * 0.999**1000) and (selector.right[1], selector.wrong[1]) == (6, 0)
    selector.observe(1002, groups({0: 0.5}))
    assert selector.wrong[0] == pytest.approx(0.2 * 3 * 0.999**1001 + 3), "one update without it, then one with it"


def test_the_prior_of_thompson_does_not_decay():
    selector = selector_named("thompson", 2, 0, 0)
    for update in range(5000):
        selector.observe(update, groups({0: 0.0, 1: 1.0}))
    a, b = selector.right, selector.wrong
    assert a == pytest.approx([0, 7.5]) and b == pytest.approx([7.5, 0]), "6 / (1 - 0.2) at most"
    rng = np.random.default_rng(0)
    never, always = rng.beta(1, 8.5, 10**5), rng.beta(8.5, 1, 10**5)
    expected = np.mean(always * (1 - always) ** 2 > never * (1 - never) ** 2)  # .115
    assert abs(np.mean([selector.ranking(5000, rng)[0] for _ in range(5000)]) - expected) < 0.03


def test_thompson_ranks_by_p_times_1_minus_p_squared_under_the_posterior():
    selector = selector_named("thompson", 50, 3, 1)
    trained(selector, Policy(3, 50), 40)
    p = np.random.default_rng(5).beta(selector.right + 1, selector.wrong + 1)
    ranking = selector.ranking(selector.since + 1, np.random.default_rng(5))
    assert ranking.tolist() == np.argsort(-p * (1 - p) ** 2, kind="stable").tolist()


SCORES = st.lists(st.floats(0, 1), min_size=2, max_size=8).map(np.array)


@given(SCORES)
def test_what_scores_lack_of_the_largest_variance(scores):
    possible, lacking = variance_parts(scores)
    assert possible - lacking == pytest.approx(len(scores) * scores.var(), abs=1e-12)
    assert 0 <= lacking <= possible + 1e-12


@given(st.lists(SCORES, min_size=1, max_size=5))
def test_shares_of_variance_lie_between_none_and_all_and_are_all_for_right_or_wrong(groups):
    shares = variance_shares(*np.array([variance_parts(scores) for scores in groups]).T)
    assert ((shares >= -1e-9) & (shares <= 1 + 1e-9)).all()
    assert (variance_shares(*np.array([variance_parts(scores.round()) for scores in groups]).T) == 1).all()


def test_the_score_of_variance_is_mmr1s():
    selector = selector_named("variance", 3, 0, 0)
    graded = np.array([0.0, 0.5, 0.5, 0.6, 0.7, 0.7])
    fixed = np.full(COMPLETIONS, 0.5)
    texts = ["a b c"] * COMPLETIONS
    selector.observe(0, [*groups({0: 0.5}), Group(1, graded, graded, texts), Group(2, fixed, fixed, texts)])
    assert selector.vps == pytest.approx([0.8 / 4 + 0.2 / 6, 0.8 * np.var(graded) + 0.2 / 6, 0.2 / 6])


def test_variance_prefers_what_varies_for_its_part_of_the_prompts():
    selector = selector_named("variance", 100, 0, 0)
    for update in range(REFRESH):
        before = selector.probabilities
        selector.observe(update, groups({i: 0.5 if i < 10 else 1.0 for i in range(100)}))
        assert (selector.probabilities != before).any() == (update == REFRESH - 1)
    score, flat = 0.8 / 4 + 0.2 / 6, 0.2 / 6  # equal texts: each pair stands six times
    expected = LAMBDA * 10 * score / (10 * score + 90 * flat) + (1 - LAMBDA) * 0.1
    drawn = [selector.choose(1, update)[0] for update in range(3000)]
    assert abs(np.mean(np.array(drawn) < 10) - expected) < 4 * np.sqrt(0.25 / 3000)


def test_diversity_is_the_share_of_distinct_word_pairs():
    assert diversity(["a b c", "a b d"]) == 3 / 4
    assert diversity(["a b"] * 5) == 1 / 5
    assert diversity(["", "one"]) == 1.0
    assert diversity(["7"] * 6) == diversity([""] * 6) == 1 / 6, "equal texts are not diverse, however short"


def test_pass_rate_goes_from_easy_to_hard():
    first, last = [], []
    for seed in range(4):
        policy = Policy(seed)
        history = trained(selector_named("pass_rate", 120, seed, 0), policy, 200)
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
    with pytest.raises(RequestError, match="'hard' is unknown; known are pass_rate, skip_settled, thompson, uniform"):
        selector_named("hard", 5, 0, 0)
    with pytest.raises(RequestError, match="'curriculum' is unknown; it is now called 'pass_rate'"):
        selector_named("curriculum", 5, 0, 0)
    with pytest.raises(RequestError, match="no examples to choose from"):
        selector_named("thompson", 0, 0, 0)
    selector = selector_named("thompson", 5, 0, 0)
    with pytest.raises(RequestError, match="of another selection"):
        selector.restore(selector_named("variance", 5, 0, 0).state())
    with pytest.raises(RequestError, match=r"'right' has shape \(6,\), not \(5,\)"):
        selector.restore(selector_named("thompson", 6, 0, 0).state())

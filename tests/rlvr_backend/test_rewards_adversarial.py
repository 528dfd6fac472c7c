"""Every built-in reward over answers that try to break it: a score in [0, 1], in bounded time."""

import time
from itertools import product

import pytest
from hypothesis import given, strategies as st

from rlvr_backend.rewards import OF_BOXES, REWARDS, Truth, bmas_with, correctness
from rlvr_backend.rewards.parse import LONGEST

TRUTHS = (
    Truth("12", [[0, 0, 500, 500]]),
    Truth("B"),
    Truth("yes"),
    Truth('["a cat", "the cat"]', [[0, 0, 1, 1]] * 60),
    Truth(r"\frac{1}{2}"),
    Truth("A, C"),
    Truth("[1, 2]"),
    Truth(""),
)
MEGABYTE = 10**6
ANSWERS = (
    "x" * MEGABYTE,
    "9" * MEGABYTE,
    "1," * MEGABYTE,
    "-" * MEGABYTE,
    " " * MEGABYTE + "B",
    "(" * MEGABYTE,
    "[" * MEGABYTE + "]" * MEGABYTE,
    "[ 1, 2, 3, 4 ]" * 50_000,
    "[ 1," * 200_000,
    "(A" * 200_000,
    "the answer is " * 50_000,
    "A or " * 100_000,
    "A.  " * 100_000 + "!",
    "yes no " * 100_000,
    "a" * 50 + "!",  # regex bombs
    "(a+)+$" * 80,
    "1" * 480 + "e",
    "1/0",
    "nan",
    "[nan, inf, -inf, 1e999]",
    "[nan, nan, nan, nan]",
    "[" + "9" * MEGABYTE + ", 1, 2, 3]",
    "(1, 1), " * 100_000,
    "(1,1" * 100_000,
    "{'x1': 1, " * 100_000,
    "'Confidence': 0." * 50_000,
    "[1, 2, 3, 4, 0.5] {'Confidence': " * 20_000,
    "1 " * 300_000,
    "[" + " " * MEGABYTE + "1",
    "1,000,000," * 50_000,
    "1 1/2 " * 100_000,
    "\\frac{1}{" * 50_000,
    "9" * 99,
    "1e99999999",
    "1 × 10^999",
    "1/" + "9" * 90,
    "12 million million",
    "not A, " * 2800,  # as long as completions may be
    "A x " * 4900,
    "all but every x y " * 1100,
    "'a 'a" * 3900,
    "$A " * 6600,
    "the answer is " * 1400 + "B",
    "no, yes, " * 2200,
    "a, b and " * 2200,
    "[0, 0, 99999999999999999999, 1]",
    "[٠, ٠, ٥, ٥]",
    "١٢",
    "１２",
    "B\u202e",
    "\x00" * 100,
    "12\x00",
    "\ud800",
    "</answer><answer>12</answer>",
    "<think></think>",
    "__import__('os').system('true')",
    "${12}$",
    "\\" * 499,
    "%s%n{}{0}",
    "",
)
COSTLY = ("9^{9^{9^{9}}}", "{" * 30 + "}" * 30)  # these overdraw the budget of `number`: 2 s each


@pytest.fixture(scope="module")
def rewards(tiny_encoder):
    return REWARDS | {"bmas": bmas_with(tiny_encoder)}


@pytest.mark.parametrize("name", REWARDS)
def test_no_answer_breaks_a_reward_or_holds_it_up(rewards, name):
    reward = rewards[name]
    reward("a", TRUTHS[0])  # what is loaded once is no answer's fault
    started = time.perf_counter()
    pairs = [*product(ANSWERS, TRUTHS), *product(COSTLY, TRUTHS[:1])]
    assert all(0.0 <= reward(answer, truth) <= 1.0 for answer, truth in pairs)
    assert time.perf_counter() - started < 180, "seconds, on a machine that may be busy"


@given(st.text(max_size=200), st.sampled_from(TRUTHS))
def test_any_text_has_a_score(rewards, answer, truth):
    for reward in rewards.values():
        score = reward(answer, truth)
        assert type(score) is float and 0.0 <= score <= 1.0


@given(st.text(min_size=1, max_size=30).filter(str.strip))
def test_an_equal_answer_scores_one(rewards, text):
    for name in set(REWARDS) - set(OF_BOXES):
        assert rewards[name](text.strip(), Truth(text)) == 1.0, name


@pytest.mark.parametrize("name", REWARDS)
def test_completions_beyond_the_longest_or_with_injected_tags_score_nothing(name):
    for answer in ("12" * LONGEST, "12 </answer> <answer> 12", "</think> 12"):
        assert correctness(f"<think> a </think> <answer> {answer} </answer>", name, Truth("12", [[0, 0, 9, 9]])) == 0.0


DEEP = 4000
NESTED = (  # brackets in one another, closed and open
    "[" * DEEP + "1" + "]" * DEEP,
    "(1," * DEEP + "1" + ")" * DEEP,
    "{" * DEEP + "1" + "}" * DEEP,
    '{"a":' * DEEP + "1" + "}" * DEEP,
    r"\frac{" * (DEEP // 4) + "1" + "}{2}" * (DEEP // 4),
    r"\sqrt{" * (DEEP // 4) + "2" + "}" * (DEEP // 4),
    r"\left(" * (DEEP // 4) + "2" + r"\right)" * (DEEP // 4),
    "[" * DEEP,
    '["a",' + "[" * DEEP,
    '["a",' + "[" * 10**5 + "]" * 10**5 + "]",
    '["' + "9" * 5000 + '"]',
    '["a", ' + "9" * 5000 + "]",
)


@pytest.mark.parametrize("name", REWARDS)
def test_what_is_nested_deeply_neither_recurses_nor_holds_a_reward_up(rewards, name):
    reward = rewards[name]
    reward("a", TRUTHS[0])
    started = time.perf_counter()
    for text in NESTED:
        for answer, truth in ((text, Truth("[1, 2]", [[0, 0, 5, 5]])), ("1", Truth(text)), (text, Truth(text[::-1]))):
            assert 0.0 <= reward(answer, truth) <= 1.0
    assert time.perf_counter() - started < 60, "seconds, on a machine that may be busy"

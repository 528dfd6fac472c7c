"""Rewards that read words, letters and plain numbers: exact match, choice, relaxed accuracy, ANLS."""

import json

import pytest
from hypothesis import given, strategies as st

from rlvr_backend.rewards import Truth, reward_named
from rlvr_backend.rewards.option_letters import option_of
from rlvr_backend.rewards.quantity import number_of

accuracy, anls, choice, relaxed = map(reward_named, ("accuracy", "anls", "choice", "relaxed"))


@given(st.lists(st.text(), min_size=1, max_size=3))
def test_several_references_are_a_json_list_of_strings(references):
    truth = Truth(json.dumps(references, ensure_ascii=False))
    assert truth.references == [reference.strip() for reference in references]
    assert all(accuracy(reference, truth) == 1.0 for reference in references)


@pytest.mark.parametrize("solution", ["[1, 2]", "[]", '["a", 1]', '["a"', "left", "", '["a"] and more'])
def test_any_other_solution_is_one_reference_to_the_letter(solution):
    assert Truth(solution).references == [solution]


def test_exact_match_is_exact_but_for_white_space_around():
    assert accuracy(" left ", Truth("left\n")) == 1.0
    assert accuracy("Left", Truth("left")) == accuracy("left.", Truth("left")) == 0.0


@pytest.mark.parametrize(
    "answer",
    [
        "B", "b", "(B)", "(b)", "B.", "B:", "**B**", "$B$", r"\boxed{B}", "B) 12", "b) 12", "B. 12", "B: 12", "B 12",
        "(B) 12", "[B] 12", "The answer is B", "The answer is B.", "the correct answer is (b)", "Answer: B",
        "answer: b", "Option B: 12", "option b", "I choose option B because a cat is there", "It is B, I think.",
        "B. vitamin C", "B) from A to C", "The figure shows a cat, so B", "B is right",
    ],
)  # fmt: skip
def test_the_chosen_option_is_found(answer):
    assert option_of(answer) == "B"


@pytest.mark.parametrize("answer", ["A", "a", "(A)", "A.", "A) cat", "A is right", "The answer is A", "option a: 12"])
def test_so_is_a_where_it_is_no_article(answer):
    assert option_of(answer) == "A"


@pytest.mark.parametrize(
    "answer",
    [
        "", "A cat sits there", "a cat", "The answer is a dog", "I think so", "12", "cat", "B or C", "B, C", "A or B",
        "A B C D", "(A) (B)", "B) 12 or C) 13", "Answer: B or C", "Option A or option B", "T-shirt", "f(x)", "AB", "В",
    ],
)  # fmt: skip
def test_articles_other_words_and_contradictions_choose_nothing(answer):
    assert option_of(answer) is None


def test_choice_scores_letters_yes_no_and_the_reference_itself():
    assert choice("The answer is (c).", Truth("C")) == choice("C) 12", Truth("(C)")) == 1.0
    assert choice("B", Truth("C")) == 0.0
    assert choice("Yes, it is.", Truth("yes")) == choice("NO", Truth("No")) == 1.0
    assert choice("Yes", Truth("no")) == choice("yes and no", Truth("yes")) == choice("nothing", Truth("no")) == 0.0
    assert choice("The Red One", Truth("the red one")) == 1.0
    assert choice("B", Truth('["A", "B"]')) == 1.0


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("12", 12), ("-1.5", -1.5), ("1,234,567.8", 1234567.8), (".5", 0.5), ("3.", 3), ("2e3", 2000),
        ("20%", 0.2), ("20 %", 0.2), ("+7", 7),
    ],
)  # fmt: skip
def test_numbers_are_read(text, value):
    assert number_of(text) == pytest.approx(value)


@pytest.mark.parametrize("text", ["", ".", "e5", "nan", "inf", "1e999", "1,2", "12,34", "٣", "1_000", "0x1", "12 cm"])
def test_other_texts_are_no_numbers(text):
    assert number_of(text) is None


@given(st.floats(0.01, 1e6), st.booleans(), st.floats(-0.2, 0.2).filter(lambda off: abs(abs(off) - 0.05) > 1e-6))
def test_relaxed_takes_what_is_within_five_per_cent(size, negative, off):
    true = -size if negative else size
    assert relaxed(repr(true * (1 + off)), Truth(repr(true))) == float(abs(off) < 0.05)


def test_relaxed_text_zero_and_percent():
    assert relaxed("north america", Truth("North America")) == 1.0
    assert relaxed("North", Truth("North America")) == 0.0
    assert relaxed("0.0", Truth("0")) == 1.0 and relaxed("0.01", Truth("0")) == 0.0
    assert relaxed("21%", Truth("0.2")) == relaxed("1,000", Truth("1000")) == relaxed("19.5%", Truth("20%")) == 1.0
    assert relaxed("20%", Truth("20")) == 0.0, "as in ChartQA's own scorer"
    assert relaxed("12", Truth('["eleven", "11.9"]')) == 1.0


def test_anls_is_one_less_the_share_of_edits_down_to_one_half():
    assert anls("Coca Cola", Truth("coca  cola")) == 1.0
    assert anls("coca cole", Truth("coca cola")) == pytest.approx(1 - 1 / 9)
    assert anls("ab", Truth("ax")) == 0.5 and anls("abc", Truth("axx")) == 0.0
    assert anls("", Truth("x")) == 0.0
    assert anls("cat", Truth('["dog", "cats", "bat"]')) == 0.75, "the most similar reference counts"

"""Rewards: the paper's table of format, accuracy and IoU, and completions that try to break the parser."""

import time

import pytest
from hypothesis import given, strategies as st

from rlvr_backend.errors import RequestError
from rlvr_backend.rewards import Truth, answer_of, correctness, format_reward, reward_functions, reward_named
from rlvr_backend.rewards.boxes import boxes_of
from rlvr_backend.rewards.parse import LONGEST

iou = reward_named("iou")
task_reward = reward_functions()[1]


def said(answer: str, thought: str = "look") -> str:
    return f"<think> {thought} </think> <answer> {answer} </answer>"


def test_a_completion_of_the_right_form_has_its_stripped_answer():
    assert answer_of("<think>a</think><answer>  left </answer>") == "left"
    assert answer_of("\n" + said("two words") + "\n") == "two words"
    assert answer_of(said("")) == ""


@pytest.mark.parametrize(
    "completion",
    [
        "left",
        "<answer> left </answer>",
        "<think> a </think> left",
        "<think> a </think> so <answer> left </answer>",
        "<think> a </think> <answer> left </answer> indeed",
        "<answer> left </answer> <think> a </think>",
        "<think> <answer> left </answer> </think>",
        "<think> a </think> <answer> left </answer> <answer> right </answer>",
        "<think> a </think> <answer> <answer> left </answer>",
        "",
    ],
)
def test_any_other_form_has_none_and_scores_nothing(completion):
    assert answer_of(completion) is None
    assert correctness(completion, "accuracy", Truth("left")) == 0.0


@pytest.mark.parametrize("score", [float("nan"), float("inf"), -0.1, 1.5])
def test_a_reward_that_is_no_share_is_an_error_and_not_trained_on(score):
    rewards = {"accuracy": lambda answer, truth: score}
    with pytest.raises(RequestError, match=rf"reward 'accuracy' is {score!r} for the answer 'left'"):
        correctness(said("left"), "accuracy", Truth("left"), rewards)
    assert correctness("left", "accuracy", Truth("left"), rewards) == 0.0


@given(st.text(max_size=300))
def test_no_text_breaks_the_parser(text):
    answer_of(text)
    assert 0.0 <= iou(text, Truth("", [[0, 0, 500, 500]])) <= 1.0


def test_huge_and_nested_completions_are_read_in_bounded_time():
    started = time.perf_counter()
    for text in ("<think>" * 200_000, "[" * 500_000, said("[ 1, 2, 3, 4 ]" * 1000), "<think>" + " " * 10**6):
        correctness(text, "iou", Truth("", [[0, 0, 10, 10]]))
    assert answer_of(said("x" * LONGEST)) is None
    assert time.perf_counter() - started < 2


def test_boxes_are_plain_numbers_with_area():
    assert boxes_of("['Position': [1, 2, 30, 40], 'Confidence': 0.9]") == [(1, 2, 30, 40)]
    assert boxes_of("[5, 5, 5, 9] [9, 9, 1, 1] [1, 2, 3, 1001] [nan, 1, 2, 3] [1e9, 1, 2, 3]") == []
    assert boxes_of("[١, ٢, ٣, ٤]") == []


def test_iou_of_one_box_is_the_ratio_of_areas():
    assert iou("[ 0, 0, 10, 10 ]", Truth("", [[0, 0, 10, 20]])) == pytest.approx(0.5)
    assert iou("[ 0, 0, 10, 10 ]", Truth("", [[20, 20, 30, 30]])) == 0.0
    assert iou("nothing", Truth("", [[0, 0, 10, 10]])) == 0.0
    assert iou("[ 0, 0, 10, 10 ]", Truth("")) == 0.0


def test_several_boxes_are_matched_one_to_one_and_extra_ones_cost():
    truth = Truth("", [[0, 0, 10, 10], [20, 0, 30, 10]])
    assert iou("[20, 0, 30, 10] [0, 0, 10, 10]", truth) == pytest.approx(1.0)
    assert iou("[0, 0, 10, 10]", truth) == pytest.approx(0.5)
    assert iou("[0, 0, 10, 10] [0, 0, 10, 10]", truth) == pytest.approx(0.5)
    assert iou("[0, 0, 10, 10] [20, 0, 30, 10] [40, 0, 50, 10]", truth) == pytest.approx(2 / 3)


def test_many_true_boxes_can_all_be_found():
    boxes = [[10 * i, 0, 10 * i + 9, 9] for i in range(80)]
    assert iou(" ".join(map(str, boxes)), Truth("", boxes)) == pytest.approx(1.0)


def test_trls_rewards_score_each_row_by_its_own_reward():
    completions = [[{"role": "assistant", "content": text}] for text in (said("left"), said("[ 0, 0, 10, 10 ]"), "no")]
    columns = {
        "reward": ["accuracy", "iou", "accuracy"],
        "solution": ["left", "", "no"],
        "boxes": [[], [[0, 0, 10, 20]], []],
        "domain": ["spatial", "detect", "spatial"],
    }
    assert format_reward(completions, **columns) == [1.0, 1.0, 0.0]
    assert task_reward(completions, **columns) == [1.0, pytest.approx(0.5), 0.0]

"""The embedded world: deterministic, disjoint by content, solvable from the picture, and spelt in its vocabulary."""

import numpy as np
import pytest

from rlvr_backend.datasets import load_rows, shapes
from rlvr_backend.rewards import Truth, correctness
from rlvr_backend.shapes.answer_styles import ANSWER_STYLES, completion
from rlvr_backend.shapes.base_model import new_model, new_processor
from rlvr_backend.shapes.facts import some_facts
from rlvr_backend.shapes.images import SIDE
from rlvr_backend.shapes.splits import bucket, cold_start_questions, examples
from rlvr_backend.shapes.topics import TOPICS, ask

SUBJECTS = sorted(TOPICS)


@pytest.fixture(scope="module")
def processor():
    return new_processor()


def test_the_splits_share_no_picture():
    taken = {
        "cold_start": {q.picture for _, q in cold_start_questions(4000)},
        "train": {q.picture for name, size in shapes.DOMAINS.items() for q in examples(name, "train", size)},
        "test": {q.picture for name, size in shapes.TESTS.items() for q in examples(name, "test", size)},
    }
    assert not taken["train"] & taken["test"]
    assert not taken["cold_start"] & (taken["train"] | taken["test"])
    drawn = {p.draw().tobytes() for p in list(taken["test"])[:300]}
    assert not drawn & {p.draw().tobytes() for p in taken["train"]}, "disjoint to the eye as well"


@pytest.mark.parametrize("subject", SUBJECTS)
def test_questions_repeat_and_are_right_by_their_own_plan(subject):
    first, again = (examples(subject, "train", 40) for _ in range(2))
    assert first == again
    assert len({(q.picture, q.text) for q in first}) == 40
    reward = "iou" if subject in shapes.BOXES else "accuracy"
    for question in first:
        thought = question.approaches[question.plan].thought
        right = f"<think> {question.plan} {thought} </think> <answer> {question.answer} </answer>"
        assert correctness(right, reward, Truth(question.answer, [list(box) for box in question.boxes])) == 1.0


def test_a_longer_split_starts_with_the_shorter_one():
    assert examples("chart", "test", 50)[:20] == examples("chart", "test", 20)


def test_every_word_is_in_the_vocabulary(processor):
    rng = np.random.default_rng(0)
    unknown = processor.tokenizer.unk_token_id
    for topic, question in cold_start_questions(600):
        recited = " ; ".join(f"{q} {a}" for q, a in [*some_facts(question.picture, rng)])
        spoken = [a.thought + " " + a.answer for a in question.approaches.values()]
        for text in [
            question.text,
            question.picture.caption,
            recited,
            completion(question, ANSWER_STYLES[topic], rng),
            *spoken,
        ]:
            assert unknown not in processor.tokenizer(text)["input_ids"], text


def test_completions_survive_the_tokenizer(processor):
    text = "<think> list 2 </think> <answer> [ 21, 83, 312, 250 ] </answer>"
    assert processor.tokenizer.decode(processor.tokenizer(text)["input_ids"], skip_special_tokens=True) == text


def test_the_base_model_is_small(processor):
    assert sum(p.numel() for p in new_model(processor).parameters()) < 1_000_000


def test_rows_have_the_columns_that_trainer_and_evaluator_read():
    rows = load_rows("detect", "train", 10)
    assert rows.column_names == ["prompt", "images", "reward", "solution", "boxes", "domain"]
    assert [image.size for image in rows[0]["images"]] == [(SIDE, SIDE)]
    assert rows[0]["reward"] == "iou" and rows[0]["boxes"]
    assert load_rows("chart", "test", 5)[0]["reward"] == "accuracy"


def test_buckets_depend_on_content_alone():
    question = ask("science", np.random.default_rng(5))
    assert bucket(question.picture) == bucket(ask("science", np.random.default_rng(5)).picture)

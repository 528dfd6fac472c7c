"""Answers as models write them, beside what a careful reader would say of each: no verdict may be wrong."""

import pytest
from tables import anls, boxes, choice, iou, relaxed

from rlvr_backend.rewards import Truth, reward_named
from rlvr_backend.rewards.boxes import boxes_of


def verdicts(rows, name):
    return [(answer, truth, reward_named(name)(answer, Truth(truth))) for answer, truth, *_ in rows]


@pytest.mark.parametrize(("name", "rows"), [("choice", choice.ROWS), ("relaxed", relaxed.ROWS), ("anls", anls.ROWS)])
def test_every_verdict_on_text_is_right(name, rows):
    assert len(set(rows)) == len(rows) and 3 * sum(right == 0 for *_, right in rows) >= len(rows)
    scored = verdicts(rows, name)
    assert [
        row for row, (*_, right) in zip(scored, rows, strict=True) if row[2] != pytest.approx(right, abs=1e-9)
    ] == []


@pytest.mark.parametrize(("name", "column"), [("iou", 2), ("iou_greedy", 3)])
def test_every_overlap_is_right(name, column):
    scored = [reward_named(name)(answer, Truth("", true)) for answer, true, *_ in iou.ROWS]
    assert 3 * sum(row[column] == 0 for row in iou.ROWS) >= len(iou.ROWS)
    assert [row for row, score in zip(iou.ROWS, scored, strict=True) if score != pytest.approx(row[column])] == []


def test_every_box_is_read_and_nothing_else_is():
    assert 3 * sum(not found for _, found in boxes.ROWS) >= len(boxes.ROWS)
    assert [(answer, boxes_of(answer)) for answer, found in boxes.ROWS if boxes_of(answer) != found] == []

"""Verifiable rewards: format, and accuracy or IoU, as functions for TRL's GRPOTrainer and as scores for tests.

Reward = format x (1 + 2 x (accuracy or IoU)): TRL sums the functions with REWARD_WEIGHTS, and each of them is 0 where
the format fails. A function returns None for rows that another one scores.
"""

from rlvr_backend.rewards.accuracy import accuracy
from rlvr_backend.rewards.iou import iou
from rlvr_backend.rewards.parse import answer_of

REWARD_WEIGHTS = (1.0, 2.0, 2.0)  # format, accuracy, IoU


def correctness(completion: str, reward: str, solution: str, boxes: list[list[int]]) -> float:
    """The score of one completion on one example, in [0, 1]; `reward` is "accuracy" or "iou"."""
    answer = answer_of(completion)
    if answer is None:
        return 0.0
    return iou(answer, boxes) if reward == "iou" else accuracy(answer, solution)


def _texts(completions: list) -> list[str]:
    return [completion[0]["content"] for completion in completions]


def format_reward(completions, **_) -> list[float]:
    return [float(answer_of(text) is not None) for text in _texts(completions)]


def _routed(kind: str, completions, reward, solution, boxes) -> list[float | None]:
    rows = zip(_texts(completions), reward, solution, boxes, strict=True)
    return [correctness(*row) if row[1] == kind else None for row in rows]


def accuracy_reward(completions, reward, solution, boxes, **_) -> list[float | None]:
    return _routed("accuracy", completions, reward, solution, boxes)


def iou_reward(completions, reward, solution, boxes, **_) -> list[float | None]:
    return _routed("iou", completions, reward, solution, boxes)


REWARD_FUNCTIONS = (format_reward, accuracy_reward, iou_reward)

__all__ = ["REWARD_FUNCTIONS", "REWARD_WEIGHTS", "accuracy", "answer_of", "correctness", "iou"]

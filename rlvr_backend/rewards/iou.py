"""Rewards `iou` and `iou_greedy`: intersection over union of predicted and true boxes (docs/paper.md, "Rewards").

`iou` is ours: the best one-to-one matching, in which every overlap counts. `iou_greedy` is that of Visual-RFT (read in
the grpo.py of its release), on which the recipe of the paper's authors builds: predictions choose in the order of their
confidence, and an overlap of half or less counts nothing.

References:
    Liu et al. 2025, "Visual-RFT: Visual Reinforcement Fine-Tuning", arXiv:2503.01785.
"""

import numpy as np
from scipy.optimize import linear_sum_assignment

from rlvr_backend.rewards.boxes import Box, predictions
from rlvr_backend.rewards.truth import Truth

MOST_BOXES = 50  # predicted boxes that are compared, or as many as are true; the denominator makes more of them cost
THRESHOLD = 0.5  # the overlap that iou_greedy must exceed


def pairwise_iou(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the IoU of every pair of boxes.

    Args:
        first: (n, 4) boxes x1, y1, x2, y2.
        second: (k, 4) boxes.

    Returns:
        (n, k) ratios in [0, 1].
    """
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    inter = np.prod(np.clip(high - low, 0, None), axis=2)
    area = [np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (first, second)]
    return inter / (area[0][:, None] + area[1][None] - inter)


def iou(answer: str, truth: Truth) -> float:
    """Return the sum of IoU over the best one-to-one matching / max(predicted, true), in [0, 1].

    What is not a valid box is dropped: it neither gains nor costs. A repeated box costs.
    """
    found = [one.numbers for one in predictions(answer) if one.is_box]
    if not found or not truth.boxes:
        return 0.0
    ratios = _ratios(found[: max(MOST_BOXES, len(truth.boxes))], truth)
    rows, columns = linear_sum_assignment(-ratios)
    return min(1.0, float(ratios[rows, columns].sum() / max(len(found), len(truth.boxes))))


def iou_greedy(answer: str, truth: Truth) -> float:
    """Return the sum of IoU above THRESHOLD, each prediction with its best free true box, / max(predicted, true).

    Predictions choose in the order of falling confidence, those without one last, equal ones in the order of the
    answer. Of predictions with the same numbers the first counts. One without area counts as a miss.
    """
    found: dict[Box, float] = {}
    for one in predictions(answer):
        found.setdefault(one.numbers, -1.0 if one.confidence is None else one.confidence)
    if not found or not truth.boxes:
        return 0.0
    by_confidence = sorted(found, key=found.__getitem__, reverse=True)
    boxes = [(x1, y1, x2, y2) for x1, y1, x2, y2 in by_confidence if x1 < x2 and y1 < y2]
    total, ratios = 0.0, _ratios(boxes[: max(MOST_BOXES, len(truth.boxes))], truth)
    for row in range(len(ratios)):
        best = int(ratios[row].argmax())
        if ratios[row, best] > THRESHOLD:
            total += ratios[row, best]
            ratios[:, best] = 0.0
    return min(1.0, float(total / max(len(found), len(truth.boxes))))


def _ratios(boxes: list[Box], truth: Truth) -> np.ndarray:
    """The (n, k) ratios of n predicted and k true boxes."""
    return pairwise_iou(np.array(boxes, float).reshape(-1, 4), np.array(truth.boxes, float))

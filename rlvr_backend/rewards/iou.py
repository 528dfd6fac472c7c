"""Intersection over union of predicted and true boxes, in two ways (PAPER.md, "Rewards").

`iou` is ours: the best one-to-one matching, every overlap pays. `iou_greedy` is that of Visual-RFT (arXiv 2503.01785,
as read in the grpo.py of its release), on which the recipe of the paper's authors builds: predictions choose in the
order of their confidence, and an overlap of half or less pays nothing.
"""

import numpy as np
from scipy.optimize import linear_sum_assignment

from rlvr_backend.rewards.boxes import Box, predictions
from rlvr_backend.rewards.truth import Truth

MOST_BOXES = 50  # of a prediction that are looked at, or as many as are true: the denominator makes more of them cost
THRESHOLD = 0.5  # an overlap that the greedy form must exceed


def pairwise_iou(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """(n, 4) and (k, 4) boxes as (x1, y1, x2, y2) -> (n, k) ratios in [0, 1]."""
    low = np.maximum(first[:, None, :2], second[None, :, :2])
    high = np.minimum(first[:, None, 2:], second[None, :, 2:])
    inter = np.prod(np.clip(high - low, 0, None), axis=2)
    area = [np.prod(boxes[:, 2:] - boxes[:, :2], axis=1) for boxes in (first, second)]
    return inter / (area[0][:, None] + area[1][None] - inter)


def iou(answer: str, truth: Truth) -> float:
    """Sum of IoU over the best one-to-one matching / max(predicted, true), in [0, 1].

    What is no box on the scale is dropped: it neither pays nor costs. A box that is repeated costs.
    """
    found = [said.numbers for said in predictions(answer) if said.is_box]
    if not found or not truth.boxes:
        return 0.0
    ratios = _ratios(found[: max(MOST_BOXES, len(truth.boxes))], truth)
    rows, columns = linear_sum_assignment(-ratios)
    return min(1.0, float(ratios[rows, columns].sum() / max(len(found), len(truth.boxes))))


def iou_greedy(answer: str, truth: Truth) -> float:
    """Sum of the IoU above THRESHOLD, each prediction with the best true box left, / max(predicted, true), in [0, 1].

    Predictions choose by falling confidence, those that state none last, equal ones in the order of the answer. Of
    those with the same numbers the first counts; one without area counts as a miss.
    """
    found: dict[Box, float] = {}
    for said in predictions(answer):
        found.setdefault(said.numbers, -1.0 if said.confidence is None else said.confidence)
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
    """(n, k) ratios of n predicted and the k true boxes."""
    return pairwise_iou(np.array(boxes, float).reshape(-1, 4), np.array(truth.boxes, float))

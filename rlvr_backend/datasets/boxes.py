"""Boxes as datasets write them, brought to whole numbers on the 0-1000 scale."""

import re
from collections.abc import Sequence

from rlvr_backend.datasets.raw import BadRow

SCALE = 1000
NUMBER = r"\s*(-?\d+(?:\.\d+)?)\s*"
BOX = re.compile(rf"\[{NUMBER},{NUMBER},{NUMBER},{NUMBER}\]", re.ASCII)


def boxes_in(text: str) -> list[list[float]]:
    """Every [x1, y1, x2, y2] in a text, on the 0-1000 scale."""
    return whole_scale([[float(number) for number in found] for found in BOX.findall(text)])


def whole_scale(boxes: list[list[float]]) -> list[list[float]]:
    """Boxes of one question on the 0-1000 scale; where no number is above 1 they are fractions of the image's sides.

    Raises BadRow where they are not lists of numbers.
    """
    try:
        fractions = boxes and max(map(max, boxes)) <= 1
    except (TypeError, ValueError) as error:
        raise BadRow("box is not four numbers") from error
    if fractions:
        return [[SCALE * number for number in box] for box in boxes]
    return boxes


def scaled(boxes: Sequence[Sequence[float]], size: tuple[int, int] = (SCALE, SCALE)) -> list[list[int]]:
    """Boxes in units where the image has this (width, height) -> 0-1000. Raises BadRow where one is no box in it."""
    try:
        whole = [[round(SCALE * number / side) for number, side in zip(box, 2 * size, strict=True)] for box in boxes]
    except (OverflowError, TypeError, ValueError) as error:
        raise BadRow("box is not four numbers") from error
    for x1, y1, x2, y2 in whole:
        if min(x1, y1) < 0 or max(x2, y2) > SCALE:
            raise BadRow("box outside the image")
        if x1 >= x2 or y1 >= y2:
            raise BadRow("box without area")
    return whole

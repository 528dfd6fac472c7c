"""Parse boxes as datasets write them, and scale them to whole numbers from 0 to 1000."""

import math
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

from rlvr_backend.datasets.declaration import BadRow

SCALE = 1000
FRACTIONS, WHOLE, EITHER = "fractions", "0-1000", "either"  # [0, 0, 1, 1] may be the whole image or a corner of it
SMALLEST = 10  # a box with decimals and all numbers below this is not on the 0-1000 scale, but has wrong fractions
NUMBER = r"\s*([-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?)\s*"
FOUR = rf"{NUMBER},{NUMBER},{NUMBER},{NUMBER}"
BOX = re.compile(rf"\[{FOUR}\]|\({FOUR}\)|\({NUMBER},{NUMBER}\)\s*,\s*\({NUMBER},{NUMBER}\)", re.ASCII)
NO_BOX = re.compile(rf"[\[(]{NUMBER}(?:[,;\s]{NUMBER})+[\])]", re.ASCII)
WRITE = "write four numbers, [x1, y1, x2, y2]"

Boxes = list[list[float]]


def boxes_in(text: str) -> Boxes:
    """Return every [x1, y1, x2, y2], (x1, y1, x2, y2) or (x1, y1),(x2, y2) of a text, not scaled.

    Raises:
        BadRow: Numbers in brackets are not a box. They would be left out silently.
    """
    if other := NO_BOX.search(BOX.sub("", text)):
        raise BadRow("box is not four numbers", other.group(), WRITE)
    return [[float(number) for number in found.groups() if number is not None] for found in BOX.finditer(text)]


def boxes_of(value: Any) -> Boxes:
    """Return the boxes of a column: a list of boxes, the same as text, or nothing.

    Raises:
        BadRow: It is anything else.
    """
    if value is None:
        return []
    if isinstance(value, str):
        if not (boxes := boxes_in(value)) and value.strip():
            raise BadRow("empty answer", value, WRITE)
        return boxes
    if not isinstance(value, list) or not all(isinstance(box, list) for box in value):
        raise BadRow("boxes are not a list of boxes", value, "write [[x1, y1, x2, y2]], also for one box")
    return value


def scale_of(boxes: Boxes) -> str:
    """Return whether boxes are FRACTIONS of the image's sides, on the WHOLE scale from 0 to 1000, or could be EITHER.

    Raises:
        BadRow: One of them is not four numbers, or they are on two scales.
    """
    scales = set(map(_scale, boxes))
    if WHOLE in scales and len(scales) > 1:
        raise BadRow("boxes on two scales", boxes, "write all as fractions of the image's sides, or all from 0 to 1000")
    return next(iter(scales - {EITHER}), EITHER)


def _scale(box: list[float]) -> str:
    if len(box) != 4 or not all(_number(number) for number in box):
        raise BadRow("box is not four numbers", box, WRITE)
    decimals = any(number != int(number) for number in box)
    if max(box) <= 1:
        return FRACTIONS if decimals else EITHER
    return FRACTIONS if decimals and max(box) < SMALLEST else WHOLE


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


def whole_scale(boxes: Boxes) -> Boxes:
    """Return the boxes of one question on the 0-1000 scale.

    Raises:
        BadRow: One of them is not four numbers, or they are on two scales.
    """
    if scale_of(boxes) == WHOLE:
        return boxes
    return [[SCALE * number for number in box] for box in boxes]


def scaled(
    boxes: Sequence[Sequence[float]], size: tuple[int, int] = (SCALE, SCALE), raw: Boxes | None = None
) -> list[list[int]]:
    """Return boxes as whole numbers on the 0-1000 scale.

    Args:
        boxes: Boxes x1, y1, x2, y2.
        size: (width, height) of the image in the units of the boxes.
        raw: The boxes as the row writes them, for messages.

    Raises:
        BadRow: One of them is not a box inside the image.
    """
    whole = []
    for box, written in zip(boxes, raw or boxes, strict=True):
        try:
            x1, y1, x2, y2 = (round(SCALE * number / side) for number, side in zip(box, 2 * size, strict=True))
        except (OverflowError, TypeError, ValueError) as error:
            raise BadRow("box is not four numbers", written, WRITE) from error
        if min(x1, y1, x2, y2) < 0 or max(x1, y1, x2, y2) > SCALE:
            inside = (
                "0 to 1000, or fractions from 0 to 1" if size == (SCALE, SCALE) else f"at most {size[0]} x {size[1]}"
            )
            raise BadRow("box outside the image", written, f"write numbers inside it, {inside}")
        if x1 > x2 or y1 > y2:
            raise BadRow("box ends before it starts", written, "write x1, y1, x2, y2, not the width and height")
        if x1 == x2 or y1 == y2:
            raise BadRow("box without area", written, "write x1 < x2 and y1 < y2")
        whole.append([x1, y1, x2, y2])
    return whole


def odd_scale(scales: Sequence[str]) -> tuple[str, list[int]]:
    """Return the scale that most rows of a set have, and the positions of the rows that do not fit it.

    Rows that could be either fit fractions only: on the 0-1000 scale they would be a thousandth of the image.
    """
    counts = Counter(scales)
    most = WHOLE if counts[WHOLE] >= max(counts[FRACTIONS], 1) else FRACTIONS
    return most, [place for place, scale in enumerate(scales) if (scale == WHOLE) != (most == WHOLE)]

"""Parse the boxes in an answer, in any form that models write. Nothing is evaluated.

    [x1, y1, x2, y2], (x1, y1, x2, y2)           commas, semicolons or spaces; floats; numbers in quotes; between tags
    [x1, y1, x2, y2, c], [x1, y1, x2, y2, "cat"]   c in [0, 1] is the confidence
    (x1, y1), (x2, y2), [[x1, y1], [x2, y2]]     as between Qwen's <|box_start|> and <|box_end|>
    {"x1": ..., "y1": ..., "x2": ..., "y2": ...}   also xmin, left, top, ...; in any order; JSON or not
    x1, y1, x2, y2                               if that is the whole answer

Numbers are on the scale that the prompt asks for, 0 to 1000: fractions are not scaled up. Pixels, width and height in
place of a corner, polygons and exponents are not read.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from rlvr_backend.rewards.typography import EQUIVALENT

SCALE = 1000
NUMBER = r"['\"]?([+-]?(?:\d{1,30}(?:\.\d{0,30})?|\.\d{1,30}))(?![\d.eE%])['\"]?"
GAP = r"(?:\s{0,9}[,;]\s{0,9}|\s{1,9})"
LABEL = r"['\"][^'\"\[\]\n]{0,60}['\"]"
FOUR = rf"{NUMBER}{GAP}{NUMBER}{GAP}{NUMBER}{GAP}{NUMBER}"
POINT = rf"[\[(]\s{{0,9}}{NUMBER}{GAP}{NUMBER}\s{{0,9}}[\])]"
BETWEEN = r"[\s,;:-]{0,9}(?:(?:and|to|bottom|lower|right|corner|at)[\s,;:-]{1,9}){0,4}"
KEY = r"['\"]?\b(x_?1|y_?1|x_?2|y_?2|x_?min|y_?min|x_?max|y_?max|left|top|right|bottom)['\"]?\s{0,9}[:=]\s{0,9}"
FORMS = (
    rf"[\[({{>]\s{{0,9}}(?:{LABEL}{GAP})?{FOUR}(?:{GAP}{NUMBER})?(?:{GAP}{LABEL})?\s{{0,9}},?\s{{0,9}}[\])}}<]",
    rf"{POINT}{BETWEEN}{POINT}",
    rf"{KEY}{NUMBER}{GAP}{KEY}{NUMBER}{GAP}{KEY}{NUMBER}{GAP}{KEY}{NUMBER}",
)
BOX = re.compile("|".join(FORMS), re.ASCII | re.IGNORECASE)
BARE = re.compile(rf"(?:[A-Za-z][A-Za-z ]{{0,40}}:\s{{0,9}})?{FOUR}\.?", re.ASCII)
CORNERS = {"x1": 0, "xmin": 0, "left": 0, "y1": 1, "ymin": 1, "top": 1}
CORNERS |= {"x2": 2, "xmax": 2, "right": 2, "y2": 3, "ymax": 3, "bottom": 3}
CONFIDENCE = re.compile(
    r"\b(?:confidence|conf|score|prob|probability)['\"]?\s{0,9}[:=]\s{0,9}['\"]?(\d{1,3}(?:\.\d{0,30})?|\.\d{1,30})(?![\d.])",
    re.ASCII | re.IGNORECASE,
)
NEAR = 200  # characters around a box in which its confidence may be

Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Prediction:
    """Four numbers of an answer, x1, y1, x2, y2, and their confidence, if it gives one."""

    numbers: Box
    confidence: float | None = None

    @property
    def has_area(self) -> bool:
        """Whether x1 < x2 and y1 < y2."""
        x1, y1, x2, y2 = self.numbers
        return x1 < x2 and y1 < y2

    @property
    def is_box(self) -> bool:
        """Whether it is a box with an area, inside the 0-1000 scale."""
        return self.has_area and min(self.numbers) >= 0 and max(self.numbers) <= SCALE


def predictions(answer: str) -> list[Prediction]:
    """Return everything that an answer gives as a box, valid or not, in order."""
    text = answer.translate(EQUIVALENT)
    if bare := BARE.fullmatch(text.strip()):
        return [Prediction(_box(bare.groups()))]
    spans = [(found.start(), found.end(), *read) for found in BOX.finditer(text) if (read := _read(found.groups()))]
    ends = [0, *(end for _, end, *_ in spans)]
    starts = [*(start for start, *_ in spans), len(text)]
    return [
        Prediction(numbers, confidence if confidence is not None else _stated(text[last:start], text[end:following]))
        for (start, end, numbers, confidence), last, following in zip(spans, ends, starts[1:], strict=False)
    ]


def boxes_of(answer: str) -> list[Box]:
    """Return the valid boxes of an answer, on the 0-1000 scale. Those without area, reversed or outside are dropped."""
    return [one.numbers for one in predictions(answer) if one.is_box]


def _read(groups: tuple[str | None, ...]) -> tuple[Box, float | None] | None:
    """The numbers and the confidence of what BOX found, or None if it is not a box."""
    four, fifth, points, keyed = groups[:4], groups[4], groups[5:9], groups[9:]
    if four[0] is not None:
        if fifth is not None and not 0 <= float(fifth) <= 1:
            return None
        return _box(four), None if fifth is None else float(fifth)
    if points[0] is not None:
        return _box(points), None
    corners = {CORNERS[key.lower().replace("_", "")]: value for key, value in zip(keyed[::2], keyed[1::2], strict=True)}
    return (_box(corners[place] for place in range(4)), None) if len(corners) == 4 else None


def _box(numbers: Iterable[str]) -> Box:
    x1, y1, x2, y2 = map(float, numbers)
    return x1, y1, x2, y2


def _stated(before: str, after: str) -> float | None:
    """The confidence in the text around a box: after it and inside its braces, else in front of it."""
    if found := CONFIDENCE.search(after[:NEAR].partition("}")[0]):
        return float(found[1])
    opened = before[-NEAR:].rpartition("{")
    found = CONFIDENCE.search(opened[2]) if opened[1] and "}" not in opened[2] else None
    return float(found[1]) if found else None

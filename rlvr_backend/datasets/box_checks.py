"""Checks of the boxes of a whole dataset: all on one scale, and not pixels."""

from dataclasses import dataclass, field

from rlvr_backend.datasets.boxes import FRACTIONS, SCALE, WHOLE, Boxes, odd_scale, scale_of
from rlvr_backend.datasets.declaration import BadRow
from rlvr_backend.datasets.report import Report

MANY = 30  # rows that are enough to judge their set
DOUBT = (
    "every box fits inside its image as pixels would, and is read as 0 to 1000: if they are pixels, divide them by the "
    "image's width and height"
)
FIXES = {FRACTIONS: "write fractions of the image's sides", WHOLE: "write numbers from 0 to 1000"}


@dataclass
class BoxChecks:
    """Collects the boxes of raw rows.

    Attributes:
        boxes: Row -> its boxes.
        inside: Rows whose boxes, taken as pixels, are inside the image.
        beyond: Rows for which they are not.
    """

    boxes: dict[int, Boxes] = field(default_factory=dict)
    inside: int = 0
    beyond: int = 0

    def add(self, number: int, boxes: Boxes, size: tuple[int, int]) -> None:
        """Add the boxes of a row as it writes them, and the (width, height) of its image in pixels."""
        self.boxes[number] = boxes
        if min(size) < SCALE and scale_of(boxes) == WHOLE:  # in larger images every box would lie inside
            beyond = any(x2 > size[0] or y2 > size[1] for _, _, x2, y2 in boxes)
            self.beyond += beyond
            self.inside += not beyond

    def judge(self, report: Report) -> set[int]:
        """Report rows whose boxes are on another scale than most of the set, and return their numbers."""
        scale, places = odd_scale([scale_of(boxes) for boxes in self.boxes.values()])
        numbers = list(self.boxes)
        odd = [numbers[place] for place in places]
        for number in odd:
            reason = f"boxes on another scale than most of the set ({scale})"
            report.skip(number, BadRow(reason, self.boxes[number], FIXES[scale]))
        if self.inside >= MANY and not self.beyond:
            report.doubt = DOUBT
        return set(odd)

"""What the boxes of a whole set say together: one scale for all rows, and whether they may be pixels."""

from dataclasses import dataclass, field

from rlvr_backend.datasets.boxes import FRACTIONS, SCALE, WHOLE, Boxes, odd_scale, scale_of
from rlvr_backend.datasets.declaration import BadRow
from rlvr_backend.datasets.report import Report

MANY = 30  # boxes that say something about their set
DOUBT = (
    "every box lies inside its picture as pixels would, and is read as 0 to 1000: where they are pixels, divide them "
    "by the picture's width and height"
)
FIXES = {FRACTIONS: "write fractions of the image's sides", WHOLE: "write numbers from 0 to 1000"}


@dataclass
class SetBoxes:
    """The boxes of raw rows by number; how many rows have theirs `inside` the image, taken as pixels, or `beyond`."""

    boxes: dict[int, Boxes] = field(default_factory=dict)
    inside: int = 0
    beyond: int = 0

    def add(self, number: int, boxes: Boxes, size: tuple[int, int]) -> None:
        """Those of a row, as it writes them, and the (width, height) of its image."""
        self.boxes[number] = boxes
        if min(size) < SCALE and scale_of(boxes) == WHOLE:  # in larger images every box would lie inside
            beyond = any(x2 > size[0] or y2 > size[1] for _, _, x2, y2 in boxes)
            self.beyond += beyond
            self.inside += not beyond

    def judge(self, report: Report) -> set[int]:
        """The rows whose boxes are on another scale than most of the set's: bad ones, by the report."""
        scale, places = odd_scale([scale_of(boxes) for boxes in self.boxes.values()])
        numbers = list(self.boxes)
        odd = [numbers[place] for place in places]
        for number in odd:
            reason = f"boxes on another scale than most of the set ({scale})"
            report.skip(number, BadRow(reason, self.boxes[number], FIXES[scale]))
        if self.inside >= MANY and not self.beyond:
            report.doubt = DOUBT
        return set(odd)

"""COCO: find all objects of a category; the subset of all categories that Visual-RFT trains on.

Columns are as Visual-RFT's dataset/build_dataset.ipynb writes them, solutions as its reward reads them:
`<answer>[{'Position': [x1, y1, x2, y2], 'Confidence': 1}, ...]</answer>` on the 0-1000 scale. Rows that ask for a
category that is not in the image ("No Objects") are left out: IoU cannot score them. The paper's 5,997 include
them; a domain of that size continues with the other rows (usable_sizes). Images are RGBA there.
"""

from typing import Any

from rlvr_backend.datasets.boxes import boxes_of
from rlvr_backend.datasets.declaration import Declaration, Example, Part
from rlvr_backend.datasets.paper import r1v
from rlvr_backend.datasets.values import as_list


def parse_row(row: dict[str, Any]) -> list[Example]:
    """Return the examples of a raw row."""
    answer = r1v.answer(row["solution"])
    if "no objects" in answer.lower():
        return []
    return [Example(r1v.question(row["problem"]), as_list(row["image"]), boxes=boxes_of(answer))]


COCO = Declaration(
    name="coco",
    about="object recognition",
    licence="apache-2.0",
    parts={"train": Part("laolao77/ViRFT_COCO", "train", 5997)},
    layouts={r1v.COLUMNS: parse_row},
    paper="iou",
    field="iou",
)

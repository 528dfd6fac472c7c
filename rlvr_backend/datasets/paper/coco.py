"""COCO: find all objects of a category; the subset over all categories that Visual-RFT trains on.

Columns as Visual-RFT's dataset/build_dataset.ipynb writes them, solutions as its reward reads them:
`<answer>[{'Position': [x1, y1, x2, y2], 'Confidence': 1}, ...]</answer>` on the 0-1000 scale. Rows that ask for a
category that is not in the image ("No Objects") are left out: IoU cannot score them. They count in the paper's 5,997;
a domain of that size goes on with the rows that are left (usable_sizes). Images are RGBA there.
"""

from typing import Any

from rlvr_backend.datasets.boxes import boxes_of
from rlvr_backend.datasets.paper import r1v
from rlvr_backend.datasets.declaration import Example, Part, RawSet
from rlvr_backend.datasets.values import listed


def sample(row: dict[str, Any]) -> list[Example]:
    answer = r1v.answer(row["solution"])
    if "no objects" in answer.lower():
        return []
    return [Example(r1v.question(row["problem"]), listed(row["image"]), boxes=boxes_of(answer))]


COCO = RawSet(
    name="coco",
    about="object recognition",
    licence="apache-2.0",
    parts={"train": Part("laolao77/ViRFT_COCO", "train", 5997)},
    layouts={r1v.COLUMNS: sample},
    paper="iou",
    field="iou",
)

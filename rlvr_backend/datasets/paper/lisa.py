"""LISA (ReasonSeg): the box that a question is about; every question of an image is an example of its own.

Two layouts. Published by the paper's first author with the paper's processing done: image, problem, solution, of which
only the names on the hub could be verified; boxes are read from `[x1, y1, x2, y2]`, fractions or on the 0-1000 scale.
And the annotation that Visual-RFT's lisa_evaluation/gen_box_ann.py makes of the original release, one object an image:
image_path, instruction (its questions), boxes (the first one counts, in pixels of the upright image). Its questions are
asked as the paper's Figure 8 prints them.
"""

from typing import Any

from rlvr_backend.datasets.boxes import boxes_of
from rlvr_backend.datasets.paper import r1v
from rlvr_backend.datasets.declaration import BadRow, Example, Part, RawSet
from rlvr_backend.datasets.values import listed, texts_of

LOCATE = "Output the bounding box in the image corresponding to the instruction:"  # Figure 8 of arXiv 2505.24871


def sample(row: dict[str, Any]) -> list[Example]:
    boxes = boxes_of(r1v.answer(row["solution"]))
    return [Example(r1v.question(row["problem"]), listed(row["image"]), boxes=boxes)]


def questions(row: dict[str, Any]) -> list[Example]:
    asked, boxes = texts_of(row["instruction"], "instruction"), boxes_of(row["boxes"])[:1]
    if not asked or not all(map(str.strip, asked)):
        raise BadRow("no question")
    return [Example(f"{LOCATE} {one}", [row["image_path"]], boxes=boxes, in_pixels=True) for one in asked]


PARTS = {
    "train": Part("yiqingliang/lisa-problems-dataset", "train", 1326),
    "test": Part("yiqingliang/lisa-problems-dataset-test", "train", 3397),
}

LISA = RawSet(
    name="lisa",
    about="referring expressions",
    licence="not stated",
    parts=PARTS,
    layouts={r1v.COLUMNS: sample, ("image_path", "instruction", "boxes"): questions},
    paper="iou",
    field="iou",
    longest_side=640,
    shuffled=True,
    authors=PARTS,
)

"""LISA (ReasonSeg): the box that a question is about; every question about an image is an example.

There are two layouts. The paper's first author published image, problem, solution after the paper's processing; only
the names on the hub could be verified. Boxes are read from `[x1, y1, x2, y2]`, fractions or on the 0-1000 scale. The
other is the annotation that Visual-RFT's lisa_evaluation/gen_box_ann.py makes of the original release, one object per
image: image_path, instruction (its questions), boxes (the first counts, in pixels of the upright image). Its questions
are asked as in the paper's Figure 8.
"""

from typing import Any

from rlvr_backend.datasets.boxes import boxes_of
from rlvr_backend.datasets.declaration import BadRow, Declaration, Example, Part
from rlvr_backend.datasets.paper import r1v
from rlvr_backend.datasets.values import as_list, texts_of

LOCATE = "Output the bounding box in the image corresponding to the instruction:"  # Figure 8 of arXiv:2505.24871


def parse_row(row: dict[str, Any]) -> list[Example]:
    """Return the examples of a raw row."""
    boxes = boxes_of(r1v.answer(row["solution"]))
    return [Example(r1v.question(row["problem"]), as_list(row["image"]), boxes=boxes)]


def parse_annotation(row: dict[str, Any]) -> list[Example]:
    """Return one example per question of an annotated image."""
    asked, boxes = texts_of(row["instruction"], "instruction"), boxes_of(row["boxes"])[:1]
    if not asked or not all(map(str.strip, asked)):
        raise BadRow("no question")
    return [Example(f"{LOCATE} {one}", [row["image_path"]], boxes=boxes, in_pixels=True) for one in asked]


PARTS = {
    "train": Part("yiqingliang/lisa-problems-dataset", "train", 1326),
    "test": Part("yiqingliang/lisa-problems-dataset-test", "train", 3397),
}

LISA = Declaration(
    name="lisa",
    about="referring expressions",
    licence="not stated",
    parts=PARTS,
    layouts={r1v.COLUMNS: parse_row, ("image_path", "instruction", "boxes"): parse_annotation},
    paper="iou",
    field="iou",
    longest_side=640,
    shuffled=True,
    authors=PARTS,
)

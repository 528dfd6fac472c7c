"""Datasets of your own, declared in the study file under `data`.

data: {mine: {path: folder, question: asked, answer: label, image: picture, reward: relaxed, split: train}}

Only `path` is required: a folder, a file or a hub name. Paths of images start from its folder, or from `image_folder`,
and must stay inside it. The columns are question, answer and image unless you name others. A set of boxes
(`reward: iou` or `iou_greedy`) has them in a column boxes: lists of [x1, y1, x2, y2] on the 0-1000 scale, or as
fractions of the image's sides, the same in the whole set. An image column may have several images, an answer column
several right answers, as text or numbers (values.py). Without `split`, a training set is read from the split train, a
test from the split test.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rlvr_backend.datasets.boxes import boxes_of
from rlvr_backend.datasets.declaration import Declaration, Example, Part
from rlvr_backend.datasets.examples import references
from rlvr_backend.datasets.values import as_list, texts_of
from rlvr_backend.errors import RequestError
from rlvr_backend.rewards import OF_BOXES, reward_named

DEFAULTS = {"question": "question", "answer": "answer", "boxes": "boxes", "image": "image", "reward": "accuracy"}
KEYS = ("path", *DEFAULTS, "split", "config", "image_folder")


def custom_dataset(name: str, declared: Mapping[str, str]) -> Declaration:
    """Return the declaration of a dataset from the mapping of a study file.

    Args:
        name: Name of the domain or test.
        declared: The mapping under `data`.

    Raises:
        RequestError: A key or the reward is unknown, or a value is wrong.
    """
    if unknown := sorted(set(declared) - set(KEYS)):
        raise RequestError(f"data {name!r}: unknown key {unknown[0]!r}; known are {', '.join(KEYS)}")
    if wrong := [key for key, value in declared.items() if not isinstance(value, str)]:
        raise RequestError(f"data {name!r}: {wrong[0]!r} must be text, not {declared[wrong[0]]!r}")
    if "path" not in declared:
        raise RequestError(f"data {name!r}: `path` is missing: a folder, a file or a hub name")
    pictures = declared.get("image_folder")
    if pictures is not None and not Path(pictures).expanduser().is_dir():
        raise RequestError(f"data {name!r}: `image_folder`: there is no folder {pictures}")
    keys = {**DEFAULTS, **declared}
    reward_named(keys["reward"])
    of_boxes = keys["reward"] in OF_BOXES
    truth = keys["boxes" if of_boxes else "answer"]

    def parse_row(row: dict[str, Any]) -> list[Example]:
        question, images = row[keys["question"]], as_list(row[keys["image"]])
        if of_boxes:
            return [Example(question, images, boxes=boxes_of(row[truth]))]
        return [Example(question, images, references(texts_of(row[truth])))]

    return Declaration(
        name=name,
        about="your own",
        licence="yours",
        parts={
            part: Part(keys["path"], keys.get("split", part), config=keys.get("config")) for part in ("train", "test")
        },
        layouts={(keys["question"], truth, keys["image"]): parse_row},
        paper=keys["reward"],
        field=keys["reward"],
        image_folder=pictures,
    )

"""A user's own set, as the study file declares it under `data`.

data: {mine: {path: folder, question: asked, answer: label, image: picture, reward: relaxed, split: train}}

Only `path` must be said: a folder, a file or a hub name. Paths of pictures start from its folder, in which they must
lie, or from `image_folder` in its place. Columns are question, answer and image unless told otherwise;
a set of boxes (`reward: iou` or `iou_greedy`) has them in a column boxes, lists of [x1, y1, x2, y2] on the 0-1000 scale
or as fractions of the image's sides, the same in all of the set. An image column may hold several images, an answer
column several right answers; they are text, or numbers (values.py). Without `split` a training set is read from the
split train and a test from the split test.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from rlvr_backend.errors import RequestError
from rlvr_backend.datasets.boxes import boxes_of
from rlvr_backend.datasets.declaration import Example, Part, RawSet
from rlvr_backend.datasets.examples import references
from rlvr_backend.datasets.values import listed, texts_of
from rlvr_backend.rewards import OF_BOXES, reward_named

DEFAULTS = {"question": "question", "answer": "answer", "boxes": "boxes", "image": "image", "reward": "accuracy"}
KEYS = ("path", *DEFAULTS, "split", "config", "image_folder")


def own_set(name: str, declared: Mapping[str, str]) -> RawSet:
    """The set that a mapping declares; raises RequestError naming the key or the reward."""
    if unknown := sorted(set(declared) - set(KEYS)):
        raise RequestError(f"data {name!r}: unknown key {unknown[0]!r}; known are {', '.join(KEYS)}")
    if wrong := [key for key, value in declared.items() if not isinstance(value, str)]:
        raise RequestError(f"data {name!r}: {wrong[0]!r} must be text, not {declared[wrong[0]]!r}")
    if "path" not in declared:
        raise RequestError(f"data {name!r}: `path` is missing: a folder, a file or a hub name")
    pictures = declared.get("image_folder")
    if pictures is not None and not Path(pictures).expanduser().is_dir():
        raise RequestError(f"data {name!r}: `image_folder`: there is no folder {pictures}")
    said = {**DEFAULTS, **declared}
    reward_named(said["reward"])
    of_boxes = said["reward"] in OF_BOXES
    truth = said["boxes" if of_boxes else "answer"]

    def sample(row: dict[str, Any]) -> list[Example]:
        question, images = row[said["question"]], listed(row[said["image"]])
        if of_boxes:
            return [Example(question, images, boxes=boxes_of(row[truth]))]
        return [Example(question, images, references(texts_of(row[truth])))]

    return RawSet(
        name=name,
        about="your own",
        licence="yours",
        parts={
            part: Part(said["path"], said.get("split", part), config=said.get("config")) for part in ("train", "test")
        },
        layouts={(said["question"], truth, said["image"]): sample},
        paper=said["reward"],
        field=said["reward"],
        image_folder=pictures,
    )

"""SAT: spatial questions over one or two rendered images, answered by one of the options' text.

Columns and files as of the card and the file list of array/SAT (image_bytes: list of images). Which 15,000 of its
172,000 training and 1,928 of its validation questions the paper used is open: ours are the first ones after a shuffle
with a fixed seed. How the paper gives the options is open too: here in alphabetical order, so that their order says
nothing. All of the training part is prepared, once: minutes, and some 15 GB on the way.
"""

from typing import Any

from rlvr_backend.datasets.raw import Example, Part, RawSet


def sample(row: dict[str, Any]) -> list[Example]:
    options = "Options: " + "; ".join(sorted(row["answers"] or []))
    return [Example(row["question"], row["image_bytes"] or [], row["correct_answer"], below=options)]


SAT = RawSet(
    name="sat",
    about="spatial reasoning",
    licence="mit",
    parts={
        "train": Part("array/SAT", "train", 15000, file="SAT_train.parquet"),
        "test": Part("array/SAT", "validation", 1928, file="SAT_val.parquet"),
    },
    layouts={("image_bytes", "question", "answers", "correct_answer"): sample},
    shuffled=True,
)

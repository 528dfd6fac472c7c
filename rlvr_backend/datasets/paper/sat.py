"""SAT: spatial questions over one or two rendered images, answered by one of the options' text.

Columns and files as of the card and the file list of array/SAT (image_bytes: list of images). Which 15,000 of its
172,000 training and 1,928 of its validation questions the paper used is open: ours are the first ones after a shuffle
with a fixed seed. How the paper gives the options is open too: here in alphabetical order, so that their order says
nothing. All of the training part is prepared, once: minutes, and some 15 GB on the way. The authors' copies have the
columns of r1v.py, of which only the names on the hub and in their code could be verified.
"""

from typing import Any

from rlvr_backend.datasets.paper import r1v
from rlvr_backend.datasets.declaration import Example, Part, RawSet
from rlvr_backend.datasets.values import listed, options, place_of, text_of


def sample(row: dict[str, Any]) -> list[Example]:
    choices, answer = options(row["answers"], "answers"), row["correct_answer"]
    if answer is not None and text_of(answer).strip():
        answer = choices[place_of(answer, choices, fold=True)]
    return [
        Example(
            row["question"],
            listed(row["image_bytes"]),
            answer or "",
            below=f"Options: {'; '.join(sorted(choices))}",
        )
    ]


SAT = RawSet(
    name="sat",
    about="spatial reasoning",
    licence="mit",
    parts={
        "train": Part("array/SAT", "train", 15000, file="SAT_train.parquet"),
        "test": Part("array/SAT", "validation", 1928, file="SAT_val.parquet"),
    },
    layouts={("image_bytes", "question", "answers", "correct_answer"): sample, r1v.COLUMNS: r1v.texts},
    shuffled=True,
    authors={
        "train": Part("yiqingliang/sat-problems-dataset", "train"),
        "test": Part("yiqingliang/sat-problems-dataset-test", "train"),
    },
)

"""SAT: spatial questions about one or two rendered images, answered with the text of an option.

Columns and files are those of the card and the file list of array/SAT (image_bytes: list of images). The paper does not
say which 15,000 of its 172,000 training and which 1,928 of its validation questions it used: ours are the first after a
shuffle with a fixed seed. Nor does it say how it lists the options: here in alphabetical order, so that the order says
nothing. The whole training part is prepared once, which takes minutes and about 15 GB. The authors' copies have the
columns of r1v.py; only the names on the hub and in their code could be verified.
"""

from typing import Any

from rlvr_backend.datasets.declaration import Declaration, Example, Part
from rlvr_backend.datasets.paper import r1v
from rlvr_backend.datasets.values import as_list, options, place_of, text_of


def parse_row(row: dict[str, Any]) -> list[Example]:
    """Return the examples of a raw row."""
    choices, answer = options(row["answers"], "answers"), row["correct_answer"]
    if answer is not None and text_of(answer).strip():
        answer = choices[place_of(answer, choices, fold=True)]
    return [
        Example(
            row["question"],
            as_list(row["image_bytes"]),
            answer or "",
            below=f"Options: {'; '.join(sorted(choices))}",
        )
    ]


SAT = Declaration(
    name="sat",
    about="spatial reasoning",
    licence="mit",
    parts={
        "train": Part("array/SAT", "train", 15000, file="SAT_train.parquet"),
        "test": Part("array/SAT", "validation", 1928, file="SAT_val.parquet"),
    },
    layouts={("image_bytes", "question", "answers", "correct_answer"): parse_row, r1v.COLUMNS: r1v.parse_text_row},
    shuffled=True,
    authors={
        "train": Part("yiqingliang/sat-problems-dataset", "train"),
        "test": Part("yiqingliang/sat-problems-dataset-test", "train"),
    },
)

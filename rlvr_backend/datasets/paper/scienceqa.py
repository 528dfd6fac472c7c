"""ScienceQA: school science; only questions with an image, options in the prompt, the answer as a letter.

Columns are those of the cards of derek-thomas/ScienceQA and lmms-lab/ScienceQA (`answer` is the option's index). Hints
and lectures are not shown, as the paper only speaks of question and options. The authors' copies have the columns of
r1v.py, with the options in the problem.
"""

from typing import Any

from rlvr_backend.datasets.declaration import BadRow, Declaration, Example, Part
from rlvr_backend.datasets.examples import letter, lettered
from rlvr_backend.datasets.paper import r1v
from rlvr_backend.datasets.values import as_list, options


def parse_row(row: dict[str, Any]) -> list[Example]:
    """Return the examples of a raw row."""
    if row["image"] is None:
        return []
    choices = options(row["choices"], "choices")
    right = letter(_index(row["answer"], len(choices)))
    return [Example(row["question"], as_list(row["image"]), right, below=lettered(choices))]


def _index(answer: Any, count: int) -> int:
    fix = f"write its index among the {count} choices, from 0"
    if isinstance(answer, bool) or not isinstance(answer, int | float) or answer != answer // 1:
        raise BadRow("answer is not an option's index", answer, fix)
    if not 0 <= answer < count:
        raise BadRow("answer is none of the options", answer, fix)
    return int(answer)


SCIENCEQA = Declaration(
    name="scienceqa",
    about="school science",
    licence="cc-by-sa-4.0",
    parts={
        "train": Part("derek-thomas/ScienceQA", "train", 6218),
        "test": Part("derek-thomas/ScienceQA", "test", 2017),
    },
    layouts={("image", "question", "choices", "answer"): parse_row, r1v.COLUMNS: r1v.parse_letter_row},
    field="choice",
    authors={
        "train": Part("yiqingliang/scienceqa-problems-dataset", "train"),
        "test": Part("yiqingliang/scienceqa-problems-dataset-test", "train"),
    },
)

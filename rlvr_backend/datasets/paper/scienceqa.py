"""ScienceQA: school science; only questions with an image, options in the prompt, the answer as a letter.

Columns as of the cards of derek-thomas/ScienceQA and lmms-lab/ScienceQA (`answer` is the option's index). Its hints
and lectures are not shown, as the paper speaks of question and options only. The authors' copies have the columns of
r1v.py, with the options in the problem.
"""

from typing import Any

from rlvr_backend.datasets.paper import r1v
from rlvr_backend.datasets.declaration import BadRow, Example, Part, RawSet
from rlvr_backend.datasets.examples import letter, lettered
from rlvr_backend.datasets.values import listed, options


def sample(row: dict[str, Any]) -> list[Example]:
    if row["image"] is None:
        return []
    choices = options(row["choices"], "choices")
    right = letter(_index(row["answer"], len(choices)))
    return [Example(row["question"], listed(row["image"]), right, below=lettered(choices))]


def _index(answer: Any, count: int) -> int:
    fix = f"write its place among the {count} choices, from 0"
    if isinstance(answer, bool) or not isinstance(answer, int | float) or answer != answer // 1:
        raise BadRow("answer is no option's place", answer, fix)
    if not 0 <= answer < count:
        raise BadRow("answer is none of the options", answer, fix)
    return int(answer)


SCIENCEQA = RawSet(
    name="scienceqa",
    about="school science",
    licence="cc-by-sa-4.0",
    parts={
        "train": Part("derek-thomas/ScienceQA", "train", 6218),
        "test": Part("derek-thomas/ScienceQA", "test", 2017),
    },
    layouts={("image", "question", "choices", "answer"): sample, r1v.COLUMNS: r1v.letters},
    field="choice",
    authors={
        "train": Part("yiqingliang/scienceqa-problems-dataset", "train"),
        "test": Part("yiqingliang/scienceqa-problems-dataset-test", "train"),
    },
)

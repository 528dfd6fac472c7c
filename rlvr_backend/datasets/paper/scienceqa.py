"""ScienceQA: school science; only questions with an image, options in the prompt, the answer as a letter.

Columns as of the cards of derek-thomas/ScienceQA and lmms-lab/ScienceQA (`answer` is the option's index). Its hints
and lectures are not shown, as the paper speaks of question and options only.
"""

from typing import Any

from rlvr_backend.datasets.raw import BadRow, Example, Part, RawSet
from rlvr_backend.datasets.rows import letter, lettered


def sample(row: dict[str, Any]) -> list[Example]:
    if row["image"] is None:
        return []
    choices, answer = row["choices"] or [], row["answer"]
    if answer is None or not 0 <= answer < len(choices):
        raise BadRow("answer is none of the options")
    return [Example(row["question"], [row["image"]], letter(answer), below=lettered(choices))]


SCIENCEQA = RawSet(
    name="scienceqa",
    about="school science",
    licence="cc-by-sa-4.0",
    parts={
        "train": Part("derek-thomas/ScienceQA", "train", 6218),
        "test": Part("derek-thomas/ScienceQA", "test", 2017),
    },
    layouts={("image", "question", "choices", "answer"): sample},
    field="choice",
)

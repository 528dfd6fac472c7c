"""MMMU: college-level questions over 30 subjects, with up to seven images; the validation split, as the paper.

Columns as of the card of MMMU/MMMU and its copies; one configuration a subject. `options` is a list written as text,
and so is `answer` where an open question has several right ones. The marks <image 1>, <image 2> stay in the text; the
images stand in front of it in this order.
"""

from typing import Any

from rlvr_backend.datasets.declaration import BadRow, Example, Part, RawSet
from rlvr_backend.datasets.examples import letter, lettered, references
from rlvr_backend.datasets.values import options, place_of, several

IMAGES = tuple(f"image_{number}" for number in range(1, 8))
CHOICE, OPEN = "multiple-choice", "open"


def sample(row: dict[str, Any]) -> list[Example]:
    images = [row[column] for column in IMAGES if row[column] is not None]
    answers = several(row["answer"], "answer")
    if row["question_type"] == OPEN:
        return [Example(row["question"], images, references(answers), field="accuracy")]
    if row["question_type"] != CHOICE:
        raise BadRow("question_type is unknown", row["question_type"], f"write {CHOICE} or {OPEN}")
    choices = options(row["options"])
    letters = [letter(index) for index in range(len(choices))]
    right = [letters[place_of(answer, letters)] for answer in answers if answer.strip()]
    return [Example(row["question"], images, references(right), below=lettered(choices))]


MMMU = RawSet(
    name="mmmu",
    about="college subjects",
    licence="apache-2.0",
    parts={"test": Part("MMMU/MMMU", "validation", 900)},
    layouts={("question", "options", "answer", "question_type", *IMAGES): sample},
    field="choice",
)

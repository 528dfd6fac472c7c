"""MMMU: college-level questions over 30 subjects, with up to seven images; the validation split, as in the paper.

Columns are those of the card of MMMU/MMMU and its copies, with one configuration per subject. `options` is a list
written as text, and so is `answer` if an open question has several right ones. The marks <image 1>, <image 2> stay in
the text; the images precede it in this order.
"""

from typing import Any

from rlvr_backend.datasets.declaration import BadRow, Declaration, Example, Part
from rlvr_backend.datasets.examples import letter, lettered, references
from rlvr_backend.datasets.values import options, place_of, texts_of_list

IMAGES = tuple(f"image_{number}" for number in range(1, 8))
CHOICE, OPEN = "multiple-choice", "open"


def parse_row(row: dict[str, Any]) -> list[Example]:
    """Return the examples of a raw row."""
    images = [row[column] for column in IMAGES if row[column] is not None]
    answers = texts_of_list(row["answer"], "answer")
    if row["question_type"] == OPEN:
        return [Example(row["question"], images, references(answers), field="accuracy")]
    if row["question_type"] != CHOICE:
        raise BadRow("question_type is unknown", row["question_type"], f"write {CHOICE} or {OPEN}")
    choices = options(row["options"])
    letters = [letter(index) for index in range(len(choices))]
    right = [letters[place_of(answer, letters)] for answer in answers if answer.strip()]
    return [Example(row["question"], images, references(right), below=lettered(choices))]


MMMU = Declaration(
    name="mmmu",
    about="college subjects",
    licence="apache-2.0",
    parts={"test": Part("MMMU/MMMU", "validation", 900)},
    layouts={("question", "options", "answer", "question_type", *IMAGES): parse_row},
    field="choice",
)

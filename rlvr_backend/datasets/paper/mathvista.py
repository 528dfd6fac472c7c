"""MathVista testmini: mathematics in figures, multiple choice or a number.

Columns are those of the card of AI4Math/MathVista. The prompt is its `query`, which asks for the letter if there are
options. So the solution is then the letter, although `answer` has the option's text.
"""

from typing import Any

from rlvr_backend.datasets.declaration import BadRow, Declaration, Example, Part
from rlvr_backend.datasets.examples import letter, references
from rlvr_backend.datasets.values import as_list, options, place_of, texts_of

CHOICE, FREE = "multi_choice", "free_form"


def parse_row(row: dict[str, Any]) -> list[Example]:
    """Return the examples of a raw row."""
    answer, images = row["answer"], as_list(row["decoded_image"])
    if row["question_type"] == FREE:
        return [Example(row["query"], images, references(texts_of(answer)), field="number")]
    if row["question_type"] != CHOICE:
        raise BadRow("question_type is unknown", row["question_type"], f"write {CHOICE} or {FREE}")
    return [Example(row["query"], images, letter(place_of(answer, options(row["choices"], "choices"))))]


MATHVISTA = Declaration(
    name="mathvista",
    about="mathematics in figures",
    licence="cc-by-sa-4.0",
    parts={"test": Part("AI4Math/MathVista", "testmini", 1000)},
    layouts={("decoded_image", "query", "choices", "answer", "question_type"): parse_row},
    field="choice",
)

"""MathVista testmini: mathematics in figures, multiple choice or a number.

Columns as of the card of AI4Math/MathVista. The prompt is its `query`, which asks for the option's letter where there
are options; so the letter is the solution there, although `answer` holds the option's text.
"""

from typing import Any

from rlvr_backend.datasets.declaration import BadRow, Example, Part, RawSet
from rlvr_backend.datasets.examples import letter, references
from rlvr_backend.datasets.values import listed, options, place_of, texts_of

CHOICE, FREE = "multi_choice", "free_form"


def sample(row: dict[str, Any]) -> list[Example]:
    answer, images = row["answer"], listed(row["decoded_image"])
    if row["question_type"] == FREE:
        return [Example(row["query"], images, references(texts_of(answer)), field="number")]
    if row["question_type"] != CHOICE:
        raise BadRow("question_type is unknown", row["question_type"], f"write {CHOICE} or {FREE}")
    return [Example(row["query"], images, letter(place_of(answer, options(row["choices"], "choices"))))]


MATHVISTA = RawSet(
    name="mathvista",
    about="mathematics in figures",
    licence="cc-by-sa-4.0",
    parts={"test": Part("AI4Math/MathVista", "testmini", 1000)},
    layouts={("decoded_image", "query", "choices", "answer", "question_type"): sample},
    field="choice",
)

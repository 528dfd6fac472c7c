"""MMMU: college-level questions over 30 subjects, with up to seven images; the validation split, as the paper.

Columns as of the card of MMMU/MMMU and its copies; one configuration a subject. `options` is a list written as text,
and so is `answer` where an open question has several right ones. The marks <image 1>, <image 2> stay in the text; the
images stand in front of it in this order.
"""

import ast
from typing import Any

from rlvr_backend.datasets.raw import BadRow, Example, Part, RawSet
from rlvr_backend.datasets.rows import lettered, references

IMAGES = tuple(f"image_{number}" for number in range(1, 8))


def sample(row: dict[str, Any]) -> list[Example]:
    images = [row[column] for column in IMAGES if row[column] is not None]
    answers = _listed(row["answer"])
    if row["question_type"] != "multiple-choice":
        return [Example(row["question"], images, references(answers), field="accuracy")]
    return [Example(row["question"], images, references(answers), below=lettered(_listed(row["options"])))]


def _listed(text: str | None) -> list[str]:
    """["a", "b"] from "['a', 'b']", and ["a"] from "a"."""
    text = (text or "").strip()
    if not (text.startswith("[") and text.endswith("]")):
        return [text]
    try:
        return [str(item) for item in ast.literal_eval(text)]
    except (ValueError, SyntaxError) as error:
        raise BadRow("list of options or answers cannot be read") from error


MMMU = RawSet(
    name="mmmu",
    about="college subjects",
    licence="apache-2.0",
    parts={"test": Part("MMMU/MMMU", "validation", 900)},
    layouts={("question", "options", "answer", "question_type", *IMAGES): sample},
    field="choice",
)

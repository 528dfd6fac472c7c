"""InfoVQA: questions about infographics, with several right answers each; the validation split, as in the paper.

Columns are those of the card of lmms-lab/DocVQA, configuration InfographicVQA.
"""

from typing import Any

from rlvr_backend.datasets.declaration import Declaration, Example, Part
from rlvr_backend.datasets.examples import references
from rlvr_backend.datasets.values import as_list, texts_of_list


def parse_row(row: dict[str, Any]) -> list[Example]:
    """Return the examples of a raw row."""
    return [Example(row["question"], as_list(row["image"]), references(texts_of_list(row["answers"], "answers")))]


INFOVQA = Declaration(
    name="infovqa",
    about="infographics",
    licence="apache-2.0",
    parts={"test": Part("lmms-lab/DocVQA", "validation", 2801, config="InfographicVQA")},
    layouts={("image", "question", "answers"): parse_row},
    field="anls",
)

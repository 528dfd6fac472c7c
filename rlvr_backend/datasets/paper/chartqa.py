"""ChartQA: questions about charts; the answer is a number or a few words.

Columns are those of lmms-lab/ChartQA, or of HuggingFaceM4/ChartQA, which also has training data (`label`: list of one).
"""

from typing import Any

from rlvr_backend.datasets.declaration import Declaration, Example, Part
from rlvr_backend.datasets.examples import references
from rlvr_backend.datasets.values import as_list, texts_of, texts_of_list


def parse_row(row: dict[str, Any]) -> list[Example]:
    """Return the examples of a raw row."""
    return [Example(row["question"], as_list(row["image"]), references(texts_of(row["answer"])))]


def parse_labelled_row(row: dict[str, Any]) -> list[Example]:
    """Return the examples of a row of HuggingFaceM4/ChartQA."""
    return [Example(row["query"], as_list(row["image"]), references(texts_of_list(row["label"], "label")))]


CHARTQA = Declaration(
    name="chartqa",
    about="charts",
    licence="gpl-3.0",
    parts={"test": Part("lmms-lab/ChartQA", "test", 2500)},
    layouts={("image", "question", "answer"): parse_row, ("image", "query", "label"): parse_labelled_row},
    field="relaxed",
)

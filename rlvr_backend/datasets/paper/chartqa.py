"""ChartQA: questions about charts; the answer is a number or a few words.

Columns as of lmms-lab/ChartQA, and as of HuggingFaceM4/ChartQA, which has training data too (`label`: list of one).
"""

from typing import Any

from rlvr_backend.datasets.declaration import Example, Part, RawSet
from rlvr_backend.datasets.examples import references
from rlvr_backend.datasets.values import listed, several, texts_of


def sample(row: dict[str, Any]) -> list[Example]:
    return [Example(row["question"], listed(row["image"]), references(texts_of(row["answer"])))]


def labelled(row: dict[str, Any]) -> list[Example]:
    return [Example(row["query"], listed(row["image"]), references(several(row["label"], "label")))]


CHARTQA = RawSet(
    name="chartqa",
    about="charts",
    licence="gpl-3.0",
    parts={"test": Part("lmms-lab/ChartQA", "test", 2500)},
    layouts={("image", "question", "answer"): sample, ("image", "query", "label"): labelled},
    field="relaxed",
)

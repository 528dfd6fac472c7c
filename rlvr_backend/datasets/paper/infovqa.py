"""InfoVQA: questions about infographics, with several right answers each; the validation split, as the paper.

Columns as of the card of lmms-lab/DocVQA, configuration InfographicVQA.
"""

from typing import Any

from rlvr_backend.datasets.declaration import Example, Part, RawSet
from rlvr_backend.datasets.examples import references
from rlvr_backend.datasets.values import listed, several


def sample(row: dict[str, Any]) -> list[Example]:
    return [Example(row["question"], listed(row["image"]), references(several(row["answers"], "answers")))]


INFOVQA = RawSet(
    name="infovqa",
    about="infographics",
    licence="apache-2.0",
    parts={"test": Part("lmms-lab/DocVQA", "validation", 2801, config="InfographicVQA")},
    layouts={("image", "question", "answers"): sample},
    field="anls",
)

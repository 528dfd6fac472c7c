"""GeoQAV: geometry with a diagram; of R1-V's 8,000 questions those whose answer is an option's letter.

Columns as R1-V's training code reads them, which the authors' copy keeps. The paper's pattern is not given; ours takes
a letter A-E, bare, in brackets, or followed by the option's text ("B", "(B)", "B. 40"), and keeps the letter.
"""

from typing import Any

from rlvr_backend.datasets.paper import r1v
from rlvr_backend.datasets.paper.option_letters import check_offered, letter_of
from rlvr_backend.datasets.declaration import Example, Part, RawSet
from rlvr_backend.datasets.values import listed


def sample(row: dict[str, Any]) -> list[Example]:
    asked, letter = r1v.question(row["problem"]), letter_of(r1v.answer(row["solution"]), "ABCDE")
    if letter is None:
        return []
    check_offered(letter, asked)
    return [Example(asked, listed(row["image"]), letter)]


GEOQAV = RawSet(
    name="geoqav",
    about="geometry",
    licence="not stated",
    parts={"train": Part("leonardPKU/GEOQA_R1V_Train_8K", "train", 1969)},
    layouts={r1v.COLUMNS: sample},
    field="choice",
    longest_side=640,
    authors={"train": Part("yiqingliang/geoqav-problems-dataset", "train")},
)

"""GeoQAV: geometry with a diagram; those of R1-V's 8,000 questions whose answer is an option's letter.

Columns are as R1-V's training code reads them; the authors' copy keeps them. The paper does not give its pattern. Ours
accepts a letter A-E, bare, in brackets, or followed by the option's text ("B", "(B)", "B. 40"), and keeps the letter.
"""

from typing import Any

from rlvr_backend.datasets.declaration import Declaration, Example, Part
from rlvr_backend.datasets.paper import r1v
from rlvr_backend.datasets.paper.option_letters import check_offered, letter_of
from rlvr_backend.datasets.values import as_list


def parse_row(row: dict[str, Any]) -> list[Example]:
    """Return the examples of a raw row."""
    asked, letter = r1v.question(row["problem"]), letter_of(r1v.answer(row["solution"]), "ABCDE")
    if letter is None:
        return []
    check_offered(letter, asked)
    return [Example(asked, as_list(row["image"]), letter)]


GEOQAV = Declaration(
    name="geoqav",
    about="geometry",
    licence="not stated",
    parts={"train": Part("leonardPKU/GEOQA_R1V_Train_8K", "train", 1969)},
    layouts={r1v.COLUMNS: parse_row},
    field="choice",
    longest_side=640,
    authors={"train": Part("yiqingliang/geoqav-problems-dataset", "train")},
)

"""Declaration of a dataset: where its raw rows are and how a row becomes examples. prepare.py does everything else."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from rlvr_backend.visible import short_repr

SCORERS = ("paper", "field")  # whose reward an example names
_NO_VALUE = object()  # None is a value that a row may have


class BadRow(Exception):
    """A raw row that gives no example although it should.

    Args:
        reason: What is wrong, the same for all rows with this problem.
        value: What the row has, if that helps.
        fix: What to write instead.
    """

    def __init__(self, reason: str, value: Any = _NO_VALUE, fix: str = ""):
        super().__init__(reason)
        self.value = None if value is _NO_VALUE else short_repr(value)
        self.fix = fix


@dataclass(frozen=True)
class Example:
    """One question of a raw row.

    Attributes:
        question: The question.
        images: Images as the row has them: {"bytes", "path"}, bytes, or a path.
        solution: The right answer.
        boxes: Right boxes as the row has them: on the 0-1000 scale or as fractions of the image's sides (boxes.py tells
            which), or in pixels of the first image.
        in_pixels: Whether boxes are in pixels.
        field: The field's reward for this example, if it differs from that of the set.
        below: Text under the question, such as its options.
    """

    question: str
    images: list[Any]
    solution: str = ""
    boxes: list[list[float]] | None = None
    in_pixels: bool = False
    field: str | None = None
    below: str = ""


@dataclass(frozen=True)
class Part:
    """The training or the test part of a dataset.

    Attributes:
        hub: Its name on the hub.
        split: The split to read.
        size: Number of examples in the paper.
        config: The configuration to read; None for all.
        file: The only file of the repository to read.
    """

    hub: str
    split: str
    size: int | None = None
    config: str | None = None
    file: str | None = None


RowParser = Callable[[dict[str, Any]], list[Example]]  # empty for a row that the paper leaves out; may raise BadRow


@dataclass(frozen=True)
class Declaration:
    """A dataset as it is published.

    Attributes:
        name: Its name in study files.
        about: Its subject in a few words.
        licence: Its licence.
        parts: "train", "test" or both.
        layouts: Columns of a raw row -> the function that turns a row into examples. The first layout whose columns
            exist is used.
        paper: The paper's reward.
        field: The reward of the dataset's own evaluation.
        longest_side: Longer images are shrunk to this many pixels.
        shuffled: Whether the examples are shuffled once, with a fixed seed.
        authors: Parts that the paper's first author published after their processing; `parts` are the originals.
        image_folder: Where images are that rows name by path; by default the folder of the dataset.
    """

    name: str
    about: str
    licence: str
    parts: Mapping[str, Part]
    layouts: Mapping[tuple[str, ...], RowParser]
    paper: str = "accuracy"
    field: str = "accuracy"
    longest_side: int | None = None
    shuffled: bool = False
    authors: Mapping[str, Part] = dataclasses.field(default_factory=dict)
    image_folder: str | None = None

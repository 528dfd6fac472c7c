"""What a dataset declares: where its raw rows lie and how one becomes examples. preparing.py does all the rest."""

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

SCORERS = ("paper", "field")  # whose reward an example names
LONGEST_SHOWN = 60  # characters of a value in a message
UNSAID = object()


class BadRow(Exception):
    """A raw row that gives no example although it should.

    The message is the reason, the same for all rows of the kind; `value` is what the row holds, shortened, where that
    says more, and `fix` what to write instead.
    """

    def __init__(self, reason: str, value: Any = UNSAID, fix: str = ""):
        super().__init__(reason)
        self.value = None if value is UNSAID else shown(value)
        self.fix = fix


def shown(value: Any) -> str:
    """A value on one line, shortened."""
    text = "null" if value is None else repr(value)
    return text if len(text) <= LONGEST_SHOWN else f"{text[: LONGEST_SHOWN - 3]}..."


@dataclass(frozen=True)
class Example:
    """One question of a raw row.

    `images` are as the row holds them: {"bytes", "path"}, bytes, or a path. `boxes` are as the row writes them, on the
    0-1000 scale or as fractions of the image's sides (boxes.py tells them apart), or in pixels of the first image with
    `in_pixels`. `field` names the field's own reward where this example has another than the rest of its set. `below`
    stands under the question, such as its options.
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
    """The training or the test part of a set: its place on the hub, and the number of examples in the paper.

    Without a `config` all configurations are read. With `file` only that file of the repository is.
    """

    hub: str
    split: str
    size: int | None = None
    config: str | None = None
    file: str | None = None


Sampler = Callable[[dict[str, Any]], list[Example]]


@dataclass(frozen=True)
class RawSet:
    """A dataset as it is published.

    `parts` has "train", "test" or both. `layouts` maps the columns that a raw row must have to the function that
    turns it into examples: none of them where the paper leaves the row out; BadRow where something is wrong with it.
    The first layout whose columns are there is taken. `paper` and `field` are the rewards of the paper and of the
    dataset's own evaluation. Images are shrunk to `longest_side` pixels; `shuffled` sets are shuffled once, with a
    fixed seed, after all questions have become examples. `authors` are the parts that the paper's first author
    published with the paper's processing done, where `parts` are the originals. Pictures that rows name by their paths
    lie in `image_folder`, or else in the folder of the set.
    """

    name: str
    about: str
    licence: str
    parts: Mapping[str, Part]
    layouts: Mapping[tuple[str, ...], Sampler]
    paper: str = "accuracy"
    field: str = "accuracy"
    longest_side: int | None = None
    shuffled: bool = False
    authors: Mapping[str, Part] = dataclasses.field(default_factory=dict)
    image_folder: str | None = None

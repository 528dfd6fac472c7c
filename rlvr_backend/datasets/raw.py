"""What a dataset declares: where its raw rows lie and how one becomes examples. preparing.py does all the rest."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

SCORERS = ("paper", "field")  # whose reward an example names


class BadRow(Exception):
    """A raw row that gives no example although it should; the message is the reason."""


@dataclass(frozen=True)
class Example:
    """One question of a raw row.

    `images` are as the row holds them: {"bytes", "path"}, bytes, or a path. `boxes` are on the 0-1000 scale, or in
    pixels of the first image with `in_pixels`. `field` names the field's own reward where this example has another
    than the rest of its set. `below` stands under the question, such as its options.
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
    fixed seed, after all questions have become examples.
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

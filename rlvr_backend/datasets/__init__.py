"""Training sets and tests by name.

Each module here that holds data offers `DOMAINS` and `TESTS` (name -> number of examples) and
`rows(name, split, wanted)`, the examples with these indices.
"""

from collections.abc import Mapping, Sequence
from types import ModuleType

from datasets import Dataset

from rlvr_backend.contract import RequestError
from rlvr_backend.datasets import shapes

SOURCES = (shapes,)


def check_sizes(sizes: Mapping[str, int], split: str) -> None:
    """Raises RequestError where a domain (`split` "train") or a test ("test") is not held, or not so many of it."""
    for name, size in sizes.items():
        held = _held(_source(name, split), split)[name]
        if size > held:
            raise RequestError(f"{name!r} has {held} examples for {split}, not {size}: lower its size")


def load_rows(name: str, split: str, count: int, wanted: Sequence[int] | None = None) -> Dataset:
    """The first `count` examples of a domain (`split` "train") or a test ("test"), or those of them that are wanted.

    `wanted` are indices below `count`; the rows come in their order.
    Columns: prompt (conversation), image, reward ("accuracy" or "iou"), solution, boxes (0-1000), domain.
    Raises RequestError where no source has the name.
    """
    return _source(name, split).rows(name, split, range(count) if wanted is None else wanted)


def _source(name: str, split: str) -> ModuleType:
    known: list[str] = []
    for source in SOURCES:
        held = _held(source, split)
        if name in held:
            return source
        known += held
    what = "domain" if split == "train" else "test"
    raise RequestError(f"{what} {name!r} has no data here; known are {', '.join(sorted(known))}")


def _held(source: ModuleType, split: str) -> dict[str, int]:
    return source.DOMAINS if split == "train" else source.TESTS

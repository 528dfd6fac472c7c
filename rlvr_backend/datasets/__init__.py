"""Training sets and tests by name.

Each module here that holds data offers `DOMAINS` and `TESTS` (name -> number of examples) and
`rows(name, split, count)`.
"""

from datasets import Dataset

from rlvr_backend.contract import RequestError
from rlvr_backend.datasets import shapes

SOURCES = (shapes,)


def load_rows(name: str, split: str, count: int) -> Dataset:
    """The first `count` examples of a domain (`split` "train") or a test ("test").

    Columns: prompt (conversation), image, reward ("accuracy" or "iou"), solution, boxes (0-1000), domain.
    Raises RequestError where no source has the name.
    """
    for source in SOURCES:
        if name in (source.DOMAINS if split == "train" else source.TESTS):
            return source.rows(name, split, count)
    known = sorted(name for source in SOURCES for name in (source.DOMAINS if split == "train" else source.TESTS))
    what = "domain" if split == "train" else "test"
    raise RequestError(f"{what} {name!r} has no data here; known are {', '.join(known)}")

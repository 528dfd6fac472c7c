"""Whether two parts of a set are the same rows: a test on what was trained on measures nothing."""

import json
from pathlib import Path

from datasets import get_dataset_split_names

from rlvr_backend.datasets.declaration import Part
from rlvr_backend.datasets.loader import configurations, local


def same_rows(one: Part, other: Part, place: str) -> bool:
    """Whether two parts read the same rows of one place.

    Splits of different names are taken for different rows. A local copy with one split holds whatever is asked for
    (reading.py); how many there are on the hub is not looked up.
    """
    path = local(place)
    if path is not None and all(part.file and (path / part.file).exists() for part in (one, other)):
        return one.file == other.file
    return one.split == other.split or (path is not None and _splits(path, one) == 1)


def _splits(path: Path, part: Part) -> int:
    """How many a local copy has."""
    if path.is_file() or (path / "state.json").exists():
        return 1
    if (path / "dataset_dict.json").exists():
        return len(json.loads((path / "dataset_dict.json").read_text())["splits"])
    return len(get_dataset_split_names(str(path), configurations(str(path), part)[0]))

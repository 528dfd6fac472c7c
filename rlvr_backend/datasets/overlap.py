"""Check whether the training part and the test part of a set are the same rows."""

import json
from pathlib import Path

from datasets import get_dataset_split_names

from rlvr_backend.datasets.declaration import Part
from rlvr_backend.datasets.loader import configurations, local_path


def same_rows(one: Part, other: Part, place: str) -> bool:
    """Return whether two parts read the same rows of one place.

    Splits with different names count as different rows. A local copy with one split serves any part (loader.py). The
    number of splits on the hub is not looked up.

    Args:
        one: A part.
        other: Another part.
        place: The folder, file or hub name that both read.
    """
    path = local_path(place)
    if path is not None and all(part.file and (path / part.file).exists() for part in (one, other)):
        return one.file == other.file
    return one.split == other.split or (path is not None and _splits(path, one) == 1)


def _splits(path: Path, part: Part) -> int:
    """The number of splits of a local copy."""
    if path.is_file() or (path / "state.json").exists():
        return 1
    if (path / "dataset_dict.json").exists():
        return len(json.loads((path / "dataset_dict.json").read_text())["splits"])
    return len(get_dataset_split_names(str(path), configurations(str(path), part)[0]))

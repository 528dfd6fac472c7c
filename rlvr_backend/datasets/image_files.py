"""Read image files that a row names: only plain files of limited size inside the folder of the dataset.

A dataset often comes from someone else. A path in it must not reach other files of the person who trains on it.
"""

import os
import stat
from functools import lru_cache
from pathlib import Path

from rlvr_backend.datasets.declaration import BadRow

MOST_BYTES = 64 << 20  # of a stored image
LONGEST_PATH = 4096  # characters; the longest that Linux opens
UNREADABLE = "image file cannot be read"


def read_image(path: str, folder: Path | None) -> bytes:
    """Return the bytes of an image file.

    Args:
        path: Its path, relative to `folder`. With links followed, it must be inside it.
        folder: The folder of the dataset. None, as for a set on the hub, reads no file.

    Raises:
        BadRow: The file may not be read, or cannot be.
    """
    if "://" in path or path.startswith("data:"):
        raise BadRow("image is a URL", path, "download it, and write its path from the folder of the set")
    if folder is None:
        raise BadRow(
            "image is a path, in a set on the hub", path, "name the folder of its images: `image_folder` under `data`"
        )
    fix = f"write its path from {folder}"
    if len(path) > LONGEST_PATH:
        raise BadRow(UNREADABLE, path, fix)
    try:
        real = os.path.realpath(os.path.join(folder, path))
        if not real.startswith(allowed_prefix(folder)):
            raise BadRow(
                "image file outside the folder of the set",
                path,
                f"move it into {folder}, or name the folder of all images: `image_folder` under `data`",
            )
        return _plain_bytes(real, path)
    except (OSError, ValueError) as error:
        raise BadRow(UNREADABLE, path, fix) from error


@lru_cache(maxsize=1)  # the same for each image of a set
def allowed_prefix(folder: Path) -> str:
    """Return the prefix of all paths inside a folder, with links followed.

    For a snapshot that `hf download` made, it is the repository's, since its files are links to the repository's blobs.
    """
    real = Path(os.path.realpath(folder))
    snapshots = (one.parent for one in (real, *real.parents) if one.parent.name == "snapshots")
    repository = (one.parent for one in snapshots if (one.parent / "blobs").is_dir())
    return os.path.join(next(repository, real), "")


def _plain_bytes(real: str, path: str) -> bytes:
    """The bytes of a file that is not a link, a pipe or a device. Opening it never waits."""
    with open(real, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK | os.O_NOFOLLOW)) as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise BadRow("image is not a plain file", path, "save it as a file of its own")
        if found.st_size > MOST_BYTES:
            raise too_many_bytes(found.st_size)
        return file.read(found.st_size)


def too_many_bytes(count: int) -> BadRow:
    """Return the error for an image of this many bytes."""
    return BadRow(f"image of more than {MOST_BYTES >> 20} MiB", f"{count} bytes", "shrink it, or save it as JPEG")

"""The picture files that a row may name: plain files of bounded size inside the folder of its set, and nothing else.

A data set is often somebody else's: a path in it must not reach the other files of who trains on it.
"""

import os
import stat
from functools import lru_cache
from pathlib import Path

from rlvr_backend.datasets.declaration import BadRow

MOST_BYTES = 64 << 20  # of a picture as it is stored
LONGEST_PATH = 4096  # characters; Linux opens no longer one
UNREADABLE = "image file cannot be read"


def read_picture(path: str, folder: Path | None) -> bytes:
    """The bytes of a picture file; a relative path starts from `folder`, in which the file must lie, links followed.

    Without a folder, as for a set on the hub, no file is read. Raises BadRow.
    """
    if "://" in path or path.startswith("data:"):
        raise BadRow("image is a URL", path, "download it, and write its path from the folder of the set")
    if folder is None:
        raise BadRow(
            "image is a path, in a set on the hub", path, "name the folder of its pictures: `image_folder` under `data`"
        )
    fix = f"write its path from {folder}"
    if len(path) > LONGEST_PATH:
        raise BadRow(UNREADABLE, path, fix)
    try:
        real = os.path.realpath(os.path.join(folder, path))
        if not real.startswith(bounds(folder)):
            raise BadRow(
                "image file outside the folder of the set",
                path,
                f"move it into {folder}, or name the folder of all pictures: `image_folder` under `data`",
            )
        return _plain_bytes(real, path)
    except (OSError, ValueError) as error:
        raise BadRow(UNREADABLE, path, fix) from error


@lru_cache(maxsize=1)  # the same for each picture of a set
def bounds(folder: Path) -> str:
    """What the path of a file in the folder begins with, links followed; in a snapshot of the hub's, its repository's.

    The files of a snapshot, which `hf download` makes, are links to the repository's blobs.
    """
    real = Path(os.path.realpath(folder))
    snapshots = (one.parent for one in (real, *real.parents) if one.parent.name == "snapshots")
    repository = (one.parent for one in snapshots if (one.parent / "blobs").is_dir())
    return os.path.join(next(repository, real), "")


def _plain_bytes(real: str, path: str) -> bytes:
    """Those of a file without links. It is opened without waiting, as a pipe would, and read only if it is a file."""
    with open(real, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK | os.O_NOFOLLOW)) as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise BadRow("image is no plain file", path, "save it as a file of its own")
        if found.st_size > MOST_BYTES:
            raise too_many_bytes(found.st_size)
        return file.read(found.st_size)


def too_many_bytes(count: int) -> BadRow:
    return BadRow(f"image of more than {MOST_BYTES >> 20} MiB", f"{count} bytes", "shrink it, or save it as JPEG")

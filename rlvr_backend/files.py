"""Write files atomically and durably: after a crash a file is the old one or the new one, never a part of one."""

import os
from pathlib import Path


def write_atomically(path: Path, text: str) -> None:
    """Replace a file in one step, and wait until the disk holds it."""
    part = path.with_name(path.name + ".tmp")
    with part.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)
    fsync(path.parent)


def fsync(path: Path) -> None:
    """Wait until the disk holds the content of a file, or the names in a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

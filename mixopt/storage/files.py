"""Files in the folders of studies: private folders, writes in one move, safe reads, and locks."""

import errno
import fcntl
import os
import stat
from pathlib import Path

from mixopt.storage.transient_errors import may_pass

PRIVATE = 0o700
MOST = 1 << 28  # bytes of a file that is read whole


def make_private(path: Path) -> None:
    """Create a folder, and those above it that are missing, that only the user can open, whatever the umask.

    Raises:
        FileExistsError: it exists.
    """
    for missing in reversed([above for above in path.parents if not above.exists()]):
        missing.mkdir(mode=PRIVATE, exist_ok=True)
    path.mkdir(mode=PRIVATE)


def write_whole(path: Path, text: str) -> None:
    """Write a file in one move: a reader sees the old one or the new one, never a part."""
    refuse_folder(path)
    part = path.with_name(path.name + ".tmp")
    part.unlink(missing_ok=True)  # a killed writer's; or a pipe, which would block, or a link, which would be followed
    with part.open("x", encoding="utf-8", newline="") as file:  # line ends stay as they are
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)


def is_locked(path: Path) -> bool:
    """Whether a process holds the kernel's lock on a file; not where the file is missing.

    Raises:
        OSError: this cannot be read at the moment.
    """
    try:
        with open(path, "rb", buffering=0, opener=at_once) as file:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError as error:
        if may_pass(error):
            raise
    return False


def at_once(path: str, flags: int) -> int:
    """Open without waiting, for `open(..., opener=at_once)`: a pipe in a file's place would block."""
    return os.open(path, flags | os.O_NONBLOCK)


def read_plain(path: Path) -> bytes:
    """Return the content of a file.

    Raises:
        OSError: it cannot be read, is no plain file, or is larger than MOST.
    """
    descriptor = at_once(str(path), os.O_RDONLY)
    try:
        found = os.fstat(descriptor)
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EEXIST, "it is no plain file", str(path))
        if found.st_size > MOST:
            raise OSError(errno.EFBIG, f"it is larger than {MOST >> 20} MiB", str(path))
    except OSError:
        os.close(descriptor)
        raise
    with open(descriptor, "rb") as file:
        return file.read()


def read_own(path: Path) -> bytes:
    """Return the content of a file in a trial's folder, which a trainer writes.

    Raises:
        OSError: it cannot be read, is no plain file, is larger than MOST, or is reached by a link, its own or its
            folder's, that leads out of the folder: it may be another trial's.
    """
    check_own(path)
    return read_plain(path)


def check_own(path: Path) -> None:
    """Check a file of a trial's folder.

    Raises:
        OSError: it leads out of the folder, or exists and is no plain file.
    """
    home = path.parent.parent.resolve() / path.parent.name
    if not Path(os.path.realpath(path)).is_relative_to(home):
        raise OSError(errno.EXDEV, "a link leads out of the trial's folder", str(path))
    if path.exists() and not path.is_file():  # a pipe would block
        raise OSError(errno.EEXIST, "it is no plain file", str(path))


def refuse_folder(path: Path) -> None:
    """Raise IsADirectoryError where a folder is in a file's place."""
    if path.is_dir():
        raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))

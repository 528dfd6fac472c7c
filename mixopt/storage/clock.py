"""The clock of a file system, the same for all machines that share it."""

import os
from pathlib import Path
from tempfile import TemporaryFile


def file_system_time(folder: Path) -> float | None:
    """Return the present time by the clock that stamps the files of a folder.

    Two stamps of one file server can be compared; the clocks of two machines cannot.

    Returns:
        Seconds since 1970; None where nothing can be written into the folder.
    """
    try:
        with TemporaryFile(dir=folder) as file:
            os.utime(file.fileno())
            return os.fstat(file.fileno()).st_mtime
    except OSError:
        return None

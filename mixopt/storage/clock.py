"""The clock of a file system, which is one for all machines that share it."""

import os
from pathlib import Path
from tempfile import TemporaryFile


def file_system_time(folder: Path) -> float | None:
    """Now, in seconds, by the clock that stamps the files of a folder; None where nothing can be written there.

    Two stamps of one file server can be compared; the clocks of two machines cannot.
    """
    try:
        with TemporaryFile(dir=folder) as file:
            os.utime(file.fileno())
            return os.fstat(file.fileno()).st_mtime
    except OSError:
        return None

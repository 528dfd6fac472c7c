"""Optuna's journal file, made so that no crash and no full disk spoils it."""

import json
import os
from pathlib import Path
from typing import IO, Any

from filelock import FileLock
from optuna.storages.journal import JournalFileBackend

POLL = 0.005  # seconds between tries for the lock
CHUNK = 1 << 16  # bytes read at a time in search of the last whole line


class SturdyJournal(JournalFileBackend):
    """A journal whose end is always a whole line when something is appended.

    Optuna appends to a line that a crash left torn, and then never reads the file again. Here a torn end is cut off
    first, and what a full disk let be written in part is taken back. Readers pass over a torn end as they are.

    The lock is the kernel's, which a killed process gives up at once; Optuna's own is waited for for 30 s then.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self._kernel_lock = FileLock(path.with_name(path.name + ".flock"), poll_interval=POLL)

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Append whole lines or nothing; raises OSError where they cannot be written."""
        lines = "".join(json.dumps(log, separators=(",", ":")) + "\n" for log in logs)
        with self._kernel_lock, open(self._file_path, "ab+", buffering=0) as file:
            end = _whole(file)
            if end < file.seek(0, os.SEEK_END):
                file.truncate(end)
            try:
                _write_all(file, lines.encode())
            except OSError:
                file.truncate(end)
                raise
            os.fsync(file.fileno())  # lines that are whole stay, for somebody may have read them


def _whole(file: IO[bytes]) -> int:
    """The bytes up to the end of the last whole line."""
    end = file.seek(0, os.SEEK_END)
    while end:
        start = max(0, end - CHUNK)
        file.seek(start)
        newline = file.read(end - start).rfind(b"\n")
        if newline >= 0:
            return start + newline + 1
        end = start
    return 0


def _write_all(file: IO[bytes], content: bytes) -> None:
    """An unbuffered file may take less than it is given, as when the disk fills up."""
    while content:
        content = content[file.write(content) :]

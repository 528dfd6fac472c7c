"""Optuna's journal file, made safe against crashes, full disks and repeated records."""

import json
import os
import warnings
from collections.abc import Generator, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from filelock import FileLock
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import FrozenTrial

from mixopt.errors import StorageError
from mixopt.storage.optuna_private import NO_OPERATION, creates_trial, record_of_finished_trial

MARK = "mixopt:made"  # system attribute of a trial, different for each
POLL = 0.005  # seconds between attempts to get the lock
CHUNK = 1 << 16  # bytes read at a time in search of the last whole line
_LINE = json.JSONEncoder(separators=(",", ":"))


class CrashSafeStorage(JournalStorage):
    """Optuna's journal storage over a CrashSafeJournal, which also adds many finished trials by one write."""

    def __init__(self, journal: "CrashSafeJournal") -> None:
        super().__init__(journal)
        self._journal = journal

    def add_finished(self, study_id: int, trials: Sequence[FrozenTrial]) -> None:
        """Add trials that finished elsewhere; after a kill the first of them are there.

        Args:
            study_id: the study's id in this journal.
            trials: finished ones, in their order.

        Raises:
            OSError: none of them could be written.
        """
        writer = f"{uuid4()}-0"  # the form of Optuna's own
        self._journal.append_logs([record_of_finished_trial(study_id, trial, writer) for trial in trials])


class CrashSafeJournal(JournalFileBackend):
    """A journal file to which only whole lines are appended.

    Optuna appends to a line that a crash cut short, and can then never read the file again. Here such an end is cut off
    first, and what a full disk wrote in part is removed. Readers ignore an incomplete last line, as Optuna does.

    The kernel's lock is used, which a killed process gives up at once; Optuna waits up to 30 s for its own.

    Trials are numbered by their order in the file. A tool that syncs files may repeat a record that creates a trial;
    all later records would then belong to the wrong trials. It is ignored where the trial carries a mark.

    Args:
        path: of the file; it is created where it is missing.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self._path = path
        self._kernel_lock = FileLock(path.with_name(path.name + ".flock"), poll_interval=POLL)
        self._created: dict[bytes, int] = {}  # digests of records that create trials, and the number of the first

    def read_logs(self, log_number_from: int) -> Generator[dict[str, Any], None, None]:
        """Yield the records from a number on.

        Raises:
            StorageError: a record without a mark is repeated; what follows may count it or not.
        """
        for number, record in enumerate(super().read_logs(log_number_from), log_number_from):
            if (first := self._first(record, number)) == number:
                yield record
                continue
            where = f"{self._path}: line {number + 1} makes the trial of line {first + 1} again"
            if MARK not in record.get("system_attrs", {}):
                raise StorageError(f"{where}: remove the line if a copy left it, or restore a backup")
            warnings.warn(f"{where}: it is passed over", stacklevel=2)
            yield NO_OPERATION

    def _first(self, record: dict[str, Any], number: int) -> int:
        """Return the number of the first record that creates the same trial; its own for all others."""
        if not creates_trial(record):
            return number
        if MARK not in record.get("system_attrs", {}) and not record.get("datetime_start"):
            return number  # enqueued by plain Optuna: two may be alike
        content = json.dumps(record, sort_keys=True)  # not its mark alone: a copy of a trial may have the same mark
        return self._created.setdefault(blake2b(content.encode(), digest_size=16).digest(), number)

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Append whole lines or nothing.

        Raises:
            OSError: they cannot be written.
        """
        lines = "".join(_LINE.encode(log) + "\n" for log in logs)
        with self._kernel_lock, open(self._path, "ab+", buffering=0) as file:
            end = _end_of_lines(file)
            if end < file.seek(0, os.SEEK_END):
                file.truncate(end)
            try:
                _write_all(file, lines.encode())
            except OSError:
                file.truncate(end)
                raise
            os.fsync(file.fileno())  # if it fails, the lines stay, since others may have read them


def _end_of_lines(file: IO[bytes]) -> int:
    """Return the number of bytes up to the end of the last whole line."""
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
    """Write everything; an unbuffered file may take less than it is given, as when the disk fills up."""
    while content:
        content = content[file.write(content) :]

"""Optuna's journal file, made so that no crash and no full disk spoils it."""

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

MADE = "mixopt:made"  # system attribute of a trial: unlike that of every other trial
POLL = 0.005  # seconds between tries for the lock
CHUNK = 1 << 16  # bytes read at a time in search of the last whole line
_LINE = json.JSONEncoder(separators=(",", ":"))


class SturdyStorage(JournalStorage):
    """Optuna's journal storage over a SturdyJournal, which adds many finished trials by one append.

    Optuna waits for the disk after each trial, and then reads it back.
    """

    def __init__(self, journal: "SturdyJournal") -> None:
        super().__init__(journal)
        self._journal = journal

    def add_finished(self, study_id: int, trials: Sequence[FrozenTrial]) -> None:
        """Add trials that were finished elsewhere; after a kill the first of them are there.

        Raises:
            OSError: none of them could be written.
        """
        writer = f"{uuid4()}-0"  # as Optuna calls its own
        self._journal.append_logs([record_of_finished_trial(study_id, trial, writer) for trial in trials])


class SturdyJournal(JournalFileBackend):
    """A journal whose end is always a whole line when something is appended.

    Optuna appends to a line that a crash left torn, and then never reads the file again. Here a torn end is cut off
    first, and what a full disk let be written in part is taken back. Readers pass over a torn end as they are.

    The lock is the kernel's, which a killed process gives up at once; Optuna's own is waited for for 30 s then.

    Trials are counted, not named: a record that makes one and stands twice, as a tool that syncs files may leave it,
    would give all later records to the wrong trials. It is passed over where the trial carries a mark.
    """

    def __init__(self, path: Path) -> None:
        super().__init__(str(path))
        self._path = path
        self._kernel_lock = FileLock(path.with_name(path.name + ".flock"), poll_interval=POLL)
        self._made: dict[bytes, int] = {}  # digests of records that make trials, and the number of the first such one

    def read_logs(self, log_number_from: int) -> Generator[dict[str, Any], None, None]:
        """The records from a number on.

        Raises:
            StorageError: one that makes a trial stands twice, and carries no mark: what follows may count it or not.
        """
        for number, record in enumerate(super().read_logs(log_number_from), log_number_from):
            if (first := self._first(record, number)) == number:
                yield record
                continue
            where = f"{self._path}: line {number + 1} makes the trial of line {first + 1} again"
            if MADE not in record.get("system_attrs", {}):
                raise StorageError(f"{where}: remove the line if a copy left it, or restore a backup")
            warnings.warn(f"{where}: it is passed over", stacklevel=2)
            yield NO_OPERATION

    def _first(self, record: dict[str, Any], number: int) -> int:
        """The number of the first record that makes the same trial; its own for all others."""
        if not creates_trial(record):
            return number
        if MADE not in record.get("system_attrs", {}) and not record.get("datetime_start"):
            return number  # enqueued by plain Optuna: two may be alike
        said = json.dumps(record, sort_keys=True)  # not its mark alone: a copy of a trial may bear that of the first
        return self._made.setdefault(blake2b(said.encode(), digest_size=16).digest(), number)

    def append_logs(self, logs: list[dict[str, Any]]) -> None:
        """Append whole lines or nothing; raises OSError where they cannot be written."""
        lines = "".join(_LINE.encode(log) + "\n" for log in logs)
        with self._kernel_lock, open(self._path, "ab+", buffering=0) as file:
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

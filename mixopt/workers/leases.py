"""Who trains which trial: leases, on any storage, by files in the folders that workers share.

Optuna's heartbeat covers its database storage alone, and there only `optimize`. Here trials/0007/owner-1.json says who
owns trial 7. The owner touches it every few seconds and holds a lock of the kernel's on it. A worker that finds the
lock free (on the same machine), or the file untouched for LEASE seconds by its own watch (on any), takes the trial over
by making owner-2.json: of several that try, the file system lets one. So an owner that was only asleep finds a
later file, and lets go. No takeover compares the clocks of two machines.
"""

import fcntl
import json
import os
import socket
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from mixopt.folders import StudyFolder

LEASE = 60.0  # seconds without a sign of life after which a trial is taken over
BEAT = 5.0  # seconds between an owner's signs of life


@dataclass(eq=False)
class Lease:
    """The right to train a trial, as its `turn`-th owner, until somebody takes it over."""

    path: Path
    turn: int
    _held: IO[str]

    def beat(self) -> None:
        """Give a sign of life."""
        os.utime(self.path)

    @property
    def lost(self) -> bool:
        """Whether the trial was taken over."""
        return _file(self.path.parent, self.turn + 1).exists()

    def release(self) -> None:
        """Let go: the trial is finished, or the next worker's."""
        with suppress(OSError), self._held as file:
            _say(file, released=True)


class Leases:
    """The leases of a study as one worker sees them.

    Args:
        patience: seconds without a sign of life after which an owner is taken for gone.
    """

    def __init__(self, folder: StudyFolder, patience: float = LEASE) -> None:
        self._folder, self._patience = folder, patience
        self._seen: dict[Path, tuple[int, float]] = {}  # when a file was touched, and when that was first seen

    def turn(self, number: int) -> int:
        """How many owners a trial has had."""
        return _turn(self._folder.trial(number).path)

    def deaths(self, number: int) -> int:
        """How many owners of an abandoned trial have not let go of it by themselves."""
        folder = self._folder.trial(number).path
        return sum(not _said(_file(folder, turn + 1)).get("released") for turn in range(self.turn(number)))

    def take(self, number: int, turn: int) -> Lease | None:
        """Become the owner number `turn` of a trial, after one that is `abandoned`; None where somebody was faster.

        Raises:
            OSError: the lease cannot be written; then nobody has it.
        """
        folder = self._folder.trial(number).path
        folder.mkdir(parents=True, exist_ok=True)
        path = _file(folder, turn)
        scratch = path.with_name(f".{path.name}.{uuid4().hex}")
        file = scratch.open("x")
        try:  # it appears whole and locked: of who is killed on the way nobody could tell whether he lives
            fcntl.flock(file, fcntl.LOCK_EX)
            _say(file, released=False)
            os.link(scratch, path)
        except OSError as error:
            with suppress(OSError):
                file.close()
            if isinstance(error, FileExistsError):
                return None
            raise
        finally:
            scratch.unlink()
        return Lease(path, turn, file)

    def seems_alive(self, number: int) -> bool:
        """Whether a running trial has a living owner, at a glance: of one on another machine by the clocks of both."""
        turn = self.turn(number)
        if not turn:
            return False
        path = _file(self._folder.trial(number).path, turn)
        if _said(path).get("released"):
            return False
        here = _machine_of(path) == _machine()
        return not _lock_free(path) if here else time.time() - path.stat().st_mtime < self._patience

    def owner(self, number: int) -> str | None:
        """Who trains a running trial, HOST:PID, as far as `seems_alive` can tell."""
        path = _file(self._folder.trial(number).path, self.turn(number))
        return _said(path).get("owner") if self.seems_alive(number) else None

    def abandoned(self, number: int, turn: int) -> bool:
        """Whether the last owner of a trial, number `turn`, is gone; on another machine it takes a while to know."""
        if not turn:
            return True
        path = _file(self._folder.trial(number).path, turn)
        if _said(path).get("released"):
            return True
        touched = path.stat().st_mtime_ns
        before, since = self._seen.get(path, (None, 0.0))
        if touched != before:
            since = time.monotonic()
            self._seen[path] = touched, since
        return time.monotonic() - since >= self._patience or (_machine_of(path) == _machine() and _lock_free(path))


def _turn(folder: Path) -> int:
    turn = 0
    while _file(folder, turn + 1).exists():
        turn += 1
    return turn


def _file(folder: Path, turn: int) -> Path:
    return folder / f"owner-{turn}.json"


def _say(file: IO[str], released: bool) -> None:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    said = {"owner": f"{socket.gethostname()}:{os.getpid()}", "machine": _machine(), "since": since}
    file.seek(0)
    json.dump({**said, "released": released}, file)
    file.truncate()
    file.flush()
    os.fsync(file.fileno())


def _said(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(path.read_text())
    except (OSError, ValueError, RecursionError):
        return {}  # its owner died while it wrote
    return said if isinstance(said, dict) else {}


def _machine_of(path: Path) -> str | None:
    """Where the owner runs; None of one that died before it could say."""
    return _said(path).get("machine")


def _machine() -> str:
    """This machine since its last start."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return socket.gethostname()


def is_locked(path: Path) -> bool:
    """Whether a process holds the kernel's lock on a file; nobody does where there is none."""
    return path.exists() and not _lock_free(path)


def _lock_free(path: Path) -> bool:
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

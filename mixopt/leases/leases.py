"""Who trains which trial: leases, on any storage, by files in the folders that workers share.

Optuna's heartbeat covers its database storage alone, and there only `optimize`. Here trials/0007/owner-1.json says who
owns trial 7. The owner touches it every few seconds and holds a lock of the kernel's on it. A worker that finds the
lock free (on the same machine), or the file untouched for LEASE seconds by its own watch (on any), takes the trial over
by making owner-2.json: of several that try, the file system lets one. So an owner that was only asleep finds a
later file, and lets go. Nothing compares the clocks of two machines. owner-2.json also says what became of owner 1
(owners.py).
"""

import fcntl
import json
import os
import socket
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from mixopt.leases.owners import DIED, RELEASED, owner_end, place
from mixopt.paths import StudyFolder
from mixopt.storage.clock import file_system_time
from mixopt.storage.files import at_once, read_plain
from mixopt.storage.transient_errors import NO_LINKS

LEASE = 60.0  # seconds without a sign of life after which a trial is taken over
HEARTBEAT = 5.0  # seconds between an owner's signs of life


@dataclass(eq=False)
class Lease:
    """The right to train a trial, as its `turn`-th owner, until somebody takes it over."""

    path: Path
    turn: int
    _held: IO[str]
    _before: str | None = None

    def renew(self) -> None:
        """Give a sign of life."""
        os.utime(self.path)

    @property
    def lost(self) -> bool:
        """Whether the trial was taken over; raises OSError where that cannot be seen."""
        return _file(self.path.parent, self.turn + 1).exists()

    def release(self) -> None:
        """Let go: the trial is finished, or the next worker's."""
        with suppress(OSError), self._held as file:
            _say(file, self._before, released=True)


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
        """How many owners of an abandoned trial have died, by no time limit, preemption or failure of their node."""
        return sum(self._became(number, turn) == DIED for turn in range(1, self.turn(number) + 1))

    def _became(self, number: int, turn: int) -> str:
        """What became of an owner: as the next one has found, else as can be found now."""
        folder = self._folder.trial(number).path
        said, found = _said(_file(folder, turn)), _said(_file(folder, turn + 1)).get("before")
        if found:
            return str(found)
        if turn < self.turn(number):  # taken over before leases said so
            return RELEASED if said.get("released") else DIED
        return owner_end(said, _machine())

    def take(self, number: int, turn: int) -> Lease | None:
        """Become the owner number `turn` of a trial, after one that is `abandoned`; None where somebody was faster.

        Raises:
            OSError: the lease cannot be written; then nobody has it.
        """
        folder = self._folder.trial(number).path
        folder.mkdir(parents=True, exist_ok=True)
        path, before = _file(folder, turn), self._became(number, turn - 1) if turn > 1 else None
        scratch = path.with_name(f".{path.name}.{uuid4().hex}")
        file = scratch.open("x")
        try:  # it appears whole and locked: of who is killed on the way nobody could tell whether he lives
            fcntl.flock(file, fcntl.LOCK_EX)
            _say(file, before, released=False)
            linked = _link(scratch, path)
        except OSError as error:
            with suppress(OSError):
                file.close()
            if isinstance(error, FileExistsError):
                return None
            raise
        finally:
            with suppress(OSError):  # a disk that is away; the name is nobody's
                scratch.unlink()
        if linked:
            return Lease(path, turn, file, before)
        file.close()
        return _made_in_place(path, turn, before)

    def seems_alive(self, number: int) -> bool:
        """Whether a running trial has a living owner, at a glance, which is enough to show and not to delete.

        Of one on another machine by the clock of the file system; it is taken to live where that cannot be read.
        """
        path = self._unreleased(number)
        if path is None or _machine_of(path) == _machine():
            return path is not None and not _lock_free(path)
        now = file_system_time(self._folder.path)
        return now is None or now - path.stat().st_mtime < self._patience

    def any_alive(self, numbers: Iterable[int]) -> bool:
        """Whether any of these trials has a living owner, for certain.

        Those on other machines are watched until one gives a sign of life, or none has for the whole patience.
        """
        turns = {number: self.turn(number) for number in numbers}
        left = {number for number, turn in turns.items() if turn and not self.abandoned(number, turn)}
        if any(_machine_of(_file(self._folder.trial(number).path, turns[number])) == _machine() for number in left):
            return True
        touched = {path: path.stat().st_mtime_ns for n in left if (path := self._unreleased(n))}
        while left:
            time.sleep(min(self._patience, HEARTBEAT) / 10)
            for path, before in touched.items():
                if path.exists() and path.stat().st_mtime_ns != before and not _said(path).get("released"):
                    return True
            if any(self.turn(number) != turns[number] for number in left):
                return True  # somebody has taken it over meanwhile
            left = {number for number in left if not self.abandoned(number, turns[number])}
        return False

    def elsewhere(self, numbers: Iterable[int]) -> list[str]:
        """The owners on other machines that have not let go, HOST:PID."""
        paths = [path for number in numbers if (path := self._unreleased(number))]
        return [str(_said(path).get("owner")) for path in paths if _machine_of(path) != _machine()]

    def _unreleased(self, number: int) -> Path | None:
        """The last lease of a trial, if its owner has not let go."""
        turn = self.turn(number)
        path = _file(self._folder.trial(number).path, turn)
        return path if turn and not _said(path).get("released") else None

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
    while os.path.lexists(_file(folder, turn + 1)):  # a link that leads nowhere takes the name too
        turn += 1
    return turn


def _file(folder: Path, turn: int) -> Path:
    return folder / f"owner-{turn}.json"


def _link(scratch: Path, path: Path) -> bool:
    """Give a file its name, which must be new; False where the file system has no hard links."""
    try:
        os.link(scratch, path)
    except OSError as error:
        if error.errno in NO_LINKS:
            return False
        raise
    return True


def _made_in_place(path: Path, turn: int, before: str | None) -> Lease | None:
    """A lease where there are no hard links, as on some FUSE and SMB mounts: of several that try one makes the file.

    Whoever sees it before it says whose it is watches it for the whole patience, as one of another machine.
    """
    try:
        file = path.open("x")
    except FileExistsError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        _say(file, before, released=False)
    except OSError:
        with suppress(OSError):
            path.unlink()
        with suppress(OSError):
            file.close()
        raise
    return Lease(path, turn, file, before)


def _say(file: IO[str], before: str | None, released: bool) -> None:
    since = datetime.now(UTC).isoformat(timespec="seconds")
    said = {"owner": f"{socket.gethostname()}:{os.getpid()}", "machine": _machine(), "since": since, **place()}
    file.seek(0)
    json.dump({**said, **({"before": before} if before else {}), "released": released}, file)
    file.truncate()
    file.flush()
    os.fsync(file.fileno())


def _said(path: Path) -> dict[str, Any]:
    try:
        said = json.loads(read_plain(path))
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


def _lock_free(path: Path) -> bool:
    with open(path, "rb", buffering=0, opener=at_once) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

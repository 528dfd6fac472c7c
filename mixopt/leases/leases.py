"""Leases: which worker trains which trial, and what happens when a worker dies: another one takes its trial over.

They work on any storage, through files in the study's folder that the workers share (lease_file.py). Optuna's own
heartbeat covers only its database storage and `study.optimize`.

The owner of trial 7 has the file trials/0007/owner-1.json. It touches the file every few seconds (its heartbeat) and
holds a kernel lock on it. Another worker takes the trial over by creating owner-2.json, once it finds on the same
machine that the lock is free, or on any machine that the file has not changed for LEASE_TIMEOUT seconds. The file
system lets only one worker create it. An owner that was only suspended finds owner-2.json and stops. No clocks of two
machines are compared. owner-2.json also records how owner 1 ended (owner_deaths.py).
"""

import os
import time
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from mixopt.leases.lease_file import (
    create_lease,
    is_unlocked,
    last_turn,
    lease_path,
    on_this_machine,
    read_lease,
    this_machine,
    write_lease,
)
from mixopt.leases.owner_deaths import DIED, RELEASED, owner_end
from mixopt.paths import StudyFolder
from mixopt.storage.clock import file_system_time

LEASE_TIMEOUT = 60.0  # seconds without a heartbeat after which a trial is taken over
HEARTBEAT_INTERVAL = 5.0  # seconds between an owner's heartbeats


@dataclass(eq=False)
class Lease:
    """The right to train a trial, until another worker takes it over.

    Attributes:
        path: The lease file.
        turn: Number of this owner among the owners that the trial has had, from 1.
    """

    path: Path
    turn: int
    _file: IO[str]
    _before: str | None = None

    def renew(self) -> None:
        """Give a heartbeat."""
        os.utime(self.path)

    @property
    def lost(self) -> bool:
        """Whether another worker has taken the trial over; raises OSError where the folder cannot be read."""
        return lease_path(self.path.parent, self.turn + 1).exists()

    def release(self) -> None:
        """Release the trial: it is finished, or left for the next worker."""
        with suppress(OSError), self._file as file:
            write_lease(file, self._before, released=True)


class Leases:
    """The leases of a study as one worker sees them.

    Args:
        folder: Of the study.
        patience: Seconds without a heartbeat after which an owner counts as dead.
    """

    def __init__(self, folder: StudyFolder, patience: float = LEASE_TIMEOUT) -> None:
        self._folder, self._patience = folder, patience
        self._seen: dict[Path, tuple[int, float]] = {}  # a lease's last change, and when this worker first saw it

    def turn(self, number: int) -> int:
        """How many owners a trial has had."""
        return last_turn(self._folder.trial(number).path)

    def deaths(self, number: int) -> int:
        """How many owners of an abandoned trial have died in a way that the trial itself may have caused."""
        return sum(self._owner_end(number, turn) == DIED for turn in range(1, self.turn(number) + 1))

    def _owner_end(self, number: int, turn: int) -> str:
        """How an owner ended: as recorded by the next owner, otherwise as can be found out now."""
        lease, recorded = read_lease(self._path(number, turn)), read_lease(self._path(number, turn + 1)).get("before")
        if recorded:
            return str(recorded)
        if turn < self.turn(number):  # taken over by a version of mixopt that did not record it
            return RELEASED if lease.get("released") else DIED
        return owner_end(lease, this_machine())

    def take(self, number: int, turn: int) -> Lease | None:
        """Become the owner of a trial whose last owner has `abandoned` it.

        Args:
            number: Of the trial.
            turn: Number of the new owner, one more than the trial has had.

        Returns:
            The lease; None where another worker was faster.

        Raises:
            OSError: The lease cannot be written; then no worker has it.
        """
        path = self._path(number, turn)
        path.parent.mkdir(parents=True, exist_ok=True)
        before = self._owner_end(number, turn - 1) if turn > 1 else None
        file = create_lease(path, before)
        return Lease(path, turn, file, before) if file else None

    def seems_alive(self, number: int) -> bool:
        """Whether a running trial has a living owner, at a glance: good enough to display, not to delete a study.

        An owner on another machine is judged by the clock of the file system, and counts as alive where that cannot
        be read.
        """
        path = self._unreleased(number)
        if path is None or on_this_machine(path):
            return path is not None and not is_unlocked(path)
        now = file_system_time(self._folder.path)
        return now is None or now - path.stat().st_mtime < self._patience

    def any_alive(self, numbers: Iterable[int]) -> bool:
        """Whether any of these trials has a living owner, for certain.

        Owners on other machines are watched until one gives a heartbeat, or none has for the whole patience.
        """
        turns = {number: self.turn(number) for number in numbers}
        left = {number for number, turn in turns.items() if turn and not self.abandoned(number, turn)}
        if any(on_this_machine(self._path(number, turns[number])) for number in left):
            return True
        touched = {path: path.stat().st_mtime_ns for n in left if (path := self._unreleased(n))}
        while left:
            time.sleep(min(self._patience, HEARTBEAT_INTERVAL) / 10)
            for path, before in touched.items():
                if path.exists() and path.stat().st_mtime_ns != before and not read_lease(path).get("released"):
                    return True
            if any(self.turn(number) != turns[number] for number in left):
                return True  # another worker has taken it over meanwhile
            left = {number for number in left if not self.abandoned(number, turns[number])}
        return False

    def elsewhere(self, numbers: Iterable[int]) -> list[str]:
        """The owners on other machines that have not released their trials, as HOST:PID."""
        paths = [path for number in numbers if (path := self._unreleased(number))]
        return [str(read_lease(path).get("owner")) for path in paths if not on_this_machine(path)]

    def owner(self, number: int) -> str | None:
        """The owner of a running trial, as HOST:PID, where it `seems_alive`."""
        return read_lease(self._path(number, self.turn(number))).get("owner") if self.seems_alive(number) else None

    def abandoned(self, number: int, turn: int) -> bool:
        """Whether the last owner of a trial is gone; for one on another machine this takes the whole patience.

        Args:
            number: Of the trial.
            turn: Number of its last owner; 0 where it has had none.
        """
        if not turn:
            return True
        path = self._path(number, turn)
        if read_lease(path).get("released"):
            return True
        touched = path.stat().st_mtime_ns
        before, since = self._seen.get(path, (None, 0.0))
        if touched != before:
            since = time.monotonic()
            self._seen[path] = touched, since
        return time.monotonic() - since >= self._patience or (on_this_machine(path) and is_unlocked(path))

    def _path(self, number: int, turn: int) -> Path:
        return lease_path(self._folder.trial(number).path, turn)

    def _unreleased(self, number: int) -> Path | None:
        """The last lease of a trial, where its owner has not released it."""
        path = self._path(number, turn) if (turn := self.turn(number)) else None
        return path if path and not read_lease(path).get("released") else None

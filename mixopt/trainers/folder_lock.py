"""Who has a trial's folder: one trainer at a time, whatever started it.

The command that was started there holds the file `lock`, which also says its process id, and a trainer may hold files
NAME.lock of its own, one a process. The optimiser holds neither while a trainer runs, so one that is suspended does
not block its successor.
"""

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from typing import IO

from mixopt.paths import TrialFolder
from mixopt.storage.files import check_own, is_locked, refuse_folder
from mixopt.trainers.contract import TrialFailed, TrialStopped
from mixopt.trainers.processes import Processes
from mixopt.trainers.progress import Silence

POLL = 0.2  # seconds between looks at another trainer
OWN_LOCKS = "*.lock"


@contextmanager
def claimed(folder: TrialFolder, stop: Event, watch: Silence | None) -> Iterator[IO[str] | None]:
    """The lock of a folder, in which no trainer is left; None where there is a result, which is written last.

    A trainer that outlived its optimiser is waited for. What it has left behind, where the command itself has ended, is
    ended. A command that inherits the lock holds it after the block.

    Raises:
        TrialFailed: an earlier trainer lives and has said nothing for too long.
        TrialStopped: `stop` was set first.
    """
    refuse_folder(folder.lock)
    check_own(folder.lock)
    with folder.lock.open("a+", errors="replace") as lock:
        while not (done := folder.result.exists()) and not _free(lock, folder):
            if watch and watch.too_long:
                raise TrialFailed(f"an earlier trainer has its folder and said nothing for {watch.limit:g} s: end it")
            if stop.wait(POLL):
                raise TrialStopped("the run was stopped")
        if stop.is_set() and not done:  # while what an earlier trainer had left was ended
            raise TrialStopped("the run was stopped")
        yield None if done else lock


def note_command(lock: IO[str], pid: int) -> None:
    """Say which process was started, in the lock that it holds."""
    lock.seek(0)
    lock.truncate()
    lock.write(f"{pid}\n")
    lock.flush()


def _free(lock: IO[str], folder: TrialFolder) -> bool:
    """Take the lock of a folder in which no trainer is at work; returns whether it was taken."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    left = Processes(folder.path)
    command_lives = _noted(lock) in {process.pid for process in left.alive()}  # one that has closed the lock, as sudo
    if not command_lives and left.end() and not any(is_locked(path) for path in folder.path.glob(OWN_LOCKS)):
        return True
    fcntl.flock(lock, fcntl.LOCK_UN)
    return False


def _noted(lock: IO[str]) -> int | None:
    lock.seek(0)
    said = lock.read(20).strip()
    return int(said) if said.isdecimal() else None

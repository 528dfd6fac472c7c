"""The lock of a trial's folder: one trainer at a time works in it, whatever started it.

The started command holds a lock on the file `lock`, which also has its process id. A trainer may hold further files
NAME.lock, one for each of its processes. mixopt itself holds no lock while a trainer runs, so a worker that is
suspended does not block the one that takes the trial over.
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
from mixopt.trainers.progress import Watchdog

POLL = 0.2  # seconds between checks whether another trainer has ended
OWN_LOCKS = "*.lock"


@contextmanager
def locked(folder: TrialFolder, stop: Event, watchdog: Watchdog | None) -> Iterator[IO[str] | None]:
    """Lock a trial's folder once no trainer is left in it.

    A trainer that outlived its worker is waited for. Where its command has ended, processes that it left behind are
    ended. A command that inherits the open lock keeps it locked after the block.

    Args:
        folder: Of the trial.
        stop: Ends the wait once it is set.
        watchdog: Finds an earlier trainer stuck; None waits without a limit.

    Yields:
        The lock; None where the folder has a result already.

    Raises:
        TrialFailed: An earlier trainer is alive and stuck.
        TrialStopped: `stop` was set first.
    """
    refuse_folder(folder.lock)
    check_own(folder.lock)
    with folder.lock.open("a+", errors="replace") as lock:
        while not (done := folder.result.exists()) and not _lock_if_free(lock, folder):
            if watchdog and watchdog.stuck:
                raise TrialFailed(
                    f"an earlier trainer has its folder and wrote no event for {watchdog.limit:g} s: end it"
                )
            if stop.wait(POLL):
                raise TrialStopped("the run was stopped")
        if stop.is_set() and not done:  # set while processes of an earlier trainer were ended
            raise TrialStopped("the run was stopped")
        yield None if done else lock


def note_command(lock: IO[str], pid: int) -> None:
    """Write the process id of the started command into the lock that it holds."""
    lock.seek(0)
    lock.truncate()
    lock.write(f"{pid}\n")
    lock.flush()


def _lock_if_free(lock: IO[str], folder: TrialFolder) -> bool:
    """Lock a folder in which no trainer is left; returns whether that was possible."""
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    left = Processes(folder.path)
    pids = {process.pid for process in left.alive()}
    command_lives = _noted_command(lock) in pids  # also where it has closed the lock, as sudo does
    if not command_lives and left.end() and not any(is_locked(path) for path in folder.path.glob(OWN_LOCKS)):
        return True
    fcntl.flock(lock, fcntl.LOCK_UN)
    return False


def _noted_command(lock: IO[str]) -> int | None:
    lock.seek(0)
    pid = lock.read(20).strip()
    return int(pid) if pid.isdecimal() else None

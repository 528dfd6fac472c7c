"""A file lock that lets only one trainer work in a trial's folder.

Launchers do not pass open files to the processes that they start, so each process takes a lock of its own, named after
its rank. Anyone who wants to start a trainer in the folder sees from these locks that one is running, on any machine
that shares the folder.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from rlvr_backend.errors import TryAgain

PATIENCE = 5.0  # seconds; a program that only checks the lock holds it for a moment


@contextmanager
def only_trainer_in(folder: Path) -> Iterator[None]:
    """Hold this process's lock on a trial's folder within the context.

    Raises:
        TryAgain: A process of another trainer with the same rank holds it.
    """
    lock = FileLock(folder / f"rank-{os.environ.get('RANK', '0')}.lock", timeout=PATIENCE)
    try:
        acquired = lock.acquire()
    except Timeout as error:
        raise TryAgain(
            f"{lock.lock_file} is locked: another trainer is running in this folder: stop it first"
        ) from error
    with acquired:
        yield

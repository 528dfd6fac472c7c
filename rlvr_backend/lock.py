"""One trainer a folder: each of its processes holds a lock there while it lives.

Launchers hand no open files on to the processes that they start, so each takes its lock itself. Whoever wants to start
a trainer in the folder sees by these locks, on any machine that shares it, that one is still at work.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from filelock import FileLock, Timeout

from rlvr_backend.contract import TryAgain

PATIENCE = 5.0  # seconds for which a lock is tried: who only looks at it holds it for a moment


@contextmanager
def only_trainer_in(folder: Path) -> Iterator[None]:
    """Hold this process's lock on a trial's folder within.

    Raises:
        TryAgain: another trainer's process of the same rank holds it.
    """
    lock = FileLock(folder / f"rank-{os.environ.get('RANK', '0')}.lock", timeout=PATIENCE)
    try:
        held = lock.acquire()
    except Timeout as error:
        raise TryAgain(
            f"{lock.lock_file} is locked: another trainer is at work in this folder: end it first"
        ) from error
    with held:
        yield

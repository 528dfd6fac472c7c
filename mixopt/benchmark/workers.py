"""Worker processes with one thread each, which end when their parent does."""

import os
import signal
import threading
import time
import warnings
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

LOOK = 2.0  # seconds between two looks at whether the parent is there


def worker_pool(workers: int, tasks_per_worker: int | None = None) -> ProcessPoolExecutor:
    """Return a pool of fresh processes; with tasks_per_worker = 1, each task gets its own process."""
    os.environ["OMP_NUM_THREADS"] = "1"  # read when a worker loads its libraries, torch too
    return ProcessPoolExecutor(
        workers,
        mp_context=get_context("spawn"),
        initializer=_start,
        initargs=(os.getpid(),),
        max_tasks_per_child=tasks_per_worker,
    )


def _start(parent: int) -> None:
    """Silence logs and Ctrl-C, which the parent reports."""
    import optuna

    warnings.simplefilter("ignore")
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    threading.Thread(target=_end_with, args=(parent,), daemon=True).start()


def _end_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(LOOK)
    os._exit(1)

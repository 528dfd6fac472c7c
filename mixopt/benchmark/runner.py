"""Many jobs, resumably: what is in the results file is skipped, what fails is noted and tried again next time."""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import active_children
from pathlib import Path
from typing import Any

from mixopt.benchmark.job import Job, run_job
from mixopt.benchmark.results import append_result
from mixopt.benchmark.suite import Sources, make_problem
from mixopt.benchmark.versions import method_version
from mixopt.benchmark.workers import worker_pool
from mixopt.errors import MixoptError

Report = Callable[[Job, dict[str, Any], float], None]  # a job, what came of it, its seconds


def all_jobs(problems: Sequence[str], methods: Sequence[str], seeds: Sequence[int]) -> list[Job]:
    """Seed by seed over all problems and methods, so that what is done at any time is balanced."""
    return [Job(problem, method, seed) for seed in seeds for problem in problems for method in methods]


def run_jobs(
    path: Path, jobs: Sequence[Job], *, sources: Sources, trials: int | None, workers: int, report: Report
) -> None:
    """Run jobs in worker processes, and append each to the results file when it ends.

    Whatever ends this early loses the jobs that are running and no other. A job that raises is appended as
    {"failed": reason}.
    """
    for method in {job.method for job in jobs}:
        method_version(method)  # of the code that the workers are about to load
    waiting = iter(jobs)
    running: dict[Future[tuple[dict[str, Any], float]], Job] = {}
    pool = worker_pool(workers)
    try:
        while True:
            for job in islice(waiting, workers - len(running)):
                running[pool.submit(_attempt, job, sources, trials)] = job
            if not running:
                return
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                job = running.pop(future)
                outcome, seconds = future.result()
                append_result(path, job, outcome)
                report(job, outcome, seconds)
    except BrokenProcessPool as broken:
        raise MixoptError("a worker process died, out of memory perhaps: the same command goes on") from broken
    except BaseException:
        for worker in active_children():
            worker.terminate()
        raise
    finally:
        pool.shutdown(cancel_futures=True)


def _attempt(job: Job, sources: Sources, trials: int | None) -> tuple[dict[str, Any], float]:
    """In a worker: what came of a job, and its seconds."""
    started = time.monotonic()
    try:
        outcome = run_job(job, make_problem(job.problem, job.seed, sources), trials)
    except Exception as error:  # whatever a peer raises is that job's outcome
        outcome = {"failed": f"{type(error).__name__}: {error}".splitlines()[0]}
    return outcome, time.monotonic() - started

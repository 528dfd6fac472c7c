"""Many jobs, resumably: what is in the results file is skipped, what fails is noted and tried again next time."""

import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from multiprocessing import active_children
from pathlib import Path
from typing import Any

from mixopt.benchmark.job import Job, rejudged, run_job
from mixopt.benchmark.methods import entry
from mixopt.benchmark.results import append_result
from mixopt.benchmark.suite import make_problem, table_digest
from mixopt.benchmark.tables import NOWHERE, Sources
from mixopt.benchmark.versions import versions_of
from mixopt.benchmark.workers import worker_pool
from mixopt.errors import MixoptError, require

Report = Callable[[Job, dict[str, Any], float], None]  # a job, what came of it, its seconds


def all_jobs(
    problems: Sequence[str],
    methods: Sequence[str],
    seeds: Sequence[int],
    *,
    sources: Sources = NOWHERE,
    trials: int | None = None,
) -> list[Job]:
    """Return jobs seed by seed over all problems and methods, so that finished jobs are balanced at any time.

    Args:
        problems: names of problems.
        methods: names of methods.
        seeds: of the jobs.
        sources: where measured runs are.
        trials: of every job. Default: as many as its method is meant to have.

    Raises:
        MixoptError: there is no such problem or method, or a table is missing or unusable.
    """
    tables = {problem: table_digest(problem, sources) for problem in problems}
    lengths = {method: trials or entry(method).trials for method in methods}
    return [
        Job(problem, method, seed, lengths[method], tables[problem])
        for seed in seeds
        for problem in problems
        for method in methods
    ]


def run_jobs(
    path: Path,
    jobs: Sequence[Job],
    *,
    sources: Sources,
    to_judge: Mapping[Job, Mapping[str, Any]],
    workers: int,
    report: Report,
) -> None:
    """Run jobs in worker processes, and append each to the results file when it ends.

    Those of `to_judge`, which maps them to what an earlier run gave, are judged anew instead. Whatever ends this early
    loses the jobs that are running and no other. A job that raises is appended as {"failed": reason}.

    Raises:
        MissingError: BoTorch, by which every job is judged, is not installed.
    """
    require("the benchmark's judge", "botorch", "benchmark")
    for job in jobs:
        versions_of(job)  # of the code that the workers are about to load
    waiting = iter(jobs)
    running: dict[Future[tuple[dict[str, Any], float]], Job] = {}
    pool = worker_pool(workers)
    try:
        while True:
            for job in islice(waiting, workers - len(running)):
                running[pool.submit(_attempt, job, sources, to_judge.get(job))] = job
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


def _attempt(job: Job, sources: Sources, earlier: Mapping[str, Any] | None) -> tuple[dict[str, Any], float]:
    """In a worker: what came of a job, and its seconds."""
    started = time.monotonic()
    try:
        if table_digest(job.problem, sources) != job.table:
            raise MixoptError(f"the table of problem {job.problem} has changed since the start: start again")
        problem = make_problem(job.problem, job.seed, sources)
        outcome = run_job(job, problem) if earlier is None else rejudged(earlier, problem)
    except Exception as error:  # whatever a peer raises is that job's outcome
        outcome = {"failed": f"{type(error).__name__}: {error}".splitlines()[0]}
    return outcome, time.monotonic() - started

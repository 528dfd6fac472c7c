"""Measure the cost of an ask: seconds and memory, each method in a fresh process with one thread."""

import resource
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from mixopt.benchmark.methods import entry
from mixopt.benchmark.suite import make_problem
from mixopt.benchmark.workers import worker_pool


@dataclass(frozen=True)
class AskCost:
    """The cost of one method: the median and the slowest ask in seconds, and the peak memory of the process in MiB."""

    method: str
    runs: int
    domains: int
    seconds: float
    slowest: float
    memory: float


def ask_costs(methods: Sequence[str], runs: int, domains: int, repeats: int) -> list[AskCost]:
    """Measure methods one after the other on the same problem.

    Args:
        methods: names of methods.
        runs: how many random mixtures are told first.
        domains: of the problem, from 2 to 64.
        repeats: how many asks are timed.

    Raises:
        MixoptError: a method is unknown, a package that it needs is not installed, or `domains` is out of range.
    """
    with worker_pool(1, tasks_per_worker=1) as pool:
        return [pool.submit(_ask_cost, method, runs, domains, repeats).result() for method in methods]


def _ask_cost(name: str, runs: int, domains: int, repeats: int) -> AskCost:
    problem = make_problem(f"interior-{domains}", 0)
    method = entry(name).make(problem.task, 0)
    rng = np.random.default_rng(0)
    for weights in problem.space.sample(runs, rng):
        method.tell(weights, problem.observe(weights, rng))
    seconds = []
    for _ in range(repeats):
        started = time.perf_counter()
        weights = method.ask()
        seconds.append(time.perf_counter() - started)
        method.tell(weights, problem.observe(weights, rng))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (2**20 if sys.platform == "darwin" else 2**10)
    return AskCost(name, runs, domains, float(np.median(seconds)), max(seconds), peak)

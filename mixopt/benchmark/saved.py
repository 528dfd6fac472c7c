"""Runs saved: after how many runs a method recommends as well as another one at its end."""

from collections.abc import Mapping, Sequence
from typing import Any

from mixopt.benchmark.estimates import Figures, figures, mean_over
from mixopt.benchmark.job import Job


def recommended(done: Mapping[Job, Mapping[str, Any]]) -> Figures:
    """Return the regret of the recommendation at each look: where jobs have `gaps` at these, else at checkpoints."""
    found = figures(done, "regret_own")
    for job, outcome in done.items():
        for gap in outcome["gaps"] if "scale" in outcome else ():  # earlier files have no scale
            found.setdefault((job.problem, job.method, gap["n"]), {})[job.seed] = gap["own"] / outcome["scale"]
    return found


def runs_as_good(regret: Figures, problems: Sequence[str], method: str, other: str, n: int) -> int | None:
    """Return after how many runs a method's mean regret is, and stays, at most that of another one after n.

    Args:
        regret: of recommendations, see `recommended`.
        problems: over which it is averaged; the seeds are those that both have.
        method: whose runs are counted, at its looks.
        other: whose regret it is to reach.
        n: runs of the other one.

    Returns:
        The runs; None if it never is as good, or if one of them lacks a problem.
    """
    seeds = {problem: _seeds(regret, problem, method) & _seeds(regret, problem, other) for problem in problems}
    paired = {
        (problem, who, at): {seed: value for seed, value in numbers.items() if seed in seeds[problem]}
        for (problem, who, at), numbers in regret.items()
        if problem in seeds
    }
    target = mean_over(paired, problems, other, n)
    first = None
    for at in sorted({at for _, who, at in paired if who == method}):
        found = mean_over(paired, problems, method, at)
        if found and target:
            first = (at if first is None else first) if found.mean <= target.mean else None
    return first


def _seeds(regret: Figures, problem: str, method: str) -> set[int]:
    """Return the seeds that a method has at each of its looks at a problem."""
    looks = [set(numbers) for (where, who, _), numbers in regret.items() if (where, who) == (problem, method)]
    return set.intersection(*looks) if looks else set()

"""Tables of how soon a good mixture is found: the best rows of a pool, or any mixture within a tolerance."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from mixopt.benchmark.estimates import Figures, difference, mean_over
from mixopt.benchmark.found import found_after, within_after
from mixopt.benchmark.job import Job
from mixopt.benchmark.markdown import table

Done = Mapping[Job, Mapping[str, Any]]


def pool_tables(jobs: Done, problems: Sequence[str], methods: Sequence[str]) -> list[str]:
    """Return a table for each pool with exact scores."""
    pools = {job: outcome for job, outcome in jobs.items() if "places" in outcome}
    lines = []
    for problem in [p for p in problems if any(job.problem == p for job in pools)]:
        rows = []
        for method in methods:
            runs = [o for job, o in pools.items() if (job.problem, job.method) == (problem, method)]
            if runs:
                cells = (_evaluations(runs, which, top) for which in ("own", "seen") for top in (1, 100))
                rows.append([method, *cells])
        lines.append(f"{problem}: median evaluations until, and share of runs in which, it has\n")
        what = ("recommended the best", "recommended the top 1 %", "evaluated the best", "evaluated the top 1 %")
        lines += table(["method", *what], rows)
    return lines


def within_tables(jobs: Done, problems: Sequence[str], methods: Sequence[str], base: str) -> list[str]:
    """Return a table for each problem with a tolerance; `base` is the method to which the others are compared."""
    lines = []
    for problem in problems:
        here = {job: outcome for job, outcome in jobs.items() if job.problem == problem and "tolerance" in outcome}
        if here:
            tolerance = max(outcome["tolerance"] for outcome in here.values())
            lines.append(
                f"{problem}: evaluations until a mixture within {tolerance:.3g} of the best is recommended, to the "
                f"run's end (mean ± se over seeds; never counts as all), share of runs in which it is, and {base} "
                "minus the other on the same seeds (negative: sooner)\n"
            )
            rows = _within_rows(here, problem, methods, base)
            lines += table(["method", "evaluations", "runs", f"{base} minus it"], rows)
    return lines


def _within_rows(jobs: Done, problem: str, methods: Sequence[str], base: str) -> list[list[str]]:
    """Return rows for a problem with a tolerance, one for each method."""
    after: Figures = {}
    found: dict[str, list[bool]] = {}
    for job, outcome in jobs.items():
        n = within_after(outcome)
        found.setdefault(job.method, []).append(n is not None)
        after.setdefault((problem, job.method, 0), {})[job.seed] = outcome["gaps"][-1]["n"] if n is None else n
    rows = []
    for method in [method for method in methods if method in found]:
        mean = mean_over(after, [problem], method, 0)
        assert mean is not None  # it is found for some seed
        ahead = difference(after, [problem], base, method, 0) if method != base and base in found else None
        against = ahead.rounded(1) + ("" if ahead.told_apart else ", not distinguishable") if ahead else ""
        rows.append([method, mean.rounded(1), f"{np.mean(found[method]):.0%}", against])
    return rows


def _evaluations(runs: Sequence[Mapping[str, Any]], which: str, part: int) -> str:
    """Return the median over runs of the evaluations until the place is good enough; runs that fail count last."""
    after = [found_after(run, which, part) for run in runs]
    found = sum(n is not None for n in after)
    median = float(np.median([np.inf if n is None else n for n in after]))
    return f"{median:.0f}, {found / len(runs):.0%}" if np.isfinite(median) else f"-, {found / len(runs):.0%}"

"""The results as tables: means over a suite, by problem, paired differences from mixopt, pools."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from mixopt.benchmark.estimates import Estimate, Figures, difference, figures, mean_over, ratio
from mixopt.benchmark.found import found_after, within_after
from mixopt.benchmark.job import Job
from mixopt.benchmark.markdown import table
from mixopt.benchmark.methods import METHODS
from mixopt.benchmark.suite import by_suite

BASE = "ours"
Done = Mapping[Job, Mapping[str, Any]]


def markdown(done: Done) -> str:
    """Return all tables, suite by suite."""
    parts = []
    for suite, problems in by_suite(job.problem for job in done).items():
        jobs = {job: outcome for job, outcome in done.items() if job.problem in problems}
        parts.append(_Suite(suite, problems, jobs).markdown())
    return "\n".join(parts)


class _Suite:
    """The tables of one suite: `problems` and the `jobs` on them."""

    def __init__(self, name: str, problems: Sequence[str], jobs: Done) -> None:
        self.name, self.problems, self.jobs = name, problems, jobs
        self.methods = [method for method in METHODS if any(job.method == method for job in jobs)]
        self.common, self.own = figures(jobs, "regret_common"), figures(jobs, "regret_own")
        shared = (n for method in self.methods for n in {n for _, _, n in self.common} if self._mean(method, n))
        self.stops = sorted(set(shared))  # trials at which some method has all problems

    def markdown(self) -> str:
        seconds = figures(self.jobs, "ask_seconds")
        lines = [
            f"## {self.name}: {', '.join(self.problems)}\n",
            *self._notes(),
            "Regret (0 is the best mixture, 1 the average random one) of the trial that the common model holds best:\n",
            *self._by_n(self._mean),
            f"By problem, at n = {' / '.join(map(str, self.stops))}:\n",
            *self._by_problem(),
            "Regret of the method's own recommendation:\n",
            *self._by_n(lambda method, n: mean_over(self.own, self.problems, method, n)),
            *self._paired(),
            *self._coverage(),
            *self._pools(),
            *self._within(),
            "CPU seconds an ask, before the judge's checkpoint:\n",
            *self._by_n(lambda method, n: mean_over(seconds, self.problems, method, n)),
        ]
        return "\n".join(lines)

    def _mean(self, method: str, n: int) -> Estimate | None:
        return mean_over(self.common, self.problems, method, n)

    def _seeds(self, method: str) -> int:
        return len({job.seed for job in self.jobs if job.method == method})

    def _notes(self) -> list[str]:
        notes = {(job.problem, outcome["note"]) for job, outcome in self.jobs.items() if outcome.get("note")}
        return [f"{problem}: {note}.\n" for problem, note in sorted(notes)]

    def _by_n(self, cell: Callable[[str, int], Estimate | None], methods: Sequence[str] | None = None) -> list[str]:
        rows = [
            [method, str(self._seeds(method)), *(str(cell(method, n) or "") for n in self.stops)]
            for method in (self.methods if methods is None else methods)
        ]
        return table(["method", "seeds", *(f"n = {n}" for n in self.stops)], rows)

    def _by_problem(self) -> list[str]:
        def cell(problem: str, method: str) -> str:
            means = (mean_over(self.common, [problem], method, n) for n in self.stops)
            return " / ".join(f"{mean.mean:.3f}" if mean else "-" for mean in means)

        rows = [[method, *(cell(problem, method) for problem in self.problems)] for method in self.methods]
        return table(["method", *self.problems], rows)

    def _paired(self) -> list[str]:
        others = [method for method in self.methods if method != BASE]
        if BASE not in self.methods or not others:
            return []

        def cell(method: str, n: int) -> Estimate | None:
            return difference(self.common, self.problems, BASE, method, n)

        lines = [f"Paired difference of common regret, {BASE} minus the other (negative: {BASE} is better):\n"]
        lines += self._by_n(cell, others)
        for n in self.stops:
            compared = {method: found for method in others if (found := cell(method, n))}
            alike = [method for method, found in compared.items() if not found.told_apart]
            if compared:
                lines.append(f"At n = {n} not distinguishable from {BASE} (within 2 se): {', '.join(alike) or 'none'}.")
        lines += ["", self._behind(others), ""]
        for regret, what in ((self.common, "common regret"), (self.own, "regret of the own recommendation")):
            lines += [f"Mean {what} of {BASE} over that of the other, on the same seeds:\n"]
            lines += self._shares(regret, others)
        return lines

    def _shares(self, regret: Figures, others: Sequence[str]) -> list[str]:
        return self._by_n(lambda method, n: ratio(regret, self.problems, BASE, method, n), others)

    def _behind(self, others: Sequence[str]) -> str:
        """Name the single problems where mixopt is worse than another; about one of 40 comparisons is so by chance."""
        worse = [
            f"{problem} at n = {n}, {method} ({found})"
            for problem in self.problems
            for n in self.stops
            for method in others
            if (found := difference(self.common, [problem], BASE, method, n)) and found.told_apart and found.mean > 0
        ]
        return f"Single problems where another is better than {BASE} by more than 2 se: {'; '.join(worse) or 'none'}."

    def _coverage(self) -> list[str]:
        held = _held(self.jobs)
        methods = [method for method in self.methods if any(key[1] == method for key in held)]
        if not methods:
            return []
        cells = self._by_n(lambda method, n: mean_over(held, self.problems, method, n), methods)
        return ["Share of 90 % intervals of the recommendation's true score that hold it:\n", *cells]

    def _pools(self) -> list[str]:
        pools = {job: outcome for job, outcome in self.jobs.items() if "places" in outcome}
        lines = []
        for problem in [p for p in self.problems if any(job.problem == p for job in pools)]:
            rows = []
            for method in self.methods:
                runs = [o for job, o in pools.items() if (job.problem, job.method) == (problem, method)]
                if runs:
                    rows.append(
                        [method, *(_evaluations(runs, which, top) for which in ("own", "seen") for top in (1, 100))]
                    )
            lines.append(f"{problem}: median evaluations until, and share of runs in which, it has\n")
            what = ("recommended the best", "recommended the top 1 %", "evaluated the best", "evaluated the top 1 %")
            lines += table(["method", *what], rows)
        return lines

    def _within(self) -> list[str]:
        lines = []
        for problem in self.problems:
            jobs = {j: o for j, o in self.jobs.items() if j.problem == problem and "tolerance" in o}
            if jobs:
                tolerance = max(outcome["tolerance"] for outcome in jobs.values())
                lines.append(
                    f"{problem}: evaluations until a mixture within {tolerance:.3g} of the best is recommended, to the "
                    f"run's end (mean ± se over seeds; never counts as all), share of runs in which it is, and {BASE} "
                    "minus the other on the same seeds (negative: sooner)\n"
                )
                lines += table(["method", "evaluations", "runs", f"{BASE} minus it"], _within_rows(jobs, problem))
        return lines


def _within_rows(jobs: Done, problem: str) -> list[list[str]]:
    """Return rows for a problem with a tolerance, one for each method."""
    after: Figures = {}
    found: dict[str, list[bool]] = {}
    for job, outcome in jobs.items():
        n = within_after(outcome)
        found.setdefault(job.method, []).append(n is not None)
        after.setdefault((problem, job.method, 0), {})[job.seed] = outcome["gaps"][-1]["n"] if n is None else n
    rows = []
    for method in [method for method in METHODS if method in found]:
        mean = mean_over(after, [problem], method, 0)
        assert mean is not None  # it is found for some seed
        ahead = difference(after, [problem], BASE, method, 0) if method != BASE and BASE in found else None
        against = ahead.rounded(1) + ("" if ahead.told_apart else ", not distinguishable") if ahead else ""
        rows.append([method, mean.rounded(1), f"{np.mean(found[method]):.0%}", against])
    return rows


def _evaluations(runs: Sequence[Mapping[str, Any]], which: str, part: int) -> str:
    """Return the median over runs of the evaluations until the place is good enough; runs that fail count last."""
    after = [found_after(run, which, part) for run in runs]
    found = sum(n is not None for n in after)
    median = float(np.median([np.inf if n is None else n for n in after]))
    return f"{median:.0f}, {found / len(runs):.0%}" if np.isfinite(median) else f"-, {found / len(runs):.0%}"


def _held(done: Done) -> Figures:
    """Return 1 where the interval of a recommendation holds its true score, else 0; nothing without intervals."""
    low, high, score = (figures(done, key) for key in ("own_low", "own_high", "own_score"))
    return {
        key: {seed: float(low[key][seed] <= score[key][seed] <= high[key][seed]) for seed in seeds}
        for key, seeds in low.items()
    }

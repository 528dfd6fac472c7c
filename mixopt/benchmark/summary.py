"""The results as tables: means over a suite, by problem, paired differences from mixopt, pools."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from mixopt.benchmark.estimates import Estimate, Figures, best_of, difference, figures, mean_over, ratio
from mixopt.benchmark.found_tables import pool_tables, within_tables
from mixopt.benchmark.job import Job
from mixopt.benchmark.markdown import table
from mixopt.benchmark.methods import METHODS
from mixopt.benchmark.saved import recommended, runs_as_good
from mixopt.benchmark.suite import by_suite

BASE = "ours"
EARLIER = f"{BASE}_earlier"  # of an earlier results file
ORDER = (*METHODS, EARLIER)
Done = Mapping[Job, Mapping[str, Any]]


def markdown(done: Done) -> str:
    """Return all tables, suite by suite."""
    parts = []
    for suite, problems in by_suite(job.problem for job in done).items():
        jobs = {job: outcome for job, outcome in done.items() if job.problem in problems}
        parts.append(_Suite(suite, problems, jobs).markdown())
    return "\n".join(parts)


def earlier_runs(earlier: Done, done: Done) -> Done:
    """Return mixopt's jobs of earlier results, as those of a method of another name, on the problems of `done`."""
    problems = {(job.problem, job.table) for job in done}
    return {
        replace(job, method=EARLIER): outcome
        for job, outcome in earlier.items()
        if job.method == BASE and (job.problem, job.table) in problems
    }


class _Suite:
    """The tables of one suite: `problems` and the `jobs` on them."""

    def __init__(self, name: str, problems: Sequence[str], jobs: Done) -> None:
        self.name, self.problems, self.jobs = name, problems, jobs
        self.methods = [method for method in ORDER if any(job.method == method for job in jobs)]
        single = {problem: [problem] for problem in problems} if len(problems) > 1 else {}
        self.parts = {"all" if single else self.name: problems, **single}
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
            *self._against_best_peer(),
            *self._saved(),
            *self._paired(),
            *self._coverage(),
            *pool_tables(self.jobs, self.problems, self.methods),
            *within_tables(self.jobs, self.problems, self.methods, BASE),
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

    def _against_best_peer(self) -> list[str]:
        peers = [method for method in self.methods if not method.startswith(BASE)]
        if BASE not in self.methods or not peers:
            return []

        def cell(problems: Sequence[str], n: int) -> str:
            best = best_of(self.own, problems, peers, n)
            share = ratio(self.own, problems, BASE, best, n) if best else None
            return f"{share} of {best}" if share else ""

        rows = [[name, *(cell(problems, n) for n in self.stops)] for name, problems in self.parts.items()]
        title = f"Mean regret of the recommendation of {BASE} over that of the peer that is best at that n:\n"
        return [title, *table(["problems", *(f"n = {n}" for n in self.stops)], rows)]

    def _saved(self) -> list[str]:
        others = [method for method in self.methods if method != BASE]
        looked = all("scale" in outcome for outcome in self.jobs.values())
        if BASE not in self.methods or not others or not looked or not self.stops:
            return []
        regret, last = recommended(self.jobs), self.stops[-1]

        def cell(problems: Sequence[str], method: str) -> str:
            return str(runs_as_good(regret, problems, BASE, method, last) or "-")

        rows = [[method, *(cell(problems, method) for problems in self.parts.values())] for method in others]
        title = f"Runs after which the recommendation of {BASE} is, and stays, as good as the other's after {last}:\n"
        return [title, *table(["method", *self.parts], rows)]

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


def _held(done: Done) -> Figures:
    """Return 1 where the interval of a recommendation holds its true score, else 0; nothing without intervals."""
    low, high, score = (figures(done, key) for key in ("own_low", "own_high", "own_score"))
    return {
        key: {seed: float(low[key][seed] <= score[key][seed] <= high[key][seed]) for seed in seeds}
        for key, seeds in low.items()
    }

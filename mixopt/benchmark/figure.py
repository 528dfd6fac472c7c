"""Plot regret against trials for each suite; for measured runs, how many runs have found a good mixture."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

from mixopt.benchmark.estimates import figures, mean_over
from mixopt.benchmark.found import found_after, within_after
from mixopt.benchmark.job import Job
from mixopt.benchmark.methods import METHODS
from mixopt.benchmark.suite import POOLS, by_suite
from mixopt.benchmark.tables import CSV

Done = Mapping[Job, Mapping[str, Any]]
PANEL = (4.2, 3.6)  # inches
COLOURS = (*(f"C{i}" for i in range(10)), "black", "gold")


def regret_figure(done: Done) -> Figure:
    """Draw a panel for each suite, for each family in a suite of several, and for each pool."""
    panels = list(_panels(done).items())
    columns = min(4, len(panels))
    rows = -(-len(panels) // columns)
    figure = Figure(figsize=(PANEL[0] * columns, PANEL[1] * rows), layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False).ravel()
    for axes, (title, problems) in zip(grid, panels):
        jobs = {job: outcome for job, outcome in done.items() if job.problem in problems}
        if all("tolerance" in outcome for outcome in jobs.values()):
            tolerance = max(outcome["tolerance"] for outcome in jobs.values())
            _draw_found(axes, jobs, within_after, f"one within {tolerance:.3g} of the best")
        elif any("places" in outcome for outcome in jobs.values()):
            _draw_found(axes, jobs, lambda outcome: found_after(outcome, "own", 100), "the top 1 %")
        else:
            _draw_regret(axes, jobs, problems)
        axes.set_title(title, fontsize="medium")
    for axes in grid[len(panels) :]:
        axes.set_axis_off()
    handles = {label: handle for axes in grid for handle, label in zip(*axes.get_legend_handles_labels())}
    there = [method for method in METHODS if method in handles]
    named = [handles[method] for method in there]
    figure.legend(named, there, loc="outside lower center", ncols=min(len(there), 3 * columns), frameon=False)
    return figure


def _panels(done: Done) -> dict[str, list[str]]:
    """Return problems by panel title."""
    panels: dict[str, list[str]] = {}
    for suite, members in by_suite(job.problem for job in done).items():
        families: dict[str, list[str]] = {}
        for problem in members:
            families.setdefault(problem.rpartition("-")[0] or problem, []).append(problem)
        if len(families) > 1 and not set(members) & {*POOLS, CSV}:
            panels[f"{suite}, mean of {len(members)}"] = members
        for problems in families.values():
            panels[", ".join(problems)] = problems
    return panels


def _draw_regret(axes: Axes, jobs: Done, problems: Sequence[str]) -> None:
    common = figures(jobs, "regret_common")
    stops = sorted({n for _, _, n in common})
    for method in METHODS:
        points = [(n, found) for n in stops if (found := mean_over(common, problems, method, n))]
        if points:
            at, estimates = zip(*points)
            errors = np.nan_to_num([estimate.se for estimate in estimates])
            axes.errorbar(at, [e.mean for e in estimates], errors, label=method, color=colour(method), **_style(method))
    axes.set(yscale="log", xlabel="trials", ylabel="regret (± se)", xticks=stops)
    axes.yaxis.set_major_locator(LogLocator(subs=(1, 2, 5)))
    axes.yaxis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axes.yaxis.set_minor_formatter(NullFormatter())


def _draw_found(axes: Axes, jobs: Done, found: Callable[[Mapping[str, Any]], int | None], what: str) -> None:
    for method in METHODS:
        runs = [outcome for job, outcome in jobs.items() if job.method == method]
        if runs:
            after = np.array([found(run) or np.inf for run in runs])
            at = np.arange(1, max(len(run["values"]) for run in runs) + 1)
            share = (after <= at[:, None]).mean(axis=1)
            axes.step(at, share, where="post", label=method, color=colour(method), **_style(method, marker=""))
    axes.set(xlabel="evaluations", ylabel=f"share of runs that recommend\n{what}", ylim=(0, 1.02))


def colour(method: str) -> str:
    """Return a method's colour, the same in every figure."""
    return COLOURS[list(METHODS).index(method) % len(COLOURS)]


def _style(method: str, marker: str = "o") -> dict[str, Any]:
    return {"marker": marker, "markersize": 3.5, "linewidth": 2.2 if method.startswith("ours") else 1.2}

"""Plotly figures for Optuna's dashboard: mixtures, slices of the surrogate, Pareto fronts.

They are plain data (traces.py), which the dashboard draws.
"""

from collections.abc import Callable
from html import escape
from typing import Any

import numpy as np

from mixopt.errors import StrategyError
from mixopt.history.runs import Runs
from mixopt.reporting.dashboard.traces import BESIDE, CLEAR, band, crosses, figure, line, points, ternary_points
from mixopt.reporting.report.facts import Facts, Objective
from mixopt.reporting.report.of_study import front_of
from mixopt.reporting.report.of_surrogate import cuts_of
from mixopt.reporting.report.section import LeftOut, need
from mixopt.text import visible

Figure = dict[str, Any]  # of plotly's: data and layout
CORNERS = 3
SHOWN = 3  # slices that are there at first; a click in the legend brings others


def figures(facts: Facts) -> dict[str, Figure]:
    """Return the figures by key; those without data are left out."""
    drawn: dict[str, Figure] = {}
    for objective in facts.objectives:
        name = objective.name.replace(" ", "-")
        drawn |= _drawn(f"mixtures-{name}", ternary, objective) | _drawn(f"slices-{name}", slices, objective)
    return drawn | _drawn("front", front, facts)


def ternary(objective: Objective) -> Figure:
    """Plot the runs by their shares of three domains: those along which the surrogate changes most.

    Raises:
        LeftOut: there are fewer than three domains, or the surrogate does not tell which of them matter.
    """
    runs, domains = objective.runs, objective.runs.space.domains
    need(len(domains) >= CORNERS, "Two domains are a line.")
    need(len(runs) > 0, "No run has finished.")
    spans = [np.ptp(cut.means) for cut in cuts_of(objective)] if len(domains) > CORNERS else [0.0] * CORNERS
    corners = np.sort(np.argsort(spans, kind="stable")[-CORNERS:])
    parted = ", by their shares of these three domains; larger points have more of them" * (len(domains) > CORNERS)
    mixtures = np.vstack([runs.weights, objective.centre])[:, corners]
    totals = mixtures.sum(axis=1)
    there = np.flatnonzero(totals > 1e-9)  # a mixture with none of the three has no place
    parts = mixtures[there] / totals[there, None]
    ran = there < len(runs)
    said, values = [_said(objective, i) for i in there[ran]], runs.values[there[ran]]
    traces = [ternary_points("runs", parts[ran], said, 6 + 8 * totals[there[ran]], values, objective.score)]
    if not ran.all():
        traces.append(ternary_points(objective.centre_name, parts[~ran], [objective.centre_name]))
    axes = {f"{axis}axis": {"title": {"text": domains[i]}, "min": 0} for axis, i in zip("abc", corners)}
    return figure(
        f"Mixtures by {objective.score}",
        f"one point per run{parted}",
        *traces,
        ternary={"sum": 1, "bgcolor": CLEAR, **axes},
    )


def slices(objective: Objective) -> Figure:
    """Plot the surrogate along each domain with 90 % intervals; those that change most are shown at first.

    Raises:
        LeftOut: there are too few runs, or the space is a list of candidates.
    """
    cuts = sorted(cuts_of(objective), key=lambda cut: -np.ptp(cut.means))
    traces: list[Figure] = []
    for place, cut in enumerate(cuts):
        visible = place < SHOWN
        traces += [band(place, cut, visible=visible), line(place, cut, visible=visible)]
    return figure(
        "Effect of each domain's weight",
        f"from the {objective.centre_name} mixture (dots), the other domains in proportion; 90 % intervals",
        *traces,
        legend=BESIDE,
        xaxis={"title": {"text": "weight of the domain in %"}},
        yaxis={"title": {"text": f"predicted {objective.score}"}},
    )


def front(facts: Facts) -> Figure:
    """Plot the first score against the second: what was observed, and both fronts with 90 % intervals.

    Raises:
        LeftOut: the study does not have two scores.
        StrategyError: there are too few runs.
    """
    found, runs = front_of(facts)
    x, y, *_ = found.names
    return figure(
        f"Front of {x} and {y}",
        "by the posterior means of all runs, with 90 % intervals",
        points("runs, observed", runs.values[:, 0], runs.values[:, 1], [_name(runs, i) for i in range(len(runs))]),
        crosses("trained", found.trained, (x, y)),
        crosses("predicted front", found.predicted, (x, y)),
        xaxis={"title": {"text": x}},
        yaxis={"title": {"text": y}},
    )


def _drawn(key: str, draw: Callable[[Any], Figure], of: Facts | Objective) -> dict[str, Figure]:
    try:
        return {key: draw(of)}
    except (LeftOut, StrategyError):
        return {}


def _said(objective: Objective, run: int) -> str:
    """Return the hover text of a run."""
    runs = objective.runs
    shares = zip(runs.space.domains, runs.weights[run], strict=True)
    lines = [f"{name} {100 * share:.1f} %" for name, share in shares if share > 0]
    return "<br>".join([_name(runs, run), f"{objective.score} {runs.values[run]:.4f}", *lines])


def _name(runs: Runs, run: int) -> str:
    return escape(visible(f"trial {runs.numbers[run]}, {runs.labels[run]}"), quote=False)

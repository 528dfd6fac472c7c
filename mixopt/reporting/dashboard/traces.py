"""Parts of the dashboard's figures as Plotly traces (https://plotly.com/javascript/reference)."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from mixopt.inference.pareto_front import FrontMixture
from mixopt.models.surrogate import HALF_WIDTH
from mixopt.reporting.plots.slices import Slice
from mixopt.typing import FloatArray

Trace = dict[str, Any]

# Neither dark nor light: the dashboard's paper may be either.
GREY, GRID, CLEAR = "#808890", "rgba(128,136,144,0.3)", "rgba(0,0,0,0)"
COLOURS = ("#3d85d6", "#e07033", "#22a878", "#b863a3", "#b08a2e", "#6a94a0")
BELOW, BESIDE = {"orientation": "h", "y": -0.2}, {"x": 1.02, "y": 1}  # where the legend stands
DASHES = ("solid", "dash", "dot")  # where there are more domains than colours
BLUE, PURPLE = COLOURS[0], COLOURS[3]
FRONTS = {"trained": ("circle", BLUE), "predicted front": ("square", PURPLE)}


def figure(title: str, words: str, *traces: Trace, legend: Trace = BELOW, **axes: Any) -> dict[str, Any]:
    """Return a figure: traces under a title and a caption.

    Args:
        title: of the figure.
        words: the caption.
        *traces: what is drawn.
        legend: its place, as in Plotly's layout.
        **axes: the axes, as in Plotly's layout.
    """
    layout = {
        "title": {"text": f"{title}<br><sub>{words}</sub>", "x": 0.02, "xanchor": "left", "font": {"size": 16}},
        "font": {"color": GREY, "size": 12},
        "paper_bgcolor": CLEAR,
        "plot_bgcolor": CLEAR,
        "margin": {"l": 60, "r": 20, "t": 70, "b": 80},
        "legend": legend,
        "hovermode": "closest",
        **{name: _styled(axis) for name, axis in axes.items()},
    }
    return {"data": list(traces), "layout": layout}


def ternary_points(
    name: str,
    parts: FloatArray,
    said: Sequence[str],
    sizes: FloatArray | None = None,
    values: FloatArray | None = None,
    score: str = "",
) -> Trace:
    """Return mixtures of three domains (n, 3), coloured by values (n,); without values, as stars."""
    marker: dict[str, Any] = {"symbol": "star", "size": 15, "color": PURPLE, "line": {"width": 1, "color": "white"}}
    if values is not None and sizes is not None:
        bar = {"title": {"text": score, "side": "right"}, "thickness": 12, "outlinewidth": 0, "len": 0.9}
        marker = {
            "color": values.tolist(),
            "size": sizes.tolist(),
            "colorscale": "Viridis",
            "colorbar": bar,
            "line": {"width": 0},
        }
    a, b, c = parts.T.tolist()
    return {
        "type": "scatterternary",
        "mode": "markers",
        "cliponaxis": False,
        "name": name,
        "a": a,
        "b": b,
        "c": c,
        "text": list(said),
        "hoverinfo": "text",
        "marker": marker,
    }


def line(place: int, cut: Slice, *, visible: bool) -> Trace:
    """Return a slice's mean with a dot at the mixture; its legend entry shows and hides its band too."""
    at = int(np.abs(cut.weights - cut.at).argmin())
    return {
        **_of_slice(place, cut, visible),
        "mode": "lines+markers",
        "x": (100 * cut.weights).tolist(),
        "y": cut.means.tolist(),
        "line": {"color": _colour(place), "dash": DASHES[place // len(COLOURS) % len(DASHES)], "width": 2},
        "marker": {"size": [10 if i == at else 0 for i in range(len(cut.weights))]},
        "hovertemplate": f"{cut.domain} %{{x:.1f}} %: %{{y:.4f}}<extra></extra>",
    }


def band(place: int, cut: Slice, *, visible: bool) -> Trace:
    """Return a slice's 90 % interval."""
    low, high = cut.means - HALF_WIDTH * cut.sds, cut.means + HALF_WIDTH * cut.sds
    return {
        **_of_slice(place, cut, visible),
        "mode": "lines",
        "x": (100 * np.concatenate([cut.weights, cut.weights[::-1]])).tolist(),
        "y": np.concatenate([high, low[::-1]]).tolist(),
        "line": {"width": 0},
        "fill": "toself",
        "fillcolor": _colour(place) + "26",  # 15 % opaque
        "showlegend": False,
        "hoverinfo": "skip",
    }


def points(name: str, x: FloatArray, y: FloatArray, said: Sequence[str]) -> Trace:
    """Return single runs."""
    marker = {"color": GREY, "size": 6, "opacity": 0.6}
    places = {"x": x.tolist(), "y": y.tolist(), "text": list(said)}
    hover = "%{text}: %{x:.4f}, %{y:.4f}<extra></extra>"
    return {"type": "scatter", "mode": "markers", "name": name, **places, "marker": marker, "hovertemplate": hover}


def crosses(name: str, mixtures: Sequence[FrontMixture], scores: tuple[str, str]) -> Trace:
    """Return the mixtures of a front with two predicted scores and their 90 % intervals."""
    symbol, colour = FRONTS[name]
    trace: Trace = {"type": "scatter", "mode": "markers", "name": name, "hoverinfo": "text"}
    for axis, score in zip("xy", scores):
        trace[axis] = [mixture.means[score] for mixture in mixtures]
        bars = [HALF_WIDTH * mixture.sds[score] for mixture in mixtures]
        trace[f"error_{axis}"] = {"type": "data", "array": bars, "width": 0, "thickness": 1}
    trace["text"] = [_mixture(mixture) for mixture in mixtures]
    trace["marker"] = {"symbol": symbol, "color": colour, "size": 8}
    return trace


def _mixture(mixture: FrontMixture) -> str:
    head = [] if mixture.number is None else [f"trial {mixture.number}"]
    return "<br>".join(head + [f"{name} {100 * share:.1f} %" for name, share in mixture.weights.items() if share > 0])


def _of_slice(place: int, cut: Slice, visible: bool) -> Trace:
    shown = True if visible else "legendonly"
    return {"type": "scatter", "name": cut.domain, "legendgroup": str(place), "visible": shown}


def _colour(place: int) -> str:
    return COLOURS[place % len(COLOURS)]


def _styled(axis: dict[str, Any]) -> dict[str, Any]:
    """Return an axis, or the three of a ternary plot, with thin grid lines."""
    if "sum" in axis:
        domain = {"y": [0.02, 0.86]}  # below the title
        return {"domain": domain, **{k: _styled(part) if isinstance(part, dict) else part for k, part in axis.items()}}
    return {"gridcolor": GRID, "linecolor": GREY, "zeroline": False, **axis}

"""A Matplotlib figure as inline SVG: real text, the page's colours, unique ids."""

import io
import re

from matplotlib import rc_context
from matplotlib.figure import Figure

from mixopt.reporting.plots.style import LIGHT, STYLE

IDS = re.compile(r'(?<= id=")|(?<=href="#)|(?<=url\(#)')
NOT_THE_PAGES = re.compile(  # metadata, a style sheet that would hold for the whole page, the size, fonts
    r'<metadata>.*?</metadata>\s*|<defs>\s*<style.*?</defs>\s*| (?:width|height)="[^"]*pt"| font-family: [^;]*;',
    flags=re.DOTALL,
)


def svg(figure: Figure, key: str) -> str:
    """Return the `<svg>` element of a figure without dates; `key` makes its ids unique."""
    text = io.StringIO()
    with rc_context({**STYLE, "svg.fonttype": "none", "svg.hashsalt": key}):
        figure.savefig(text, format="svg", metadata={"Date": None, "Creator": None, "Format": None, "Type": None})
    drawn = text.getvalue()
    drawn = NOT_THE_PAGES.sub("", drawn[drawn.index("<svg") :])
    drawn = IDS.sub(f"{key}-", drawn)
    for name, colour in LIGHT.items():
        drawn = drawn.replace(colour, f"var(--{name})")
    return drawn

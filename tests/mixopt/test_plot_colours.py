"""The colours of the figures hold on light and dark paper, and for those who see fewer colours."""

from itertools import combinations

import numpy as np
import pytest

from mixopt.reporting.plots.style import DARK, LIGHT

SERIES = ("imported", "seed", "heuristic", "model", "best")
# Machado, Oliveira and Fernandes (2009), severity 1, on linear RGB.
SIGHT = {
    "full": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def linear(colour):
    """Linear RGB (3,) of "#rrggbb"."""
    levels = np.array([int(colour[i : i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)


def contrast(one, other):
    """WCAG's contrast ratio of two colours."""
    low, high = sorted(0.05 + linear(colour) @ [0.2126, 0.7152, 0.0722] for colour in (one, other))
    return high / low


def lab(rgb):
    """CIE Lab (3,) of linear RGB (3,), white D65."""
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    xyz = (to_xyz @ rgb.clip(0, 1)) / [0.9505, 1, 1.089]
    x, y, z = np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_they_stand_out_from_the_paper(colours):
    assert contrast(colours["ink"], colours["paper"]) > 12
    assert contrast(colours["muted"], colours["paper"]) > 4.5
    assert all(contrast(colours[name], colours["paper"]) > 3 for name in SERIES)


@pytest.mark.parametrize("sight", SIGHT)
@pytest.mark.parametrize("colours", [LIGHT, DARK], ids=["light", "dark"])
def test_they_are_told_apart(colours, sight):
    seen = {name: lab(np.array(SIGHT[sight]) @ linear(colours[name])) for name in SERIES}
    apart = {pair: np.linalg.norm(seen[pair[0]] - seen[pair[1]]) for pair in combinations(SERIES, 2)}
    assert min(apart.values()) > 19, apart


def test_they_have_the_same_names_and_differ():
    assert list(LIGHT) == list(DARK) and len(set(LIGHT.values())) == len(LIGHT)

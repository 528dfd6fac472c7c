"""The best mixture of a known function on the simplex, by a long numerical search: many starts, then local steps."""

from collections.abc import Callable

import numpy as np

from mixopt.typing import FloatArray

DRAWS = 4000  # of each concentration
CONCENTRATIONS = (0.2, 0.5, 1.0, 3.0)
CLIMBERS = 24  # the best starts, climbed from
SMALLEST_STEP = 1e-7


def optimum(f: Callable[[FloatArray], FloatArray], m: int, hints: FloatArray | None = None) -> FloatArray:
    """Return the mixture (m,) with the largest f: (n, m) -> (n,) that the search finds; f need not be smooth.

    Starts are Dirichlet draws, vertices, midpoints of edges and `hints` (h, m). Local steps move weight between two
    domains, or along a random direction, and halve when none of them helps.
    """
    rng = np.random.default_rng([m, 2024])
    draws = [rng.dirichlet(np.full(m, a), DRAWS) for a in CONCENTRATIONS]
    i, j = np.triu_indices(m, 1)
    starts = np.vstack([*draws, np.eye(m), (np.eye(m)[i] + np.eye(m)[j]) / 2])
    chosen = starts[np.argsort(-f(starts), kind="stable")[:CLIMBERS]]
    if hints is not None:
        chosen = np.vstack([hints, chosen])
    peaks = np.array([_climb(f, start, rng) for start in chosen])
    return np.asarray(peaks[int(np.argmax(f(peaks)))])


def _climb(f: Callable[[FloatArray], FloatArray], start: FloatArray, rng: np.random.Generator) -> FloatArray:
    m = len(start)
    transfers = (np.eye(m)[:, None] - np.eye(m)[None, :]).reshape(-1, m)
    transfers = transfers[np.abs(transfers).sum(axis=1) > 0]
    here, height, step = start, float(f(start[None])[0]), 0.25
    while step > SMALLEST_STEP:
        sideways = rng.normal(size=(4 * m, m))  # transfers alone would stick at a ridge that is not smooth
        sideways -= sideways.mean(axis=1, keepdims=True)
        directions = np.vstack([transfers, sideways / np.abs(sideways).sum(axis=1, keepdims=True) * 2])
        reach = np.min(np.where(directions < 0, here / np.maximum(-directions, 1e-300), np.inf), axis=1)
        moved = here + np.minimum(step, reach)[:, None] * directions
        moved = moved.clip(0.0)
        moved /= moved.sum(axis=1, keepdims=True)
        heights = f(moved)
        top = int(np.argmax(heights))
        if heights[top] > height:
            here, height = moved[top], float(heights[top])
        else:
            step /= 2
    return here

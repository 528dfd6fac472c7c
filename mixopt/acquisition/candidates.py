"""Mixtures worth a look: all over the space, its corners and faces, and round the best ones.

An acquisition that is computed in closed form needs no gradients: it is read off at about a thousand mixtures, and
then once more round the best. Optima on faces and corners are common, so these are among them exactly: nobody
prepares a dataset for a billionth of a run.
"""

import numpy as np

from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray

CONCENTRATIONS = (0.1, 0.3, 1.0, 3.0)  # of Dirichlet draws: near corners and faces, uniform, near the middle
EACH = 100
FRACTIONS = (0.05, 0.1, 0.2, 0.35, 0.5, 0.75)  # of the way to the border of the space
ROUNDING = 1e-9
TRACE = 5e-4  # above its lower bound: at most one prompt in 2000, so the bound itself is meant
TO_THE_BORDER = 0.15  # share of the steps that go there, since optima on faces are common


def spread(space: MixtureSpace, rng: np.random.Generator) -> FloatArray:
    """Mixtures (k, m) all over the space: blends of its corners and uniform draws, and the corners themselves.

    Blends of corners are feasible whatever the space, and the few-cornered ones lie on its faces.
    """
    corners = space.corners()
    c = len(corners)
    shares = [rng.dirichlet(np.full(c, a), EACH) for a in CONCENTRATIONS]
    shares += [_few(c, parts, EACH // 2, rng) for parts in (2, 3, 4) if parts < c]
    whole = not space.constraints and (space.upper >= 1 - space.lower.sum() + space.lower).all()
    drawn = [] if whole else [space.sample(EACH, rng)]  # the corners of a cut simplex do not span all of it
    return without_traces(space, np.vstack([corners, space.uniform()[None], *(s @ corners for s in shares), *drawn]))


def _few(c: int, parts: int, n: int, rng: np.random.Generator) -> FloatArray:
    """Shares (n, c) of which only `parts` a row are not zero."""
    shares = np.zeros((n, c))
    chosen = rng.permuted(np.tile(np.arange(c), (n, 1)), axis=1)[:, :parts]
    np.put_along_axis(shares, chosen, rng.dirichlet(np.full(parts, 2.0), n), axis=1)
    return shares


def nearby(
    space: MixtureSpace, points: FloatArray, rng: np.random.Generator, each: int = 120, scale: float = 1.0
) -> FloatArray:
    """Mixtures round each of points (p, m), about `each` a point: weight moved from one domain to another, towards a
    corner, in a random direction, and out of one domain altogether. `scale` shortens the steps that do not go to the
    border."""
    corners, m = space.corners(), space.m
    starts, directions = [], []
    for point in points:
        pairs = np.argsort(rng.random((each // 2, m)), axis=1)[:, :2]
        starts.append(np.repeat(point[None], each, axis=0))
        directions += [np.eye(m)[pairs[:, 1]] - np.eye(m)[pairs[:, 0]]]  # from one domain to another
        directions += [corners[rng.integers(len(corners), size=each // 4)] - point]
        random = rng.normal(size=(each - each // 2 - each // 4, m)) * np.sqrt(point + 0.1 / m)
        directions += [random - random.mean(axis=1, keepdims=True)]
        held = np.flatnonzero((point > space.lower) & (point < 1 - 1e-9))
        without = np.repeat(point[None], len(held), axis=0)  # the rest keeps its proportions
        without[np.arange(len(held)), held] = 0
        without /= without.sum(axis=1, keepdims=True)
        starts.append(np.repeat(point[None], len(held), axis=0))
        directions.append(without - point)
    start, direction = np.vstack(starts), np.vstack(directions)
    direction[np.abs(direction).max(axis=1) < ROUNDING] = 0  # a direction of rounding alone leads off the simplex
    reach = space.reach(start, direction)
    fraction = np.where(rng.random(len(start)) < TO_THE_BORDER, 1.0, scale * rng.choice(FRACTIONS, size=len(start)))
    found = start + np.where(np.isfinite(reach), reach * fraction, 0)[:, None] * direction
    return without_traces(space, found)


def without_traces(space: MixtureSpace, mixtures: FloatArray) -> FloatArray:
    """The mixtures (k, m) with domains that are hardly above their lower bound put to it.

    What this frees goes to the largest weight that has room; a mixture that would then break a limit stays as it is.
    """
    room = space.upper - space.lower  # some domains have less than a trace of it
    trace = mixtures - space.lower < np.clip(room / 2, ROUNDING, TRACE)
    trimmed = np.where(trace, space.lower, mixtures)
    freed = 1 - trimmed.sum(axis=1)
    has_room = ~trace & (trimmed + freed[:, None] <= space.upper)
    trimmed[np.arange(len(trimmed)), np.where(has_room, trimmed, -1).argmax(axis=1)] += freed
    return np.where(np.reshape(space.contains(trimmed), (-1, 1)), trimmed, mixtures)

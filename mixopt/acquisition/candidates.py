"""Candidate mixtures of a search: all over the space, on its corners and faces, and near given mixtures.

An acquisition function in closed form needs no gradients: it is evaluated at about a thousand mixtures, and then once
more near the best. Optima on faces and corners are common, so mixtures exactly on these are among the candidates:
weights such as 1e-9 are not actionable.
"""

import numpy as np

from mixopt.acquisition.sparse_steps import exchanges, steps_within
from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray

CONCENTRATIONS = (0.1, 0.3, 1.0, 3.0)  # of Dirichlet draws: near corners and faces, uniform, near the middle
EACH = 100
FRACTIONS = (0.05, 0.1, 0.2, 0.35, 0.5, 0.75)  # of the way to the border of the space
ROUNDING = 1e-9
TRACE = 5e-4  # weight above the lower bound that is at most one prompt in 2000, so the bound itself is meant
SMALL_SHARES = (0.005, 0.01, 0.02, 0.05)  # where a score may be steep: a little of a domain, instead of none or more
TO_THE_BORDER = 0.15  # share of the steps that go all the way to the border, since optima on faces are common


def global_candidates(space: MixtureSpace, rng: np.random.Generator) -> FloatArray:
    """Draw mixtures all over the space: its corners, blends of them, and uniform draws.

    Blends of corners are feasible in every convex space, and those of few corners lie on its faces.

    Args:
        space: without a list of candidates.
        rng: the only source of randomness.

    Returns:
        Mixtures (k, m).
    """
    if space.convex is not space:
        found = space.near(global_candidates(space.convex, rng))
        return np.vstack([space.corners(), space.uniform()[None], found])
    corners = space.corners()
    c = len(corners)
    shares = [rng.dirichlet(np.full(c, a), EACH) for a in CONCENTRATIONS]
    shares += [_sparse_shares(c, parts, EACH // 2, rng) for parts in (2, 3, 4) if parts < c]
    whole = not space.constraints and (space.upper >= 1 - space.lower.sum() + space.lower).all()
    drawn = [] if whole else [space.sample(EACH, rng)]  # the corners of a cut simplex do not span all of it
    return drop_traces(space, np.vstack([corners, space.uniform()[None], *(s @ corners for s in shares), *drawn]))


def _sparse_shares(c: int, parts: int, n: int, rng: np.random.Generator) -> FloatArray:
    """Shares (n, c) of which only `parts` in a row are not zero."""
    shares = np.zeros((n, c))
    chosen = rng.permuted(np.tile(np.arange(c), (n, 1)), axis=1)[:, :parts]
    np.put_along_axis(shares, chosen, rng.dirichlet(np.full(parts, 2.0), n), axis=1)
    return shares


def local_candidates(
    space: MixtureSpace, points: FloatArray, rng: np.random.Generator, each: int = 120, scale: float = 1.0
) -> FloatArray:
    """Draw mixtures near given mixtures.

    A step moves weight from one domain to another, towards a corner, in a random direction, or out of one domain
    altogether, or gives one domain a small share.

    Args:
        space: without a list of candidates.
        points: mixtures (p, m).
        rng: the only source of randomness.
        each: number of steps from each mixture; those out of one domain and those to small shares come on top.
        scale: factor on the steps that do not go to the border; below 1 there are none to small shares.

    Returns:
        Mixtures (k, m), about p * each.
    """
    if space.convex is not space:
        within = steps_within(space, points, rng, each // 2, scale)
        across = local_candidates(space.convex, points, rng, each // 2, scale)
        return np.vstack([within, space.near(np.vstack([across, exchanges(points, rng, each // 4)]))])
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
        without = np.repeat(point[None], len(held), axis=0)  # the other domains keep their proportions
        without[np.arange(len(held)), held] = 0
        without /= without.sum(axis=1, keepdims=True)
        starts.append(np.repeat(point[None], len(held), axis=0))
        directions.append(without - point)
    start, direction = np.vstack(starts), np.vstack(directions)
    direction[np.abs(direction).max(axis=1) < ROUNDING] = 0  # a direction of rounding alone leads off the simplex
    reach = space.reach(start, direction)
    fraction = np.where(rng.random(len(start)) < TO_THE_BORDER, 1.0, scale * rng.choice(FRACTIONS, size=len(start)))
    found = start + np.where(np.isfinite(reach), reach * fraction, 0)[:, None] * direction
    return drop_traces(space, np.vstack([found, _with_small_shares(space, points)]) if scale == 1 else found)


def _with_small_shares(space: MixtureSpace, points: FloatArray) -> FloatArray:
    """The feasible mixtures (k, m) with one small share, in which the other domains keep their proportions."""
    p, m = points.shape
    mixtures = np.repeat(points, m * len(SMALL_SHARES), axis=0)
    rows, domains = np.arange(len(mixtures)), np.tile(np.repeat(np.arange(m), len(SMALL_SHARES)), p)
    mixtures[rows, domains] = 0
    rest, shares = mixtures.sum(axis=1), np.tile(SMALL_SHARES, p * m)
    mixtures *= ((1 - shares) / np.where(rest > 0, rest, 1))[:, None]
    mixtures[rows, domains] = shares
    return mixtures[(rest > ROUNDING) & space.contains(mixtures)]


def drop_traces(space: MixtureSpace, mixtures: FloatArray) -> FloatArray:
    """Move weights that are hardly above their lower bound onto it.

    The weight that this frees goes to the largest weight that has room. A mixture that would then break a bound or a
    constraint stays as it is.

    Args:
        space: the mixtures that are allowed.
        mixtures: feasible mixtures (k, m).

    Returns:
        Mixtures (k, m).
    """
    room = space.upper - space.lower  # some domains have less than a trace of it
    trace = mixtures - space.lower < np.clip(room / 2, ROUNDING, TRACE)
    trimmed = np.where(trace, space.lower, mixtures)
    freed = 1 - trimmed.sum(axis=1)
    has_room = ~trace & (trimmed + freed[:, None] <= space.upper)
    trimmed[np.arange(len(trimmed)), np.where(has_room, trimmed, -1).argmax(axis=1)] += freed
    return np.where(np.reshape(space.contains(trimmed), (-1, 1)), trimmed, mixtures)

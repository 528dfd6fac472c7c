"""Geometry of the polytope {w : lower <= w <= upper, sum w = 1}: projection, uniform draws, vertices.

Plain arrays in, plain arrays out; names and checks are in `mixopt.space`. All functions take `lower` and
`upper` of shape (m,) with sum(lower) <= 1 <= sum(upper).
"""

import numpy as np

from mixopt.arrays import FloatArray

TIGHT = 1e-12  # below this a room or a remainder is rounding


def project(points: FloatArray, lower: FloatArray, upper: FloatArray) -> FloatArray:
    """The nearest point of the polytope (Euclidean) to each row: (n, m) -> (n, m), exact at the bounds.

    The projection is clip(w - t, lower, upper) for the one t that makes it sum to 1 (KKT; Michelot 1986). The
    sum falls piecewise linearly in t with knots at w - upper and w - lower, so t is found by interpolation.
    """
    knots = np.sort(np.hstack([points - upper, points - lower]), axis=1)  # (n, 2m), rising
    sums = np.clip(points[:, None] - knots[:, :, None], lower, upper).sum(axis=2)  # (n, 2m), falling
    rows = np.arange(len(points))
    left = np.clip((sums >= 1).sum(axis=1) - 1, 0, knots.shape[1] - 2)
    here, fall = sums[rows, left], sums[rows, left] - sums[rows, left + 1]
    part = np.divide(here - 1, fall, out=np.zeros_like(fall), where=fall > 0)
    shift = knots[rows, left] + part * (knots[rows, left + 1] - knots[rows, left])
    weights = np.clip(points - shift[:, None], lower, upper)

    # What rounding left over goes to the weights inside their bounds: those at a bound stay exactly there.
    inside = (weights > lower) & (weights < upper)
    missing = (1 - weights.sum(axis=1)) / np.maximum(inside.sum(axis=1), 1)
    return np.clip(weights + inside * missing[:, None], lower, upper) + 0.0  # no -0.0


def sample(n: int, lower: FloatArray, upper: FloatArray, rng: np.random.Generator) -> FloatArray:
    """n uniform draws, (n, m).

    Without the upper bounds the polytope is a scaled simplex, so a scaled Dirichlet(1) is uniform on it;
    draws above an upper bound are rejected. Where too few survive, `_exchange` takes over.
    """
    draws = lower + (1 - lower.sum()) * rng.dirichlet(np.ones(len(lower)), size=4 * n + 1000)
    kept = draws[(draws <= upper).all(axis=1)]
    return kept[:n] if len(kept) >= n else _exchange(n, lower, upper, rng)


def _exchange(n: int, lower: FloatArray, upper: FloatArray, rng: np.random.Generator) -> FloatArray:
    """n independent Gibbs chains: pairs of domains redraw how they share their common weight.

    Given all others, w_i is uniform on [max(l_i, s - u_j), min(u_i, s - l_j)] with s = w_i + w_j, so the
    uniform distribution is invariant, whatever the widths of the bounds. A sweep pairs all domains at random.
    """
    m = len(lower)
    weights = np.repeat(project(np.full((1, m), 1 / m), lower, upper), n, axis=0)
    rows = np.arange(n)[:, None]
    for _ in range(20 + 10 * m):
        order = rng.permuted(np.tile(np.arange(m), (n, 1)), axis=1)
        i, j = order[:, : m // 2], order[:, m // 2 : 2 * (m // 2)]
        common = weights[rows, i] + weights[rows, j]
        least = np.maximum(lower[i], common - upper[j])
        most = np.minimum(upper[i], common - lower[j])
        weights[rows, i] = least + rng.random(common.shape) * (most - least)
        weights[rows, j] = common - weights[rows, i]
    return np.clip(weights, lower, upper)


def vertices(lower: FloatArray, upper: FloatArray) -> FloatArray:
    """All vertices, (v, m). At a vertex all weights but one are at a bound.

    Walks the sets of domains that are full (at their upper bound) and gives what remains to one more domain.
    There are m vertices without upper bounds, and exponentially many in m where upper bounds are tight.
    """
    m, room, found = len(lower), upper - lower, []

    def fill(full: list[int], start: int, left: float) -> None:
        weights = lower.copy()
        weights[full] = upper[full]
        if left <= TIGHT:
            found.append(weights)
            return
        for last in set(range(m)) - set(full):
            if room[last] >= left - TIGHT:
                vertex = weights.copy()
                vertex[last] = min(lower[last] + left, upper[last])
                found.append(vertex)
        for extra in range(start, m):
            if TIGHT < room[extra] < left - TIGHT:
                fill([*full, extra], extra + 1, left - room[extra])

    fill([], 0, float(1 - lower.sum()))
    points = np.array(found)
    _, first = np.unique(points.round(9), axis=0, return_index=True)  # a vertex may have several last domains
    return points[np.sort(first)]

"""D-optimal designs by Fedorov's exchange algorithm, in kernel form.

With features F the design S maximises log det(F_S' F_S + ridge I), which is log det(K_S + ridge I) up to a constant,
with K = F F'. The features are Scheffé's, [w_i] or [w_i, w_i w_j with i < j]. Their inner products are closed forms, so
the quadratic's 2,080 features at 64 domains are never computed.

References:
    Fedorov (1972), Theory of optimal experiments, Academic Press.
"""

from itertools import combinations

import numpy as np
from scipy.linalg import inv

from mixopt.space.mixture_space import MixtureSpace
from mixopt.space.region import distinct_rows
from mixopt.typing import FloatArray

RIDGE = 1e-3
DRAWS = 500
BETTER = 1 + 1e-6  # factor on the determinant below which an exchange improves nothing but rounding


def d_optimal(space: MixtureSpace, count: int, taken: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Choose mixtures that are D-optimal for the quadratic, together with those taken.

    They are chosen among the corners of the space, midpoints of these, the uniform mixture, and draws.

    Args:
        space: the mixtures that are allowed.
        count: how many to choose.
        taken: mixtures (t, m) that are part of the design already.
        rng: the only source of randomness.

    Returns:
        Mixtures (k, m), k <= count.
    """
    if space.candidates is not None:
        points = space.candidates
    else:
        corners = space.corners()
        midpoints = np.array([(v + w) / 2 for v, w in combinations(corners, 2)]).reshape(-1, space.m)
        points = np.vstack([corners, space.near(midpoints), space.uniform(), space.sample(DRAWS, rng)])
    points = distinct_rows(np.vstack([taken, points]))[len(taken) :]  # a replicate would count as one mixture
    return points[best_subset(points, count, taken, quadratic=True)]


def best_subset(points: FloatArray, count: int, taken: FloatArray, *, quadratic: bool) -> list[int]:
    """Choose the points that are D-optimal together with those taken.

    Args:
        points: mixtures (n, m) to choose from.
        count: how many to choose.
        taken: mixtures (t, m) that are part of the design already.
        quadratic: whether for Scheffé's quadratic, else for the linear model.

    Returns:
        The chosen rows of points, rising.
    """
    everything, fixed = np.vstack([taken, points]), len(taken)
    count = min(count, len(points))
    chosen = list(range(fixed))  # rows of everything
    for _ in range(count):
        variance, _, _ = _variance(everything, chosen, quadratic)
        variance[chosen] = -np.inf
        chosen.append(int(variance.argmax()))
    while count:
        variance, gains, inverse = _variance(everything, chosen, quadratic)
        without = variance[:, None] + gains**2 / np.diag(inverse) + RIDGE  # of each point, without each chosen one
        factors = without / without[chosen, range(len(chosen))]  # of the determinant, (t + n, s)
        factors[chosen] = 0
        factors[:, :fixed] = 0
        new, old = np.unravel_index(factors.argmax(), factors.shape)
        if factors[new, old] < BETTER:
            break
        chosen[old] = int(new)
    return sorted(row - fixed for row in chosen[fixed:])


def _variance(points: FloatArray, chosen: list[int], quadratic: bool) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The variance (n,) of each point given the s chosen ones, k(., S) P (n, s), and P = (K_S + ridge I)^-1, (s, s)."""
    to_chosen = _kernel(points, points[chosen], quadratic)
    inverse = inv(to_chosen[chosen] + RIDGE * np.eye(len(chosen)))
    gains = to_chosen @ inverse
    squares = (points**2).sum(axis=1)
    own = squares + (squares**2 - (points**4).sum(axis=1)) / 2 if quadratic else squares
    return own - (gains * to_chosen).sum(axis=1), gains, inverse


def _kernel(v: FloatArray, w: FloatArray, quadratic: bool) -> FloatArray:
    """Inner products (n, s) of Scheffé's features: sum_{i<j} v_i v_j w_i w_j = ((v.w)^2 - sum_i v_i^2 w_i^2) / 2."""
    linear = v @ w.T
    return linear + (linear**2 - (v**2) @ (w**2).T) / 2 if quadratic else linear

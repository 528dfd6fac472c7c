"""D-optimal designs by Fedorov's exchange (1972), in kernel form.

With features F the design S maximises log det(F_S' F_S + ridge I), which is log det(K_S + ridge I) up to a constant
where K = F F'. The features are Scheffe's, [w_i] or [w_i, w_i w_j with i < j], whose inner products are closed forms:
so the quadratic's 2,080 coefficients at 64 domains are never written down.
"""

from itertools import combinations

import numpy as np
from scipy.linalg import inv

from mixopt.space.mixture_space import MixtureSpace
from mixopt.space.region import distinct_rows
from mixopt.typing import FloatArray

RIDGE = 1e-3
DRAWS = 500
BETTER = 1 + 1e-6  # factor of the determinant below which an exchange is rounding


def d_optimal(space: MixtureSpace, count: int, taken: FloatArray, rng: np.random.Generator) -> FloatArray:
    """Up to `count` mixtures that are, with those taken (t, m), D-optimal for the quadratic, (k, m).

    They are chosen among corners of the space, midpoints of these, the uniform mixture, and draws.
    """
    if space.candidates is not None:
        points = space.candidates
    else:
        corners = space.corners()
        midpoints = [(v + w) / 2 for v, w in combinations(corners, 2)]
        points = np.vstack([corners, *midpoints, space.uniform(), space.sample(DRAWS, rng)])
    points = distinct_rows(np.vstack([taken, points]))[len(taken) :]  # a replicate would count as one mixture
    return points[best_subset(points, count, taken, quadratic=True)]


def best_subset(points: FloatArray, count: int, taken: FloatArray, *, quadratic: bool) -> list[int]:
    """Which `count` of the points (n, m) are D-optimal together with those taken (t, m), in rising order.

    Args:
        quadratic: for Scheffe's quadratic, else for the linear model.
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
        without = variance[:, None] + gains**2 / np.diag(inverse) + RIDGE  # of each point without each chosen one
        factors = without / without[chosen, range(len(chosen))]  # of the determinant, (t + n, s)
        factors[chosen] = 0
        factors[:, :fixed] = 0
        new, old = np.unravel_index(factors.argmax(), factors.shape)
        if factors[new, old] < BETTER:
            break
        chosen[old] = int(new)
    return sorted(row - fixed for row in chosen[fixed:])


def _variance(points: FloatArray, chosen: list[int], quadratic: bool) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The variance (n,) of each point given the s chosen ones, k(., S) P (n, s), and P = (K_S + ridge I)^-1."""
    to_chosen = _kernel(points, points[chosen], quadratic)
    inverse = inv(to_chosen[chosen] + RIDGE * np.eye(len(chosen)))
    gains = to_chosen @ inverse
    squares = (points**2).sum(axis=1)
    own = squares + (squares**2 - (points**4).sum(axis=1)) / 2 if quadratic else squares
    return own - (gains * to_chosen).sum(axis=1), gains, inverse


def _kernel(v: FloatArray, w: FloatArray, quadratic: bool) -> FloatArray:
    """Inner products (n, s) of Scheffe's features: sum_{i<j} v_i v_j w_i w_j = ((v.w)^2 - sum_i v_i^2 w_i^2) / 2."""
    linear = v @ w.T
    return linear + (linear**2 - (v**2) @ (w**2).T) / 2 if quadratic else linear

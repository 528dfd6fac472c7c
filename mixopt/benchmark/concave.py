"""Concave problems: quadratics with the optimum inside, on a face or at a vertex, and exponential mixing laws.

The random streams never change: a seed always means the same problem.
"""

import numpy as np

from mixopt.benchmark.problem import Score
from mixopt.typing import FloatArray


def interior(m: int, rng: np.random.Generator) -> tuple[Score, FloatArray]:
    """Return f: (n, m) -> (n,) and its best mixture, which has some of every domain."""
    return _quadratic(m, rng, support=None)


def face(m: int, rng: np.random.Generator) -> tuple[Score, FloatArray]:
    """Return f and its best mixture, which has a third of the domains."""
    return _quadratic(m, rng, support=max(2, m // 3))


def vertex(m: int, rng: np.random.Generator) -> tuple[Score, FloatArray]:
    """Return f and its best mixture, which is one domain alone."""
    return _quadratic(m, rng, support=1)


def _quadratic(m: int, rng: np.random.Generator, support: int | None) -> tuple[Score, FloatArray]:
    """Return -(w - best)' Q (w - best) + slope.w; the slope, at most 0, keeps domains out of the best mixture."""
    root = rng.normal(size=(m, m))
    q = root @ root.T / m + 0.5 * np.diag(rng.gamma(2, 1, m))
    best, slope = np.zeros(m), np.zeros(m)
    if support is None:
        best = rng.dirichlet(np.full(m, 5.0))
    else:
        inside = rng.choice(m, support, replace=False)
        best[inside] = rng.dirichlet(np.full(support, 5.0)) if support > 1 else 1.0
        outside = np.setdiff1d(np.arange(m), inside)
        slope[outside] = -rng.uniform(0.1, 1.0, len(outside))

    def f(weights: FloatArray) -> FloatArray:
        away = weights - best
        return -np.einsum("ni,ij,nj->n", away, q, away) + weights @ slope

    return f, best


def mixing_law(m: int, rng: np.random.Generator) -> tuple[Score, FloatArray]:
    """Return minus the mean of 8 losses c exp(t.w), each lowered by some domains and raised by others.

    References:
        Ye et al., "Data Mixing Laws", arXiv:2403.16952.
    """
    losses = 8
    t = -rng.gamma(1.0, 1.0, (losses, m)) * (rng.random((losses, m)) < 0.4) * 2.0
    t += 0.6 * rng.random((losses, m)) * (rng.random((losses, m)) < 0.4)
    c = rng.uniform(0.5, 1.5, losses)

    def f(weights: FloatArray) -> FloatArray:
        return -np.mean(c * np.exp(weights @ t.T), axis=1)

    best = np.full(m, 1 / m)
    for _ in range(4000):  # exponentiated gradient, which a concave f allows
        gradient = -((c * np.exp(t @ best))[:, None] * t).mean(axis=0)
        best = best * np.exp(gradient - gradient @ best)
        best /= best.sum()
    return f, best

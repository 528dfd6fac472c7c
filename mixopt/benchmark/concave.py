"""Concave families: quadratics with their optimum inside, on a face or at a vertex, and exponential mixing laws.

The random streams are fixed for good: a seed means the same problem as in the table of peers that mixopt was first
held against.
"""

import numpy as np

from mixopt.benchmark.problem import Score
from mixopt.typing import FloatArray


def interior(m: int, rng: np.random.Generator) -> tuple[Score, FloatArray]:
    """f (n, m) -> (n,) and its best mixture, which holds some of every domain."""
    return _quadratic(m, rng, support=None)


def face(m: int, rng: np.random.Generator) -> tuple[Score, FloatArray]:
    """The best mixture holds a third of the domains."""
    return _quadratic(m, rng, support=max(2, m // 3))


def vertex(m: int, rng: np.random.Generator) -> tuple[Score, FloatArray]:
    """The best mixture is one domain alone."""
    return _quadratic(m, rng, support=1)


def _quadratic(m: int, rng: np.random.Generator, support: int | None) -> tuple[Score, FloatArray]:
    """-(w - best)' Q (w - best) + slope.w, where the slope (0 or less) keeps domains out of the best mixture."""
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
    """Minus the mean of 8 losses c exp(t.w), each helped by some domains and hurt by others (Ye et al. 2024)."""
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

"""Uniform draws from a convex set by hit and run (Smith 1984): many short chains side by side.

A step goes to a uniform point of the chord through the chain's place. Directions are, in turn, from one extreme point
to another, which has long chords where the set is like a simplex (one domain against another), and normal with the
covariance of all chains, which reaches every direction, however thin the set. So the draws are approximately uniform:
after `STEPS` the second moments on a simplex of 64 domains are within 2 % of the truth.
"""

from collections.abc import Callable

import numpy as np

from mixopt.typing import FloatArray

STEPS = 8  # of each kind, a domain


def hit_and_run(
    n: int,
    extremes: FloatArray,
    hull: FloatArray,
    reach: Callable[[FloatArray, FloatArray], FloatArray],
    rng: np.random.Generator,
) -> FloatArray:
    """n draws, (n, m).

    Args:
        extremes: (e, m) distinct points all round the set, whose mean is in its relative interior.
        hull: (m, d) an orthonormal basis of the set's directions; d may be 0.
        reach: how far the set goes from points (c, m) along directions (c, m), (c,).
    """
    m, dimension = hull.shape
    chains = max(n, 4 * m)  # enough to tell their covariance
    places = (extremes.mean(axis=0) + rng.dirichlet(np.full(len(extremes), 2 / len(extremes)), chains) @ extremes) / 2
    if dimension == 0:
        return places[:n]

    def step(directions: FloatArray) -> None:
        least, most = -reach(places, -directions), reach(places, directions)
        along = least + rng.random(chains) * (most - least)
        places[:] += along[:, None] * directions

    for number in range(STEPS * m):
        if number % m == 0:
            covariance = np.cov((places @ hull).T).reshape(dimension, dimension)
            jitter = 1e-9 * np.trace(covariance) * np.eye(dimension)
            factor = np.linalg.cholesky(covariance + jitter).T @ hull.T
        step(rng.standard_normal((chains, dimension)) @ factor)
        here = rng.integers(len(extremes), size=chains)
        there = (here + rng.integers(1, len(extremes), size=chains)) % len(extremes)
        step(extremes[there] - extremes[here])
    return places[:n]

"""Problems that no polynomial fits, defined before any method was tuned on them; for m = 8, they scale with m.

Each function returns f: (n, m) -> (n,) and its best mixture (m,), found by `optimum`.
"""

import numpy as np
from scipy.optimize import minimize

from mixopt.benchmark.optimum import optimum
from mixopt.benchmark.problem import Score
from mixopt.typing import FloatArray


def two_peaks(m: int, rng: np.random.Generator) -> tuple[Score, FloatArray]:
    """Return a high Gaussian bump near the middle and a lower one (.7 of its height) near the border, .5 or more apart.

    Their width is the root-mean-square distance of random mixtures from the centre, .31 at m = 8, so that random
    mixtures see the bumps at any m.
    """
    width = np.sqrt((m - 1) / (m * (m + 1)))
    a = rng.dirichlet(np.full(m, 2.0))
    others = rng.dirichlet(np.full(m, 0.5), 1000)
    away = np.linalg.norm(others - a, axis=1)
    b = others[int(np.argmax(away >= 0.5))] if (away >= 0.5).any() else others[int(np.argmax(away))]

    def bump(weights: FloatArray, centre: FloatArray) -> FloatArray:
        return np.exp(-((weights - centre) ** 2).sum(axis=1) / (2 * width**2))

    def f(weights: FloatArray) -> FloatArray:
        return bump(weights, a) + 0.7 * bump(weights, b)

    return f, optimum(f, m, hints=np.stack([a, b]))


def runs_out(m: int, rng: np.random.Generator) -> tuple[Score, FloatArray]:
    """Return a mixing law of what was seen, where training stops when a domain runs out: a kink for each small domain.

    Half of the domains last for a share cap ~ U(.1, .5) of the full length; training lasts T(w) = min(1, min_i cap_i /
    w_i), and the losses are those of the exposure x = T(w) w. Minus the loss is concave in x, so the best x is the best
    of a few concave programs: the exact hint for the search.
    """
    losses = 8
    t = -rng.gamma(1.0, 1.0, (losses, m)) * (rng.random((losses, m)) < 0.4) * 2.5
    t += 0.5 * rng.random((losses, m)) * (rng.random((losses, m)) < 0.2)
    c = rng.uniform(0.5, 1.5, losses)
    cap = np.full(m, np.inf)
    cap[rng.choice(m, m // 2, replace=False)] = rng.uniform(0.1, 0.5, m // 2)

    def f(weights: FloatArray) -> FloatArray:
        lasts = np.minimum(1.0, (cap / np.maximum(weights, 1e-12)).min(axis=1, keepdims=True))
        return -np.mean(c * np.exp((lasts * weights) @ t.T), axis=1)

    def loss(x: FloatArray) -> float:
        return float(np.mean(c * np.exp(t @ x)))

    def slope(x: FloatArray) -> FloatArray:
        return np.asarray(((c * np.exp(t @ x))[:, None] * t).mean(axis=0))

    hints = []
    for emptied in (None, *np.flatnonzero(np.isfinite(cap))):  # nothing runs out, or this domain does
        bounds = [(0.0, min(limit, 1.0)) for limit in cap]
        if emptied is not None:
            bounds[emptied] = (cap[emptied], cap[emptied])
        total = {"type": "eq" if emptied is None else "ineq", "fun": lambda x: 1 - x.sum()}
        found = minimize(loss, np.full(m, 0.5 / m), jac=slope, bounds=bounds, constraints=[total], method="SLSQP")
        hints.append(found.x.clip(0) / found.x.clip(0).sum())
    return f, optimum(f, m, hints=np.array(hints))


def corner_noise(m: int, rng: np.random.Generator) -> tuple[Score, FloatArray]:
    """Return a power law, minus the mean of c (.1 + t.w)^-.7 with sparse t >= 0, whose noise depends on the mixture."""
    losses = 8
    t = rng.gamma(1.0, 1.0, (losses, m)) * (rng.random((losses, m)) < 0.4)
    c = rng.uniform(0.5, 1.5, losses)

    def f(weights: FloatArray) -> FloatArray:
        return -np.mean(c * (0.1 + weights @ t.T) ** -0.7, axis=1)

    return f, optimum(f, m)


def noisier_corners(sd: float) -> Score:
    """Return noise of .25 sd at the centre, rising linearly in |w|^2 to 2.5 sd at a vertex."""

    def noise_sd(weights: FloatArray) -> FloatArray:
        m = weights.shape[1]
        corner = ((weights**2).sum(axis=1) - 1 / m) / (1 - 1 / m)  # 0 at the centre, 1 at a vertex
        return np.asarray(sd * (0.25 + 2.25 * corner))

    return noise_sd

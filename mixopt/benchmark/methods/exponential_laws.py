"""Exponential laws of the tests' losses, loss = c + exp(t.w) with c >= 0, and the mixture with the least mean loss.

The law of Ye et al., which Olmix fits too ("log-linear"): weights sum to 1, so a factor of the exponential is part of
t. Each test's law is fitted by a Huber loss from several starts. Both publications give losses per token or byte, and
their settings are in such units, so each test's score becomes a loss of mean 1 and standard deviation .1. Where only
the mean of the tests is known, there is one law, whose best mixture is a vertex.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from mixopt.benchmark.methods.base import Observed
from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray

SPREAD = 0.1  # of a loss, whose mean is 1
LEVELS = (0.01, 0.5, 0.8, 0.95)  # starts of c, in units of the smallest loss
ITERATIONS = 60
LARGEST = 5.0  # exponent, where a step goes too far


@dataclass(frozen=True, eq=False)
class Laws:
    """The fitted laws of k tests: `slopes` t (k, m), and the tests' `parts` (k,) in the mean loss."""

    slopes: FloatArray
    parts: FloatArray

    def mean(self, weights: FloatArray) -> FloatArray:
        """Return the mean loss (n,) at mixtures (n, m), up to a constant, in units of the score's deviation."""
        return np.asarray(np.exp(np.minimum(weights @ self.slopes.T, 50)) @ self.parts)

    def best(self, space: MixtureSpace, pull: float = 0.0) -> FloatArray:
        """Return the mixture (m,) with the least mean loss + pull x KL(w | uniform), or the best candidate.

        The sum is convex in w, so the search finds its least value.
        """
        m = space.m

        def pulled(weights: FloatArray) -> FloatArray:
            shares = np.maximum(weights, 1e-12)
            return self.mean(weights) + pull * (shares * np.log(shares * m)).sum(axis=1)

        def slope(weights: FloatArray) -> FloatArray:
            growth = np.exp(np.minimum(self.slopes @ weights, 50))
            return np.asarray((self.parts * growth) @ self.slopes + pull * (1 + np.log(np.maximum(weights, 1e-12) * m)))

        if space.candidates is not None:
            return space.candidates[int(pulled(space.candidates).argmin())]
        found = minimize(
            lambda w: float(pulled(w[None])[0]),
            np.full(m, 1 / m),
            jac=slope,
            bounds=[(0.0, 1.0)] * m,
            constraints=[{"type": "eq", "fun": lambda w: w.sum() - 1, "jac": np.ones_like}],
            method="SLSQP",
            options={"maxiter": 300, "ftol": 1e-10},
        )
        return space.project(found.x)


def fitted_laws(runs: Observed, delta: float) -> Laws:
    """Fit the law of each test; where only the mean is known, the law of the mean.

    Args:
        runs: two or more.
        delta: of the Huber loss, in units of the losses.
    """
    parts = np.array(list(runs.task.parts.values())) if runs.task.parts else np.ones(1)
    scores = np.array([list(tests.values()) for tests in runs.tests]) if runs.task.parts else runs.values[:, None]
    varied = (parts > 0) & (np.ptp(scores, axis=0) > 0)
    scores, parts = scores[:, varied], parts[varied]
    sd = scores.std(axis=0)
    losses = 1 + SPREAD * (scores.mean(axis=0) - scores) / sd
    slopes = _fitted(runs.weights, losses, delta)
    return Laws(slopes, parts * sd / max(float((scores @ parts).std()), 1e-300))


def _fitted(weights: FloatArray, losses: FloatArray, delta: float) -> FloatArray:
    """Return t (k, m) of the laws of losses (n, k) at weights (n, m), each by the least Huber loss over the starts.

    All tests and starts are fitted at once by Levenberg-Marquardt steps with Huber's weights.
    """
    tests, m = losses.shape[1], weights.shape[1]
    y = np.repeat(losses.T, len(LEVELS), axis=0)  # (b, n) for b = tests x starts
    level = y.min(axis=1, keepdims=True) * np.tile(LEVELS, tests)[:, None]
    x = np.hstack([np.log(level), np.log(y - level) @ np.linalg.pinv(weights).T])
    damping, cost = np.full(len(x), 0.01), np.full(len(x), np.inf)
    kept, slope, hessian = x, np.zeros_like(x), np.zeros((len(x), m + 1, m + 1))
    for _ in range(ITERATIONS):
        level, growth = np.exp(np.minimum(x[:, :1], LARGEST)), np.exp(np.minimum(x[:, 1:] @ weights.T, LARGEST))
        errors = level + growth - y
        away = np.abs(errors)
        now = np.where(away <= delta, away**2 / 2, delta * (away - delta / 2)).sum(axis=1)
        better = now < cost
        trust = delta / np.maximum(away, delta)
        by = np.concatenate([np.broadcast_to(level, y.shape)[..., None], growth[..., None] * weights], axis=2)
        weighed = by * trust[..., None]
        kept, cost = np.where(better[:, None], x, kept), np.where(better, now, cost)
        slope = np.where(better[:, None], np.einsum("bnp,bn->bp", weighed, errors), slope)
        hessian = np.where(better[:, None, None], weighed.transpose(0, 2, 1) @ by, hessian)
        damping = np.clip(np.where(better, damping / 3, damping * 4), 1e-9, 1e9)
        ridge = damping[:, None] * (np.diagonal(hessian, axis1=1, axis2=2) + 1e-6)
        x = kept - np.linalg.solve(hessian + ridge[..., None] * np.eye(m + 1), slope[..., None])[..., 0]
    best = cost.reshape(tests, len(LEVELS)).argmin(axis=1)
    return np.asarray(kept.reshape(tests, len(LEVELS), m + 1)[np.arange(tests), best, 1:])

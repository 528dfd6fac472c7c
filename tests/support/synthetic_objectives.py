"""Small synthetic objectives on the simplex with known optima."""

from dataclasses import dataclass

import numpy as np

from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray

WHOLE, SHORT, NOISE = 12, 20, 0.005  # of `scores_by_step`: whole runs, short runs, standard deviation


def simplex(m: int) -> MixtureSpace:
    """m domains without bounds."""
    return MixtureSpace([f"d{i}" for i in range(m)])


@dataclass(frozen=True, eq=False)
class Quadratic:
    """level - (w - best)' curvature (w - best), concave; `best` is the optimum if on the simplex."""

    best: FloatArray
    curvature: FloatArray
    level: float = 0.6

    @classmethod
    def random(cls, m: int, seed: int) -> "Quadratic":
        """With an optimum inside the simplex."""
        rng = np.random.default_rng(seed)
        a = rng.normal(size=(m, m))
        return cls(rng.dirichlet(np.full(m, 5.0)), 0.3 * (a @ a.T / m + np.eye(m)))

    def __call__(self, weights: FloatArray) -> FloatArray:
        away = weights - self.best
        return self.level - np.einsum("ni,ij,nj->n", away, self.curvature, away)


class Known:
    """A surrogate that is the objective itself, for searches."""

    def __init__(self, objective: Quadratic) -> None:
        self.objective = objective

    def fit(self, weights: FloatArray, values: FloatArray) -> "Known":
        return self

    def predict(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        return self.objective(weights), np.zeros(len(weights))


def scores_by_step(seed: int, informative: bool, lasting: bool = True) -> tuple[np.ndarray, np.ndarray, Quadratic]:
    """Weights and scores at three steps, those of short runs at the first one alone, and what the last step measures.

    Where the early steps are not informative they are noise. Noise is a random walk, or new at every step.
    """
    rng = np.random.default_rng(seed)
    objective, other = Quadratic.random(4, seed), Quadratic.random(4, seed + 1000)
    weights = rng.dirichlet(np.ones(4), WHOLE + SHORT)
    noise = NOISE * rng.normal(size=(len(weights), 3))
    if lasting:
        noise = noise.cumsum(axis=1) / np.sqrt([1, 2, 3])
    last, early = objective(weights), other(weights)
    scores = np.column_stack([0.6 * last + 0.2 * early, 0.9 * last + 0.05 * early, last]) + noise
    if not informative:
        scores[:, :2] = rng.normal(size=(len(weights), 2)) * last.std()
    scores[WHOLE:, 1:] = np.nan
    return weights, scores, objective

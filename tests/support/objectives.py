"""Small synthetic objectives on the simplex with known optima."""

from dataclasses import dataclass

import numpy as np

from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray


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

"""The search the paper's text speaks of: CMA-ES on the surrogate, held as close to the data as the Gaussian.

A point x in R^m stands for the mixture it is repaired to, in three steps: into the affine hull of the
observed mixtures (no Gaussian draw leaves it), onto the space, and towards the mean of the observed mixtures
until its Mahalanobis distance under their Gaussian is no larger than the largest observed one. Space and
ellipsoid are convex and hold the mean, so the mixture is in both. The distance from x to its mixture is
penalised a little, so that x stays near.
"""

import cma
import numpy as np

from mixopt.acquisition.distinct import distinct
from mixopt.models.surrogate import Surrogate
from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray

RESTARTS = 4  # from the best observed mixtures by the surrogate's mean
ITERATIONS = 60
STEP = 0.1  # initial standard deviation of a weight


class Closeness:
    """The Gaussian of the observed mixtures (n, m), and how far from its mean they go."""

    def __init__(self, space: MixtureSpace, observed: FloatArray) -> None:
        self.space = space
        self.mean = observed.mean(axis=0)
        covariance = np.cov(observed, rowvar=False, bias=True)
        self.precision = np.linalg.pinv(covariance, rcond=1e-10, hermitian=True)  # singular: weights sum to 1
        self.onto_hull = self.precision @ covariance
        self.reach = self.distance(observed).max()

    def distance(self, weights: FloatArray) -> FloatArray:
        """Mahalanobis distance (k,) of weights (k, m) to the mean."""
        away = weights - self.mean
        return np.sqrt(np.maximum(np.einsum("ki,ij,kj->k", away, self.precision, away), 0))

    def repair(self, points: FloatArray) -> FloatArray:
        """The mixtures that points (k, m) stand for."""
        mixtures = self.space.project(self.mean + (points - self.mean) @ self.onto_hull)
        far = self.distance(mixtures) > self.reach
        shrink = self.reach / self.distance(mixtures[far])
        mixtures[far] = self.mean + shrink[:, None] * (mixtures[far] - self.mean)
        return mixtures


def search(
    space: MixtureSpace, surrogate: Surrogate, observed: FloatArray, count: int, rng: np.random.Generator
) -> FloatArray:
    """The `count` best of all mixtures that CMA-ES evaluated by the surrogate's mean, (count, m), best first.

    Args:
        surrogate: fitted.
        observed: (n, m) feasible mixtures of the runs it was fitted on, n >= 2.

    Raises:
        StrategyError: fewer than `count` of them differ from each other and from the observed ones.
    """
    closeness = Closeness(space, observed)
    at_observed, _ = surrogate.predict(observed)
    scale = np.ptp(at_observed)
    tried: list[FloatArray] = []
    for start in observed[np.argsort(-at_observed, kind="stable")[:RESTARTS]]:
        strategy = cma.CMAEvolutionStrategy(start, STEP, _options(rng))
        for _ in range(ITERATIONS):
            if strategy.stop():
                break
            points = np.array(strategy.ask())
            mixtures = closeness.repair(points)
            mean, _ = surrogate.predict(mixtures)
            strategy.tell(points, scale * ((points - mixtures) ** 2).sum(axis=1) - mean)
            tried.append(mixtures)
    candidates = np.vstack(tried)
    mean, _ = surrogate.predict(candidates)
    return distinct(candidates[np.argsort(-mean, kind="stable")], count, observed)


def _options(rng: np.random.Generator) -> dict[str, object]:
    """Silent, no files, and all randomness from rng (pycma would seed numpy's global generator)."""
    return {"verbose": -9, "verb_log": 0, "seed": np.nan, "randn": lambda *shape: rng.standard_normal(shape)}

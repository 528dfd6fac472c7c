"""CMA-ES search for the best mixtures of a surrogate, kept as close to the observed mixtures as Gaussian search is.

The paper's text names this search; its Algorithm 4 has the Gaussian one (gaussian.py). A point x in R^m represents the
mixture that it is repaired to, in three steps: into the affine hull of the observed mixtures (no Gaussian draw leaves
it), onto the space, and towards the mean of the observed mixtures until its Mahalanobis distance under their Gaussian
is no larger than the largest observed one. The space and the ellipsoid are convex and contain the mean, so the mixture
is in both. Where a mixture may use few domains only, it moves to a near one of these. The distance from x to its
mixture is penalised a little, so that x stays near.

References:
    Hansen (2016), The CMA evolution strategy: a tutorial, arXiv:1604.00772.
"""

import cma
import numpy as np

from mixopt.acquisition.distinct import distinct
from mixopt.models.surrogate import FittedSurrogate
from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray

RESTARTS = 4  # from the best observed mixtures by the surrogate's mean
ITERATIONS = 60
STEP = 0.1  # initial standard deviation of a weight


class Closeness:
    """The Gaussian of the observed mixtures, and how far from its mean they go.

    Attributes:
        mean: (m,) of the observed mixtures.
        precision: pseudo-inverse (m, m) of their covariance.
        onto_hull: projection (m, m) of a difference onto their affine hull.
        reach: largest Mahalanobis distance of an observed mixture.
    """

    def __init__(self, space: MixtureSpace, observed: FloatArray) -> None:
        """Fit the Gaussian to the observed mixtures (n, m)."""
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
        """The mixtures (k, m) that points (k, m) stand for."""
        mixtures = self.space.convex.project(self.mean + (points - self.mean) @ self.onto_hull)
        far = self.distance(mixtures) > self.reach
        shrink = self.reach / self.distance(mixtures[far])
        mixtures[far] = self.mean + shrink[:, None] * (mixtures[far] - self.mean)
        return self.space.near(mixtures)


def search(
    space: MixtureSpace, surrogate: FittedSurrogate, observed: FloatArray, count: int, rng: np.random.Generator
) -> FloatArray:
    """Find the best of all mixtures that CMA-ES evaluates by the surrogate's mean.

    Args:
        space: the mixtures that are allowed.
        surrogate: a fitted model.
        observed: feasible mixtures (n, m) of the runs it was fitted on, n >= 2.
        count: how many mixtures to return.
        rng: the only source of randomness.

    Returns:
        Mixtures (count, m), best first, different from each other and from the observed ones.

    Raises:
        StrategyError: fewer than `count` of them differ.
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
    """Options of pycma: no output, no files, all randomness from rng (pycma would seed numpy's global generator)."""
    return {"verbose": -9, "verb_log": 0, "seed": np.nan, "randn": lambda *shape: rng.standard_normal(shape)}

"""Gaussian search, the second half of the paper's Algorithm 4: draw mixtures like the observed ones and rank them.

It departs from the paper in three ways: draws outside the bounds of the space are dropped too; it refuses with a reason
where too few draws survive (on seed designs 14 % do at m = 5, 0.09 % at m = 10, and 2.5e-6 at m = 17); and no mixture
is proposed twice.

References:
    MoDoMoDo, arXiv:2505.24871.
"""

import numpy as np

from mixopt.acquisition.distinct import distinct
from mixopt.errors import StrategyError
from mixopt.models.surrogate import FittedSurrogate
from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray

N_SAMPLES = 10_000  # the paper does not say how many


def draw(space: MixtureSpace, observed: FloatArray, n_samples: int, rng: np.random.Generator) -> FloatArray:
    """Draw from the Gaussian of the observed mixtures and keep the draws that are mixtures of the space.

    Args:
        space: the mixtures that are allowed.
        observed: mixtures (n, m).
        n_samples: number of draws.
        rng: the only source of randomness.

    Returns:
        The draws (s, m) that survive.
    """
    covariance = np.cov(observed, rowvar=False, bias=True)  # maximum likelihood
    gaussian = rng.multivariate_normal(observed.mean(axis=0), covariance, size=n_samples)
    gaussian[np.abs(gaussian) < 1e-9] = 0  # a domain that is 0 in all observed mixtures, up to rounding
    positive = gaussian[(gaussian >= 0).all(axis=1)]
    mixtures = positive / positive.sum(axis=1, keepdims=True)
    return space.near(mixtures[space.convex.contains(mixtures)])


def search(
    space: MixtureSpace,
    surrogate: FittedSurrogate,
    observed: FloatArray,
    count: int,
    rng: np.random.Generator,
    n_samples: int = N_SAMPLES,
) -> FloatArray:
    """Find the best of the surviving draws by the surrogate's mean.

    Args:
        space: the mixtures that are allowed.
        surrogate: a fitted model.
        observed: mixtures (n, m) of the runs it was fitted on, n >= 2.
        count: how many mixtures to return.
        rng: the only source of randomness.
        n_samples: number of draws.

    Returns:
        Mixtures (count, m), best first, different from each other and from the observed ones.

    Raises:
        StrategyError: fewer draws survive than are asked for.
    """
    survivors = draw(space, observed, n_samples, rng)
    if len(survivors) < count:
        raise StrategyError(
            f"{len(survivors)} of {n_samples} draws of the Gaussian ({len(survivors) / n_samples:.3%}) are "
            f"mixtures of the space, and {count} are needed: search with cma_es, or ask for fewer"
        )
    mean, _ = surrogate.predict(survivors)
    return distinct(survivors[np.argsort(-mean, kind="stable")], count, observed)

"""The paper's search (Algorithm 4, its second half): draw mixtures like the observed ones and rank them.

Departs from the paper by dropping draws outside the space's bounds too, by refusing with a reason where too
few draws survive (on seed designs 14 % do at m = 5, 0.09 % at 10, 2.5e-6 at 17), and by repeating no mixture.
"""

import numpy as np

from mixopt.acquisition.distinct import distinct
from mixopt.errors import StrategyError
from mixopt.models.surrogate import Surrogate
from mixopt.space.mixture_space import MixtureSpace
from mixopt.typing import FloatArray

N_SAMPLES = 10_000  # open in the paper


def draw(space: MixtureSpace, observed: FloatArray, n_samples: int, rng: np.random.Generator) -> FloatArray:
    """The draws (s, m) of the Gaussian fitted to the observed mixtures (n, m) that survive."""
    covariance = np.cov(observed, rowvar=False, bias=True)  # maximum likelihood
    gaussian = rng.multivariate_normal(observed.mean(axis=0), covariance, size=n_samples)
    gaussian[np.abs(gaussian) < 1e-9] = 0  # a domain that is 0 in all observed mixtures, up to rounding
    positive = gaussian[(gaussian >= 0).all(axis=1)]
    mixtures = positive / positive.sum(axis=1, keepdims=True)
    return mixtures[space.contains(mixtures)]


def search(
    space: MixtureSpace,
    surrogate: Surrogate,
    observed: FloatArray,
    count: int,
    rng: np.random.Generator,
    n_samples: int = N_SAMPLES,
) -> FloatArray:
    """The `count` best of the surviving draws by the surrogate's mean, (count, m), best first.

    Args:
        surrogate: fitted.
        observed: (n, m) mixtures of the runs it was fitted on, n >= 2.

    Raises:
        StrategyError: fewer draws survive than are asked for.
    """
    survivors = draw(space, observed, n_samples, rng)
    if len(survivors) < count:
        raise StrategyError(
            f"{len(survivors)} of {n_samples} draws of the Gaussian ({len(survivors) / n_samples:.3%}) are "
            f"mixtures of the space, and {count} are needed: sample the polytope, or search with cma_es"
        )
    mean, _ = surrogate.predict(survivors)
    return distinct(survivors[np.argsort(-mean, kind="stable")], count, observed)

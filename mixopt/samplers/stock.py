"""Optuna's own samplers by the names of study files, with settings for tens of noisy runs, several at a time.

mixopt.benchmark measures these settings.
"""

import warnings
from collections.abc import Callable, Mapping

from optuna import samplers
from optuna.exceptions import ExperimentalWarning

from mixopt.samplers.base import MixtureSampler
from mixopt.samplers.on_simplex import on_simplex
from mixopt.space.mixture_space import MixtureSpace

STOCK_SAMPLERS: Mapping[str, Callable[[int], samplers.BaseSampler]] = {
    "tpe": lambda seed: samplers.TPESampler(multivariate=True, constant_liar=True, seed=seed),
    "cma_es": lambda seed: samplers.CmaEsSampler(seed=seed),
    "gp": lambda seed: samplers.GPSampler(deterministic_objective=False, seed=seed),
    "nsga2": lambda seed: samplers.NSGAIISampler(population_size=10, seed=seed),  # of 50 most are random
    "qmc": lambda seed: samplers.QMCSampler(scramble=True, seed=seed),
    "random": lambda seed: samplers.RandomSampler(seed=seed),
}


def stock_sampler(name: str, space: MixtureSpace, seed: int) -> MixtureSampler:
    """Return one of Optuna's samplers over a space.

    CMA-ES searches softmax latents and the others exponential ones. On the six cells of mixopt.benchmark, three
    problems of each, CMA-ES had a regret of .39 / .23 / .18 at 20 / 40 / 80 runs, and .53 / .38 / .26 with the other
    latents; TPE had .43 / .33 / .29, and .38 / .31 / .21 with the other latents.

    Args:
        name: a key of `STOCK_SAMPLERS`.
        space: the mixtures to search.
        seed: of everything random.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ExperimentalWarning)
        stock = STOCK_SAMPLERS[name](seed)
    return on_simplex(stock, space, mapping="softmax" if name == "cma_es" else "exponential", seed=seed)

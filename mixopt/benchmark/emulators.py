"""Emulators: a model fitted on measured runs replaces training, so that any mixture can be evaluated.

Ten small neural networks on sqrt(w), each fitted on a bootstrap sample in 200 steps: a model that no method uses. The
problem's note has its R2 on held-out runs. Its error is the noise of an observation, unless the noise is known.
"""

import warnings

import numpy as np
from sklearn.compose import TransformedTargetRegressor
from sklearn.ensemble import BaggingRegressor
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import KFold, cross_val_predict
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from mixopt.benchmark.optimum import optimum
from mixopt.benchmark.problem import Problem, Score, synthetic
from mixopt.models.surrogate import r_squared
from mixopt.typing import FloatArray

FOLDS = 10
DECAY = 3.0  # weight decay of the networks


def emulator(
    name: str,
    domains: list[str],
    weights: FloatArray,
    values: FloatArray,
    *,
    decay: float = DECAY,
    noise_sd: Score | None = None,
) -> Problem:
    """Return the problem of an emulator of runs; takes about a minute for 512 runs.

    Args:
        name: of the problem.
        domains: names of the m domains.
        weights: (n, m).
        values: (n,).
        decay: weight decay of the networks; choose the one that predicts held-out runs best.
        noise_sd: standard deviation of an observation at mixtures (n, m), (n,), if runs were repeated.
    """
    folds = KFold(FOLDS, shuffle=True, random_state=0)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # to stop early is meant
        held_out = cross_val_predict(_networks(decay), np.sqrt(weights), values, cv=folds)
        model = _networks(decay).fit(np.sqrt(weights), values)
    residual_sd = float(np.std(values - held_out))

    def f(mixtures: FloatArray) -> FloatArray:
        return np.asarray(model.predict(np.sqrt(mixtures)))

    best = optimum(f, weights.shape[1], hints=weights[np.argsort(-values)[:3]])
    noise = noise_sd or (lambda mixtures: np.full(len(mixtures), residual_sd))
    note = f"emulates {len(values)} runs; held-out R2 {r_squared(values, held_out):.3f}; "
    note += f"noise sd {float(noise(best[None])[0]):.3g}" + (" at the best mixture" if noise_sd else "")
    return synthetic(name, f, best, lambda _: noise, domains, note)


def _networks(decay: float) -> TransformedTargetRegressor:
    network = MLPRegressor(hidden_layer_sizes=(32,), activation="tanh", alpha=decay, solver="lbfgs", max_iter=200)
    bagged = BaggingRegressor(network, 10, random_state=0)
    return TransformedTargetRegressor(make_pipeline(StandardScaler(), bagged), transformer=StandardScaler())

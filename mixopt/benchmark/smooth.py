"""Smooth fits of measured tables: small neural networks, by which no method models its runs.

The model is a cross-validated committee: on each of 10 folds two networks with one hidden layer of 32 tanh units are
fitted to the other folds, with one output for each test, on powers of the weights. The mean of all 20 is the smooth
truth. A run's prediction by the two networks that have not seen it is its held-out one, so the held-out R2 is that of
two networks and not of the better committee.

On the published tables, R2 of the value was higher than that of support vectors on the same powers (RegMix 60M .948
against .903, shapes .920 against .912), or near it (RegMix 1B .726 and .743, DaMo .852 and .866); and a kernel machine
would be of the family of the Gaussian processes that are compared.
"""

import warnings
from dataclasses import dataclass

import numpy as np
from scipy.stats import spearmanr
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import KFold
from sklearn.neural_network import MLPRegressor
from sklearn.preprocessing import StandardScaler

from mixopt.benchmark.measured import MeasuredTable
from mixopt.benchmark.tables import Settings
from mixopt.models.surrogate import r_squared
from mixopt.typing import FloatArray

FOLDS = 10
EACH = 2  # networks on each fold
STEPS = 200  # of L-BFGS


@dataclass(frozen=True, eq=False)
class SmoothFit:
    """The committee of networks of a table.

    Attributes:
        table: with one row for each mixture, (n, m), and k tests.
        held_out: predictions (n, k) of the rows by networks that have not seen them.
    """

    table: MeasuredTable
    held_out: FloatArray
    _power: float
    _inputs: StandardScaler
    _outputs: StandardScaler
    _networks: tuple[MLPRegressor, ...]

    def scores(self, weights: FloatArray) -> FloatArray:
        """Return the scores (n, k) of all tests at mixtures (n, m)."""
        inputs = self._inputs.transform(weights**self._power)
        return np.asarray(
            self._outputs.inverse_transform(np.mean([_predicted(n, inputs) for n in self._networks], axis=0))
        )

    @property
    def r2(self) -> float:
        """R2 of the value on held-out rows."""
        return r_squared(self.table.values, self.held_out @ self.table.shares)

    def rank(self, quantile: float = 0.0) -> float:
        """Return Spearman's correlation of held-out and measured values, of the rows above a quantile of these."""
        values = self.table.values
        chosen = values >= np.quantile(values, quantile)
        return float(spearmanr(values[chosen], (self.held_out @ self.table.shares)[chosen]).statistic)

    @property
    def errors(self) -> FloatArray:
        """The tests' held-out errors (n, k)."""
        return np.asarray(self.table.scores - self.held_out)


def smooth_fit(table: MeasuredTable, settings: Settings) -> SmoothFit:
    """Fit the committee; it takes seconds (3 to 8 for the 512 runs of RegMix)."""
    runs = table.by_mixture()
    inputs, outputs = StandardScaler().fit(runs.weights**settings.power), StandardScaler().fit(runs.scores)
    x, y = inputs.transform(runs.weights**settings.power), outputs.transform(runs.scores)
    held_out, networks = np.zeros_like(y), list[MLPRegressor]()
    for kept, out in KFold(FOLDS, shuffle=True, random_state=0).split(x):
        for _ in range(EACH):
            networks.append(_fitted(x[kept], y[kept], settings.decay, seed=len(networks)))
            held_out[out] += _predicted(networks[-1], x[out]) / EACH
    return SmoothFit(runs, outputs.inverse_transform(held_out), settings.power, inputs, outputs, tuple(networks))


def own_noise(errors: FloatArray, shares: FloatArray) -> FloatArray:
    """Return `own_sd` (k,) of `Tests` from errors (n, k) of the tests and their weights (k,) in the value."""
    common = errors @ shares
    return np.asarray((errors - common[:, None]).std(axis=0) / common.std())


def _fitted(x: FloatArray, y: FloatArray, decay: float, seed: int) -> MLPRegressor:
    network = MLPRegressor(
        hidden_layer_sizes=(32,), activation="tanh", alpha=decay, solver="lbfgs", max_iter=STEPS, random_state=seed
    )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # to stop early is meant
        return network.fit(x, y if y.shape[1] > 1 else y[:, 0])


def _predicted(network: MLPRegressor, x: FloatArray) -> FloatArray:
    return np.asarray(network.predict(x)).reshape(len(x), -1)

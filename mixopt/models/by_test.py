"""Gaussian processes by test: one model for each test, fitted on the runs that have a score of it."""

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from mixopt.errors import StrategyError
from mixopt.models.gp import FittedGP, GPSurrogate
from mixopt.models.noise import NoiseModel
from mixopt.models.posterior import Posterior
from mixopt.space.region import first_rows
from mixopt.typing import FloatArray

LEAST_RUNS = 2  # with a score of a test, to fit its model


@dataclass(frozen=True, eq=False)
class ModelsByTest:
    """One Gaussian process for each of k tests, each with a noise of its own; scores are in the tests' own units.

        models = ModelsByTest.fit(tests, runs.weights, runs.test_scores(tests))
        means, sds = models.predict(mixtures)

    Attributes:
        tests: names of the k tests.
        models: the model of each.
        runs: how many runs have a score of each.
        constant: the tests that all their runs score the same, so that nothing can be learnt of them yet.
    """

    tests: tuple[str, ...]
    models: tuple[Posterior, ...]
    runs: tuple[int, ...]
    constant: tuple[str, ...]

    @classmethod
    def fit(
        cls, tests: Sequence[str], weights: FloatArray, scores: FloatArray, noise: NoiseModel = NoiseModel.ESTIMATED
    ) -> Self:
        """Fit the models. A test that never varies is predicted as that constant.

        Args:
            tests: names of the k tests.
            weights: mixtures (n, m) of the runs.
            scores: (n, k), NaN where a run has no score of a test; larger is better.
            noise: whether two runs of one mixture may score differently.

        Raises:
            StrategyError: fewer than LEAST_RUNS runs have a score of a test.
        """
        known, constant = np.isfinite(scores), []
        for test, column, there in zip(tests, scores.T, known.T, strict=True):
            if there.sum() < LEAST_RUNS:
                raise StrategyError(
                    f"test {test!r} has scores in {there.sum()} of {len(there)} runs, and a model needs {LEAST_RUNS}: "
                    "train more, or leave the test out"
                )
            if np.ptp(column[there]) == 0:
                constant.append(test)
        return cls(
            tuple(tests),
            fit_each(GPSurrogate(noise), weights, scores),
            tuple(known.sum(axis=0).tolist()),
            tuple(constant),
        )

    @property
    def mixtures(self) -> tuple[int, ...]:
        """How many different mixtures the runs of each test trained."""
        return tuple(len(first_rows(model.weights)) for model in self.models)

    def mean(self, weights: FloatArray) -> FloatArray:
        """Posterior means (j, k) of the noise-free scores at weights (j, m)."""
        return np.column_stack([model.mean(weights) for model in self.models])

    def predict(self, weights: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Posterior means (j, k) and standard deviations (j, k) of the noise-free scores at weights (j, m)."""
        means, sds = zip(*(model.predict(weights) for model in self.models))
        return np.column_stack(means), np.column_stack(sds)

    def differences(self, weights: FloatArray, origin: FloatArray) -> tuple[FloatArray, FloatArray]:
        """Predict the noise-free scores at weights (j, m) minus those at an origin (m,): means, sds (j, k)."""
        means, sds = zip(*(difference(model, weights, origin) for model in self.models))
        return np.column_stack(means), np.column_stack(sds)


def fit_each(surrogate: GPSurrogate, weights: FloatArray, scores: FloatArray) -> tuple[FittedGP, ...]:
    """Fit a process for each test on the runs that have its score.

    Args:
        surrogate: the settings of all.
        weights: mixtures (n, m) of the runs.
        scores: (n, k), NaN where a run has no score of a test. One that never varies is predicted as that constant.

    Raises:
        StrategyError: fewer than 2 runs have a score of a test.
    """
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "all .* runs score the same")  # a constant, which is no problem of the runs
        known = np.isfinite(scores).T
        return tuple(surrogate.fit(weights[there], column[there]) for column, there in zip(scores.T, known))


def difference(model: Posterior, weights: FloatArray, origin: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Predict the noise-free score at weights (j, m) minus that at an origin (m,): mean (j,), sd (j,)."""
    found = model.joint_prediction(weights, origin[None])
    variance = found.variance + found.target_variance - 2 * found.covariance[:, 0]
    same = np.abs(weights - origin).max(axis=1) < 1e-9
    return found.mean - found.target_mean, np.where(same, 0.0, np.sqrt(variance.clip(0)))

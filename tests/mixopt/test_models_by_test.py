"""Gaussian processes by test: each is fitted on the runs that have its score."""

import numpy as np
import pytest

from mixopt.errors import StrategyError
from mixopt.models.by_test import ModelsByTest, difference
from mixopt.models.gp import GPSurrogate
from mixopt.space.mixture_space import MixtureSpace

SPACE = MixtureSpace(["a", "b", "c"])
WEIGHTS = SPACE.sample(20, np.random.default_rng(0))
SCORES = np.column_stack([WEIGHTS[:, 0], 1 - WEIGHTS[:, 1] ** 2, np.full(20, 0.3)])


def test_each_test_has_the_model_of_its_own_runs():
    scores = SCORES.copy()
    scores[:5, 1] = np.nan
    models = ModelsByTest.fit(["x", "y"], WEIGHTS, scores[:, :2])
    alone = GPSurrogate().fit(WEIGHTS[5:], SCORES[5:, 1])
    mixtures = SPACE.sample(7, np.random.default_rng(1))
    means, sds = models.predict(mixtures)
    assert np.allclose(means[:, 1], alone.predict(mixtures)[0]) and np.allclose(sds[:, 1], alone.predict(mixtures)[1])
    assert np.allclose(models.mean(mixtures), means) and means.shape == (7, 2)
    assert models.runs == (20, 15) and models.mixtures == (20, 15) and models.constant == ()


def test_a_test_that_never_varies_is_that_constant_and_named(recwarn):
    models = ModelsByTest.fit(["x", "flat"], WEIGHTS, SCORES[:, [0, 2]])
    assert models.constant == ("flat",) and models.mean(WEIGHTS)[:, 1] == pytest.approx(0.3) and not len(recwarn)


def test_differences_are_those_of_the_joint_posterior():
    models, origin = ModelsByTest.fit(["x", "y"], WEIGHTS, SCORES[:, :2]), SPACE.uniform()
    means, sds = models.differences(np.vstack([WEIGHTS[:3], origin]), origin)
    mean, covariance = models.models[1].joint(np.vstack([WEIGHTS[:3], origin]))
    assert means[:, 1] == pytest.approx(mean - mean[3])
    assert sds[:3, 1] ** 2 == pytest.approx(np.diagonal(covariance)[:3] + covariance[3, 3] - 2 * covariance[:3, 3])
    assert sds[3].tolist() == [0, 0] and means[3] == pytest.approx(0)
    assert difference(models.models[0], WEIGHTS[:1], origin)[0] == pytest.approx(means[:1, 0])


def test_a_test_without_scores_is_refused_by_name():
    scores = SCORES.copy()
    scores[1:, 1] = np.nan
    with pytest.raises(StrategyError, match="test 'y' has scores in 1 of 20 runs"):
        ModelsByTest.fit(["x", "y"], WEIGHTS, scores[:, :2])

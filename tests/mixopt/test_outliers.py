"""Runs whose scores are far from all others, and values too large to be scores: named, and no model bends to them."""

import warnings

import numpy as np
import optuna
import pytest
from hypothesis import given, strategies as st

import mixopt
from mixopt.errors import ScoresError, StrategyError
from mixopt.history.outliers import BEYOND, far_above, far_below, outliers_clipped
from mixopt.history.runs import LARGEST, Runs
from mixopt.models.gp import GPSurrogate

LOSSES = -np.array([2.1, 1.9, 2.6, 1.95, 2.0, 2.2])
SPACE = mixopt.MixtureSpace(["a", "b", "c"])


def studied(values, direction="maximize"):
    """A study of runs at drawn mixtures, with these values."""
    study = optuna.create_study(direction=direction, sampler=mixopt.BayesSampler(SPACE))
    for weights, value in zip(SPACE.sample(len(values), np.random.default_rng(0)), values):
        params = SPACE.as_dict(weights)
        kinds = dict.fromkeys(params, optuna.distributions.FloatDistribution(0, 1))
        study.add_trial(optuna.trial.create_trial(value=value, params=params, distributions=kinds))
    return study


@pytest.mark.parametrize("diverged", [-30.0, -48000.0, -1e30])
def test_a_run_that_diverged_is_taken_for_a_little_worse_than_the_others(diverged):
    values = np.append(LOSSES, diverged)
    assert far_below(values).tolist() == [False] * 6 + [True]
    assert outliers_clipped(values).tolist() == [*LOSSES, LOSSES.min() - BEYOND * np.ptp(LOSSES)]


@pytest.mark.parametrize("better", [48000.0, 1e30])
def test_a_value_far_better_than_the_others_is_found(better):
    assert far_above(np.append(LOSSES, better)).tolist() == [False] * 6 + [True]


@pytest.mark.parametrize(
    "values",
    [
        LOSSES,
        [0.5, 0.52, 0.51, 0.53, 0.5, 0.0],  # an accuracy of 0 among good ones
        [0.5, 0.5, 0.5, 0.5, 0.1],
        [-2.1, -1.9, -4.0, -1.95, -2.0],  # a poor mixture
        [0.1, 0.2, 0.3, -1e9],  # too few others
        [1.0] * 6,
        [],
    ],
)
def test_ordinary_scores_stay_as_they_are(values):
    values = np.array(values, dtype=float)
    assert not far_below(values).any() and outliers_clipped(values) is values


@given(st.lists(st.floats(0, 1), min_size=1, max_size=30))
def test_no_score_between_0_and_1_is_ever_far_below(values):
    assert not far_below(np.array(values)).any()


def test_a_fit_with_a_diverged_run_predicts_like_one_without():
    weights = SPACE.sample(12, np.random.default_rng(1))
    values = -2 - ((weights - [0.5, 0.3, 0.2]) ** 2).sum(axis=1)
    mixtures = SPACE.sample(50, np.random.default_rng(2))
    without = GPSurrogate().fit(weights[:-1], values[:-1]).predict(mixtures)[0]
    values[-1] = -48000.0
    change = np.abs(GPSurrogate().fit(weights, values).predict(mixtures)[0] - without)
    near = mixtures[:, 1] < 2 * weights[-1, 1]  # the run has hardly any of domain b, which may be why it diverged
    assert change[~near].max() < np.ptp(values[:-1]) and np.median(change) < 0.1 * np.ptp(values[:-1])


def test_the_warning_names_the_trial_and_the_value():
    study = studied([*-LOSSES, 48000.0], "minimize")
    with pytest.warns(UserWarning, match=r"trial 6 \(enqueued\) has 48000, far worse than all others") as said:
        found = mixopt.recommend(study, SPACE)
    assert len(said) == 1 and -4 < found.mean < 0


def test_a_value_far_better_is_believed_and_named():
    with pytest.warns(UserWarning, match=r"trial 6 \(enqueued\) has 410, far better than all others"):
        mixopt.recommend(studied([0.41, 0.42, 0.45, 0.4, 0.43, 0.44, 410.0]), SPACE)


@pytest.mark.parametrize("large", [1e155, -1e155, 1e200, -1.7e308])
def test_values_too_large_to_be_scores_are_left_out_and_named(large):
    plain = mixopt.recommend(studied([0.41, 0.42, 0.45, 0.4]), SPACE)
    with pytest.warns(UserWarning, match=f"trial 4 is left out: its value {large:g} is no score".replace("+", r"\+")):
        found = mixopt.recommend(studied([0.41, 0.42, 0.45, 0.4, large]), SPACE)
    assert found.weights == plain.weights and found.interval == plain.interval


@pytest.mark.parametrize("scale", [1e-120, 1e-12, 1.0, 1e90])
def test_the_unit_of_scores_changes_no_recommendation(scale):
    values = np.array([0.41, 0.42, 0.45, 0.4, 0.43])
    found, plain = (mixopt.recommend(studied(s * values), SPACE) for s in (scale, 1.0))
    assert found.weights == pytest.approx(plain.weights, abs=1e-6)
    assert np.array(found.interval) == pytest.approx(scale * np.array(plain.interval))


def test_models_refuse_what_is_no_score():
    values = np.array([0.1, 0.2, 10 * LARGEST])
    with pytest.raises(StrategyError):
        GPSurrogate().fit(np.eye(3), values)
    unknown = np.full(3, np.nan)
    with pytest.raises(ScoresError, match="run 2 has a value beyond"):
        Runs(SPACE, np.eye(3), values, unknown, unknown, np.arange(3), ("seed",) * 3, ("",) * 3)


def test_a_prediction_outside_the_declared_range_is_said(tmp_path):
    from tests.support.simulated_study import simulated_study

    study = simulated_study(tmp_path, domains=3, trials=20, score={"steps": [4], "range": [0, 2]})
    assert "declared range" not in study.recommend().note or study.recommend().interval[1] > 2
    narrow = study.spec.score.model_copy(update={"range": (0.0, study.recommend().mean - 0.01)})
    study.spec = study.spec.model_copy(update={"score": narrow})
    assert "outside the declared range" in study.recommend().note


def test_ordinary_runs_give_no_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error", UserWarning)
        mixopt.recommend(studied([0.41, 0.42, 0.45, 0.4, 0.43]), SPACE)

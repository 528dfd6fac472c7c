"""A weighted sum of tests: each test on its own, correlated errors, missing scores, exact scores, studies."""

import warnings
from dataclasses import replace

import numpy as np
import optuna
import pytest

from mixopt import BayesSampler, recommend, suggest_mixture
from mixopt.history.history import History
from mixopt.history.keys import EVALUATIONS
from mixopt.history.scores import Scoring
from mixopt.history.sum_of_tests import SumOfTests
from mixopt.models.gp import FittedGP, GPSurrogate
from mixopt.models.gp_average import grid_members, most_probable_member
from mixopt.models.noise import NoiseModel
from mixopt.models.objective import fit_objective
from mixopt.models.stacked import StackedPosterior
from mixopt.models.weighted_tests import WeightedTests, WeightedTestsSurrogate
from tests.support.synthetic_objectives import simplex

M = 8
TESTS = {"arithmetic": 0.5, "code": 0.25, "law": 0.25}
OWN = np.array([[0, 1], [2, 3], [4, 5]])  # the domains that each test responds to


def scores_at(weights):
    """Each test rises steeply with the first shares of its own two domains, which can replace each other."""
    return np.column_stack([1 - np.exp(-8 * weights[:, own].sum(axis=1)) for own in OWN])


def drawn(n, seed=0, noise=0.0, common=0.0):
    rng = np.random.default_rng(seed)
    weights = rng.dirichlet(np.full(M, 0.5), n)
    scores = scores_at(weights) + noise * rng.normal(size=(n, 3)) + common * rng.normal(size=(n, 1))
    return weights, scores @ list(TESTS.values()), scores


def fitted(weights, values, scores, noise=NoiseModel.ESTIMATED):
    return WeightedTestsSurrogate(tuple(TESTS.values()), noise).fit(weights, values, scores)


def error(model, at):
    return np.sqrt(((model.mean(at) - scores_at(at) @ list(TESTS.values())) ** 2).mean())


def test_tests_on_their_own_predict_better_than_the_score_alone():
    at = drawn(500, seed=99)[0]
    ours, alone = [], []
    for seed in range(4):
        weights, values, scores = drawn(25, seed)
        ours.append(error(fitted(weights, values, scores), at))
        alone.append(error(GPSurrogate().fit(weights, values), at))
    assert np.mean(ours) < 0.75 * np.mean(alone)


def test_each_test_finds_the_domains_that_count_for_it():
    weights, _, scores = drawn(60)
    for column, own in zip(scores.T, OWN):
        setting = GPSurrogate(choose=most_probable_member).fit(weights, column).members[0].setting
        relevances = np.array(setting.coordinates.relevances)
        assert set(relevances.argsort()[-2:]) == set(own) and setting.coordinates.power < 0.8


def test_the_posterior_is_consistent_with_itself():
    """Its mean, predict, joint and joint prediction agree, and covariances are positive semi-definite."""
    for model in (fitted(*drawn(30)), WeightedTests.fit(WeightedTestsSurrogate((0.5, 0.25, 0.25)), *drawn(30)[::2])):
        at = drawn(12, seed=5)[0]
        mean, sd = model.predict(at)
        joint_mean, covariance = model.joint(at)
        found = model.joint_prediction(at, at)
        assert np.allclose(mean, model.mean(at)) and np.allclose(mean, joint_mean)
        assert np.allclose(sd**2, np.diag(covariance), rtol=1e-6) and np.allclose(found.target_variance, sd**2)
        assert np.allclose(covariance, covariance.T) and np.linalg.eigvalsh(covariance).min() > -1e-9
        assert np.allclose(found.noise, model.noise_at(at) ** 2) and model.noise_sd > 0


def test_pending_runs_leave_the_mean_and_lower_the_variance():
    model, at = fitted(*drawn(30, noise=0.05)), drawn(6, seed=5)[0]
    believed = model.conditioned_on(at[:3])
    assert np.allclose(believed.mean(at), model.mean(at), atol=1e-9)
    assert (believed.predict(at[:3])[1] < model.predict(at[:3])[1]).all()


def test_noise_that_all_tests_share_does_not_average_out():
    """Three tests with independent noises make a sum that is less noisy than each; a common noise stays."""
    apart = WeightedTests.fit(WeightedTestsSurrogate(tuple(TESTS.values())), *drawn(80, noise=0.1)[::2])
    together = WeightedTests.fit(WeightedTestsSurrogate(tuple(TESTS.values())), *drawn(80, common=0.1)[::2])
    assert apart.noise_sd == pytest.approx(0.1 * np.linalg.norm(list(TESTS.values())), rel=0.35)
    assert together.noise_sd == pytest.approx(0.1, rel=0.35)


def test_scores_that_are_missing_count_where_they_are_known():
    weights, values, scores = drawn(40)
    scores[::4, 0] = np.nan
    part = fitted(weights, values, scores)
    at = drawn(300, seed=9)[0]
    assert error(part, at) < 0.75 * error(GPSurrogate().fit(weights, values), at)
    scores[4:, 1] = np.nan  # hardly any run has all tests
    assert type(fitted(weights, values, scores)) is FittedGP


def test_a_test_that_never_varies_changes_nothing_but_a_constant():
    weights, _, scores = drawn(30)
    scores[:, 2] = 0.7
    values = scores @ list(TESTS.values())
    at = drawn(300, seed=9)[0]
    truth = 0.5 * scores_at(at)[:, 0] + 0.25 * scores_at(at)[:, 1] + 0.25 * 0.7
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        model = fitted(weights, values, scores)
    assert np.corrcoef(model.mean(at), truth)[0, 1] > 0.9 and np.isfinite(model.predict(at)[1]).all()


def test_exact_scores_are_kept():
    weights, values, scores = drawn(20)
    model = fitted(weights, values, scores, NoiseModel.DETERMINISTIC)
    mean, _ = model.predict(weights)
    assert np.allclose(mean, values, atol=1e-3) and model.noise_sd < 1e-2 * values.std()


def test_a_score_that_is_easier_than_its_tests_is_modelled_as_one_too():
    """The tests' own noises cancel in the sum here, so the sum is smooth and each test is not."""
    rng = np.random.default_rng(3)
    weights, _, scores = drawn(30)
    noise = rng.normal(size=30)
    scores += 0.6 * np.column_stack([noise, -noise, -noise])
    values = scores @ list(TESTS.values())
    model = fitted(weights, values, scores)
    assert type(model) in (StackedPosterior, FittedGP)
    at = drawn(300, seed=9)[0]
    assert error(model, at) < 1.3 * error(GPSurrogate(choose=grid_members).fit(weights, values), at)


def test_many_runs_are_fitted_in_bounded_time_and_well():
    weights, values, scores = drawn(600, noise=0.05)
    at = drawn(200, seed=9)[0]
    assert error(fitted(weights, values, scores), at) < 0.02


# -- studies


def study_of(weights, scores, parts=TESTS, direction="maximize"):
    space = simplex(M)
    study = optuna.create_study(direction=direction, sampler=BayesSampler(space, tests=parts, seed=0))
    for mixture, row in zip(weights, scores):
        study.enqueue_trial(space.as_dict(mixture))
        trial = study.ask()
        suggest_mixture(trial, space)
        trial.set_user_attr(EVALUATIONS, [{"step": 1, "scores": dict(zip(parts, row.tolist()))}])
        study.tell(trial, float(row @ list(parts.values())))
    return study, space


def test_a_sampler_and_a_recommendation_use_the_tests_of_the_trials():
    weights, _, scores = drawn(15)
    study, space = study_of(weights, scores)
    runs = History.of(study, space).runs()
    assert type(fit_objective(runs, NoiseModel.ESTIMATED, SumOfTests.of(TESTS))) is not FittedGP
    trial = study.ask()
    assert sum(suggest_mixture(trial, space).values()) == pytest.approx(1)
    study.tell(trial, state=optuna.trial.TrialState.FAIL)
    assert recommend(study, space, tests=TESTS).mean != recommend(study, space).mean


def test_tests_that_are_not_what_the_study_optimises_are_left_alone():
    weights, _, scores = drawn(15)
    study, space = study_of(weights, scores)
    runs = History.of(study, space).runs()
    wrong = SumOfTests.of({"arithmetic": 0.9, "code": 0.05, "law": 0.05})
    assert wrong.scores(runs) is None and SumOfTests.of({}).scores(runs) is None
    assert np.allclose(SumOfTests.of(TESTS).scores(runs), scores)


def test_tests_that_only_some_runs_have_are_counted():
    weights, _, scores = drawn(15)
    study, space = study_of(weights, scores)
    runs = History.of(study, space).runs()
    assert SumOfTests.of(TESTS).partly_known(runs) == {}
    without = tuple({1: {"code": 0.1, "law": 0.2}} if i < 4 else by_step for i, by_step in enumerate(runs.evaluations))
    known = replace(runs, evaluations=without, at_end=())
    assert SumOfTests.of(TESTS).partly_known(known) == {"arithmetic": 11}


def test_a_study_that_minimises_has_the_tests_negated():
    weights, _, scores = drawn(15)
    study, space = study_of(weights, scores, direction="minimize")
    runs = History.of(study, space).runs()
    assert np.allclose(SumOfTests.of(TESTS).scores(runs), -scores)


def test_the_weights_of_the_tests_follow_from_the_goal():
    def parts(maximize, use="last"):
        return dict(Scoring({"a": 100, "b": 300}, {"c": 50}, maximize, use).sum_of_tests.parts)

    assert parts("in_score") == {"a": 0.25, "b": 0.75} and parts("c") == {"c": 1.0}
    assert parts({"blend": 0.5}) == {"a": 0.125, "b": 0.375, "c": 0.5}
    assert parts({"weights": {"a": 3, "c": 1}}) == {"a": 0.75, "c": 0.25}
    assert parts("worst") == {} and parts(["in_score", "c"]) == {}

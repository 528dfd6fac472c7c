"""RegMix's surrogate and sampler: it learns, is deterministic, stays on the space and repeats nothing."""

import sys

import numpy as np
import optuna
import pytest

from mixopt import (
    MissingError,
    MixtureSpace,
    RegressionSampler,
    StrategyError,
    regression_recommendation,
    suggest_mixture,
)
from mixopt.history.history import History
from mixopt.models import surrogate_named
from mixopt.models.boosting import BoostingSurrogate
from tests.support.synthetic_objectives import Quadratic, simplex

SPACE = MixtureSpace(["a", "b", "c", "d"], lower={"a": 0.05}, upper={"d": 0.6})
BEST = np.array([0.1, 0.2, 0.3, 0.4])


def score(weights):
    return float(-((np.array(list(weights.values())) - BEST) ** 2).sum())


def study_of(space, surrogate="boosting", seed=0):
    sampler = RegressionSampler(space, surrogate, draws=500, seed=seed)
    return optuna.create_study(direction="maximize", sampler=sampler)


def run(study, space, count):
    for _ in range(count):
        trial = study.ask()
        weights = suggest_mixture(trial, space)
        assert space.contains(np.array(list(weights.values())))
        study.tell(trial, score(weights))


def mixtures(study):
    return [tuple(t.params.values()) for t in study.trials]


def test_boosted_trees_learn_and_are_deterministic():
    objective, rng = Quadratic.random(4, 0), np.random.default_rng(0)
    weights, elsewhere = rng.dirichlet(np.ones(4), 80), rng.dirichlet(np.ones(4), 200)
    values = objective(weights) + 0.01 * rng.normal(size=80)
    fits = [BoostingSurrogate().fit(weights, values).predict(elsewhere) for _ in range(2)]
    assert (fits[0][0] == fits[1][0]).all()
    assert np.corrcoef(fits[0][0], objective(elsewhere))[0, 1] > 0.8
    covered = np.abs(fits[0][0] - objective(elsewhere)) < 1.645 * fits[0][1]
    assert covered.mean() > 0.8


def test_boosted_trees_refuse_what_they_cannot_learn_from():
    with pytest.raises(StrategyError, match="boosted trees over 4 domains needs 5 runs, got 4"):
        BoostingSurrogate().fit(np.eye(4), np.arange(4.0))
    with pytest.raises(StrategyError, match="value nan: drop that run"):
        BoostingSurrogate().fit(np.eye(6), np.array([0, 1, 2, np.nan, 1, 2]))
    mean, sd = BoostingSurrogate().fit(np.eye(6), np.full(6, 0.3)).predict(np.eye(6))
    assert np.allclose(mean, 0.3) and np.allclose(sd, 0)


NEEDS = {"boosting": ("lightgbm", "regmix"), "botorch": ("botorch", "botorch")}


@pytest.mark.parametrize("surrogate", NEEDS)
def test_a_surrogate_of_an_extra_names_the_extra_where_it_is_not_installed(monkeypatch, surrogate):
    package, extra = NEEDS[surrogate]
    monkeypatch.setitem(sys.modules, package, None)
    sampler = RegressionSampler(SPACE, surrogate)  # a study that has such a phase can still be read
    told = rf"surrogate '{surrogate}' needs {package}, which is not installed: pip install 'mixopt\[{extra}\]'"
    for needs_it in (sampler.check_installed, lambda: surrogate_named(surrogate)):
        with pytest.raises(MissingError, match=told):
            needs_it()


def test_proposals_are_feasible_differ_and_repeat_from_the_trials_alone():
    studies = [study_of(SPACE, "linear") for _ in range(2)]
    run(studies[0], SPACE, 16)
    for _ in range(16):  # a new process for every trial
        studies[1].sampler = RegressionSampler(SPACE, "linear", draws=500)
        run(studies[1], SPACE, 1)
    assert mixtures(studies[0]) == mixtures(studies[1])
    assert len(set(mixtures(studies[0]))) == 16
    pending = [tuple(suggest_mixture(studies[0].ask(), SPACE).values()) for _ in range(2)]
    assert pending[0] != pending[1]


def test_it_learns():
    study = study_of(SPACE)
    run(study, SPACE, 22)
    values = [trial.value for trial in study.trials]
    assert np.mean(values[-6:]) > np.mean(values[:10]) + 0.1


def test_a_finite_space_is_gone_through_best_first_and_not_twice():
    candidates = np.random.default_rng(0).dirichlet(np.ones(4), 24)
    space = MixtureSpace(list("abcd"), candidates=candidates)
    study = study_of(space, "linear")
    run(study, space, 24)
    assert len(set(mixtures(study))) == 24
    recommended = regression_recommendation(space, History.of(study, space).runs(), "linear")
    fitted = surrogate_named("linear").fit(candidates, np.array([-((w - BEST) ** 2).sum() for w in candidates]))
    assert np.allclose(recommended, candidates[fitted.predict(candidates)[0].argmax()])


def test_the_recommendation_is_the_mean_of_the_best_draws():
    space = simplex(3)
    study = study_of(space, "linear")
    for _ in range(12):
        trial = study.ask()
        study.tell(trial, suggest_mixture(trial, space)["d1"])
    recommended = regression_recommendation(space, History.of(study, space).runs(), "linear")
    assert recommended[1] > 0.99 and recommended.sum() == pytest.approx(1)


def test_draws_are_centred_on_the_square_roots_of_the_proportions():
    space, sizes = simplex(3), {"d0": 100, "d1": 400, "d2": 900}
    drawn = [
        RegressionSampler(space, proportions=sizes).propose(History(space, (), (1.0,), 0), number).weights
        for number in range(600)
    ]
    assert np.mean(drawn, axis=0) == pytest.approx(np.array([1, 2, 3]) / 6, abs=0.04)


def test_what_does_not_fit_is_refused():
    with pytest.raises(StrategyError, match="no surrogate 'forest': choose one of linear, "):
        RegressionSampler(SPACE, "forest")
    space, study = simplex(3), optuna.create_study(directions=["maximize"] * 2)
    with pytest.raises(StrategyError, match="a recommendation by regression needs one objective and these runs have 2"):
        regression_recommendation(space, History.of(study, space).runs())
    for sizes in ({"a": 1, "b": 1}, {"a": 1, "b": 1, "c": 0, "d": 2}):
        with pytest.raises(StrategyError, match="a positive size for each of a, b, c, d"):
            RegressionSampler(SPACE, proportions=sizes)

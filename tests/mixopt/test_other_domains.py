"""A space with other domains than the study's runs: one error that names both lists, and nothing is misread."""

import numpy as np
import optuna
import pytest

import mixopt
from mixopt.errors import WeightsError

OWN = ["a", "b", "c"]


def score(weights):
    return 1 - (weights["a"] - 0.5) ** 2


@pytest.fixture(scope="module")
def study():
    space = mixopt.MixtureSpace(OWN)
    study = optuna.create_study(direction="maximize", sampler=mixopt.BayesSampler(space))
    study.optimize(lambda trial: score(mixopt.suggest_mixture(trial, space)), n_trials=5)
    return study


@pytest.mark.parametrize("domains", [["x", "y", "z"], ["a", "b", "d"], ["a", "b", "c", "d"], ["a", "b"], ["c", "d"]])
def test_recommending_and_asking_over_other_domains_name_both_lists(study, domains):
    space = mixopt.MixtureSpace(domains)
    both = f"is a mixture of a, b, c, and the space has the domains {', '.join(domains)}: read the study with"
    with pytest.raises(WeightsError, match=both):
        mixopt.recommend(study, space)
    other = optuna.create_study(direction="maximize", sampler=mixopt.BayesSampler(space))
    other.add_trials(study.trials)
    with pytest.raises(WeightsError, match=both):
        mixopt.suggest_mixture(other.ask(), space)


def test_the_same_domains_in_another_order_are_the_same_space(study):
    found = mixopt.recommend(study, mixopt.MixtureSpace(["c", "b", "a"]))
    plain = mixopt.recommend(study, mixopt.MixtureSpace(OWN))
    assert found.weights == pytest.approx(plain.weights, abs=0.05) and list(found.weights) == ["c", "b", "a"]


def test_other_parameters_beside_the_weights_are_left_alone():
    space = mixopt.MixtureSpace(OWN)
    study = optuna.create_study(direction="maximize")
    for weights in space.sample(5, np.random.default_rng(0)):
        kinds = dict.fromkeys(OWN, optuna.distributions.FloatDistribution(0, 1))
        kinds |= {"rate": optuna.distributions.FloatDistribution(1e-6, 1e-3), "top": UNIT}
        params = {**space.as_dict(weights), "rate": 1e-4, "top": 0.9}
        study.add_trial(optuna.trial.create_trial(value=score(params), params=params, distributions=kinds))
    assert set(mixopt.recommend(study, space).weights) == set(OWN)


UNIT = optuna.distributions.FloatDistribution(0, 1)

"""Samplers in a space of few domains in a mixture: all that they propose is in it, and an ask takes no longer."""

import time
import warnings

import numpy as np
import optuna
import pytest
from optuna.trial import create_trial

import mixopt
from mixopt.designs.heuristics import HEURISTICS
from mixopt.history.history import History
from mixopt.inference.pareto_front import pareto_front
from mixopt.inference.stopping_rule import improvement_chance
from mixopt.models.gp import GPSurrogate
from mixopt.samplers.stock import STOCK_SAMPLERS, stock_sampler
from mixopt.space.mixture_space import MixtureSpace
from tests.support.sparse_spaces import check_sparse


def sparse(m, **limits):
    return MixtureSpace([f"d{i}" for i in range(m)], **limits)


CAPS = mixopt.data_caps({f"d{i}": 900 * (i + 1) for i in range(8)}, steps=1500, prompts=8)
SPACES = {
    "3 domains, one at a time": sparse(3, at_most=1),
    "3 domains, two": sparse(3, at_most=2, least_share=0.1),
    "3 domains, all": sparse(3, at_most=3, least_share=0.1),
    "8 domains, three": sparse(8, at_most=3, least_share=0.05),
    "8 domains, bounds": sparse(8, lower={"d7": 0.1}, upper={"d0": 0.3, "d7": 0.5}, at_most=3, least_share=0.15),
    "8 domains, data caps": sparse(8, upper=CAPS, at_most=4, least_share=0.04),
    "8 domains, constraints": sparse(8, constraints=["d0 + d1 >= 0.2", "d2 <= d3"], at_most=4, least_share=0.05),
    "17 domains, four": sparse(17, at_most=4, least_share=0.02),
    "17 domains, least share alone": sparse(17, least_share=0.04),
    "64 domains, five": sparse(64, at_most=5, least_share=0.05),
}
SAMPLERS = {
    "bayes": mixopt.BayesSampler,
    "bayes with steps": lambda space: mixopt.BayesSampler(space, steps=[1, 2]),
    "regression": lambda space: mixopt.RegressionSampler(space, "gp", draws=500),
    **{name: lambda space, name=name: stock_sampler(name, space, 0) for name in STOCK_SAMPLERS if name != "gp"},
}


def score(weights):
    return float(np.sqrt(weights) @ np.linspace(0, 1, len(weights)))


def asked(study, space, count):
    """Ask and tell `count` trials; their mixtures (count, m)."""
    found = []
    for _ in range(count):
        trial = study.ask()
        weights = np.array(list(mixopt.suggest_mixture(trial, space).values()))
        found.append(weights)
        for name in ("in_score", "out_score"):
            trial.set_user_attr(name, score(weights))
        trial.report(score(weights), 1)
        study.tell(trial, score(weights))
    return np.array(found)


@pytest.mark.parametrize("name", SAMPLERS)
@pytest.mark.parametrize("of", SPACES)
def test_every_proposal_is_in_the_space(of, name):
    space = SPACES[of]
    count = 14 if space.m < 64 else 6
    check_sparse(space, asked(optuna.create_study(direction="maximize", sampler=SAMPLERS[name](space)), space, count))


@pytest.mark.parametrize("of", [of for of in SPACES if "64" not in of])
@pytest.mark.filterwarnings("ignore:phase:UserWarning", "ignore:heuristic:UserWarning")
def test_every_proposal_of_a_strategy_of_phases_is_in_the_space(of):
    space = SPACES[of]
    designs = ["single", "exclude_one", "all", "centroid", {"space_filling": 6}, {"d_optimal": 6}]
    phases = [
        mixopt.SeedSampler(space, designs, budget=20),
        mixopt.HeuristicSampler(space, list(HEURISTICS)),
        mixopt.QuadraticSampler(space, 2, "gaussian"),
        mixopt.QuadraticSampler(space, 2, "cma_es"),
        mixopt.Sequential(mixopt.BayesSampler(space), 3),
    ]
    study = optuna.create_study(direction="maximize", sampler=mixopt.PhasedSampler(space, phases))
    while study.sampler.position(History.of(study, space)):
        check_sparse(space, asked(study, space, 1))
    expected = {"seed", "model-based"} | ({"heuristic"} if of in ("3 domains, two", "8 domains, three") else set())
    assert expected <= {trial.user_attrs["strategy"] for trial in study.trials}


@pytest.mark.parametrize("of", ["8 domains, bounds", "8 domains, constraints", "17 domains, four"])
def test_what_is_inferred_is_in_the_space(of):
    space = SPACES[of]
    study = optuna.create_study(direction="maximize", sampler=stock_sampler("random", space, 0))
    asked(study, space, 20)
    found = mixopt.recommend(study, space)
    check_sparse(space, np.array([list(found.weights.values())]))
    check_sparse(space, found.credible.weights)
    assert score(np.array(list(found.weights.values()))) > np.median([trial.value for trial in study.trials])
    runs = History.of(study, space).runs()
    assert 0 <= improvement_chance(space, GPSurrogate().fit(runs.weights, runs.values), 0.01) <= 1
    two = optuna.create_study(directions=["maximize"] * 2, sampler=mixopt.BayesSampler(space))
    for trial in study.trials:
        two.add_trial(
            create_trial(
                params=trial.params, distributions=trial.distributions, values=[trial.value, trial.params["d0"]]
            )
        )
    check_sparse(space, np.array([list(mixture.weights.values()) for mixture in pareto_front(two, space).predicted]))


def test_the_first_trials_differ_though_halves_have_too_many_domains():
    space = SPACES["17 domains, four"]
    found = asked(optuna.create_study(direction="maximize", sampler=mixopt.BayesSampler(space)), space, 8)
    assert ((found > 0).sum(axis=1) == 4).all() and len(np.unique(found, axis=0)) == 8
    assert (found > 0).any(axis=0).sum() >= 12


def test_the_search_finds_the_best_domains():
    space = sparse(8, at_most=2, least_share=0.1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        study = optuna.create_study(direction="maximize", sampler=mixopt.BayesSampler(space))
        asked(study, space, 25)
    assert {name for name, weight in mixopt.recommend(study, space).weights.items() if weight > 0} == {"d6", "d7"}


def test_an_ask_does_not_take_twice_as_long():
    def seconds(space):
        study = optuna.create_study(direction="maximize", sampler=mixopt.BayesSampler(space))
        for weights in sparse(17, at_most=4, least_share=0.02).sample(40, np.random.default_rng(0)):
            params = space.as_dict(weights.clip(0, 1))
            kinds = dict.fromkeys(params, optuna.distributions.FloatDistribution(0, 1))
            study.add_trial(create_trial(params=params, distributions=kinds, value=score(weights)))
        history, taken = History.of(study, space), []
        for _ in range(3):
            began = time.process_time()
            study.sampler.propose(history, 40)
            taken.append(time.process_time() - began)
        return min(taken)

    assert seconds(sparse(17, at_most=4, least_share=0.02)) < 2 * seconds(sparse(17)) + 0.05

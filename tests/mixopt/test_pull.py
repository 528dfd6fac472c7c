"""The soft pull to a prior mixture: its equation, what it moves, what it leaves alone, and what is refused."""

import json
from dataclasses import replace

import numpy as np
import optuna
import pytest

import mixopt
from mixopt.errors import StrategyError, StudyFileError
from mixopt.history.history import History
from mixopt.inference.recommendation import recommend_from_runs
from mixopt.models.gp import GPSurrogate
from mixopt.models.pull import Pull, PulledPosterior, pulled
from mixopt.samplers.bayes_with_pruning import BayesWithPruningSampler
from mixopt.space.mixture_space import MixtureSpace
from mixopt.study.spec import read_spec
from tests.support.command_line import mixopt as command, refusal
from tests.support.synthetic_objectives import Quadratic, simplex
from tests.support.toy_study import bare_study, tell_trials, toy_file

SPACE = simplex(3)
PRIOR = np.array([0.2, 0.3, 0.5])
PULL = Pull(dict(zip(SPACE.domains, PRIOR.tolist())), strength=0.1)
BEST = Quadratic(np.array([0.7, 0.2, 0.1]), 0.5 * np.eye(3))


def study_of(sampler, trials=12, steps=()):
    study = optuna.create_study(direction="maximize", sampler=sampler)
    for _ in range(trials):
        trial = study.ask()
        weights = np.array(list(mixopt.suggest_mixture(trial, SPACE).values()))
        for step in steps:
            trial.report(BEST(weights[None])[0] * step / steps[-1], step)
        study.tell(trial, BEST(weights[None])[0])
    return study


def from_prior(found):
    return np.abs(np.array(list(found.weights.values())) - PRIOR).sum()


def test_the_penalty_is_the_divergence_times_the_strength():
    weights = np.array([PRIOR, [0.5, 0.5, 0.0], [0.0, 0.0, 1.0]])
    expected = [0, 0.5 * np.log(0.5 / 0.2) + 0.5 * np.log(0.5 / 0.3), np.log(1 / 0.5)]
    assert PULL.penalty(SPACE, weights) == pytest.approx(0.1 * np.array(expected))
    assert Pull("uniform", 0.5).penalty(SPACE, np.eye(3)) == pytest.approx(0.5 * np.log(3))


def test_only_means_of_a_posterior_are_lowered():
    weights = SPACE.sample(12, np.random.default_rng(0))
    plain = GPSurrogate().fit(weights, BEST(weights))
    posterior, penalty = pulled(plain, PULL, SPACE), PULL.penalty(SPACE, weights)
    assert isinstance(posterior, PulledPosterior) and pulled(plain, None, SPACE) is plain
    assert pulled(plain, replace(PULL, strength=0), SPACE) is plain
    assert posterior.mean(weights) == pytest.approx(plain.mean(weights) - penalty)
    for ours, theirs in ((posterior.predict, plain.predict), (posterior.joint, plain.joint)):
        assert ours(weights)[0] == pytest.approx(theirs(weights)[0] - penalty)
        assert (ours(weights)[1] == theirs(weights)[1]).all()
    ours, theirs = (
        model.conditioned_on(weights[:1]).joint_prediction(weights, weights[:4]) for model in (posterior, plain)
    )
    assert ours.mean == pytest.approx(theirs.mean - penalty)
    assert ours.target_mean == pytest.approx(theirs.target_mean - penalty[:4])
    for part in ("variance", "noise", "covariance"):
        assert (getattr(ours, part) == getattr(theirs, part)).all()


def test_the_recommendation_moves_and_its_numbers_are_those_of_the_score():
    study = study_of(mixopt.on_simplex(optuna.samplers.RandomSampler(), SPACE), trials=30)
    found = [mixopt.recommend(study, SPACE, pull=replace(PULL, strength=s)) for s in (0, 0.01, 0.1, 10)]
    away = [from_prior(one) for one in found]
    assert away == sorted(away, reverse=True) and away[0] > 0.7 and away[-1] < 0.05
    assert found[0].weights == mixopt.recommend(study, SPACE).weights and found[0].penalty == 0
    for one in found:
        weights = np.array([list(one.weights.values())])
        assert one.mean == pytest.approx(BEST(weights)[0], abs=0.02) and one.interval[0] < one.mean < one.interval[1]
    runs = History.of(study, SPACE).runs()
    given = recommend_from_runs(SPACE, runs, pull=PULL)
    assert given.penalty == PULL.penalty(SPACE, np.array([list(given.weights.values())]))[0] > 0
    assert "With the pull towards the prior mixture it maximises the predicted score minus 0.1 x KL" in given.note
    assert given.best_trained.number != mixopt.recommend(study, SPACE).best_trained.number


@pytest.mark.parametrize(
    "made",
    [
        lambda pull: mixopt.BayesSampler(SPACE, pull=pull),
        lambda pull: mixopt.BayesSampler(SPACE, pull=pull, steps=[1, 2]),
        lambda pull: BayesWithPruningSampler(SPACE, [1, 2], pull=pull),
    ],
)
def test_the_search_moves_too_and_trials_keep_their_scores(made):
    strong = study_of(made(replace(PULL, strength=5)), steps=[1, 2])
    free = study_of(made(None), steps=[1, 2])
    last = [np.abs(np.array([list(t.params.values()) for t in study.trials[-4:]]) - PRIOR) for study in (strong, free)]
    assert last[0].sum(axis=1).mean() < last[1].sum(axis=1).mean() - 0.2
    assert [t.value for t in strong.trials] == [BEST(np.array([list(t.params.values())]))[0] for t in strong.trials]


def test_a_search_with_pruned_runs_is_pulled():
    study = study_of(BayesWithPruningSampler(SPACE, [1, 2], pull=replace(PULL, strength=5)), steps=[1, 2])
    trial = study.ask()
    trial.report(0.1, 1)
    study.tell(trial, state=optuna.trial.TrialState.PRUNED)
    weights = np.array(list(mixopt.suggest_mixture(study.ask(), SPACE).values()))
    assert np.abs(weights - PRIOR).sum() < 0.5


def test_a_domain_that_is_left_out_may_have_no_prior_weight():
    space = MixtureSpace(["a", "b", "c"], upper={"c": 0})
    pull = Pull({"a": 0.5, "b": 0.5, "c": 0}, 0.1)
    assert pull.prior(space).tolist() == [0.5, 0.5, 0]
    assert np.isfinite(pull.penalty(space, np.eye(3))).all() and pull.penalty(space, np.array([[0.5, 0.5, 0]])) == [0]


@pytest.mark.parametrize(
    ("towards", "strength", "said"),
    [
        ("uniform", -1, "the strength of a pull is -1: give a number from 0 on"),
        ("uniform", float("nan"), "the strength of a pull is nan"),
        ("uniform", "big", "the strength of a pull is 'big'"),
        ("even", 1, "a pull towards 'even': give 'uniform', or a weight for each domain"),
        ({"a": 0.5, "b": 0.2, "d": 0.3}, 1, "a pull towards unknown domain 'd': the domains are a, b, c"),
        ({"a": 1.2, "b": -0.4, "c": 0.2}, 1, "a pull towards weight 1.2 of domain 'a': give a number from 0 to 1"),
        ({"a": 0.5, "b": -0.1, "c": 0.6}, 1, "a pull towards weight -0.1 of domain 'b'"),
        ({"a": 0.5, "b": 0.5}, 1, "a pull towards weight 0 of domain 'c' would forbid it: give it more, or an upper"),
        ({"a": 0.5, "b": 0.5, "c": 0.5}, 1, "the weights of a pull sum to 1.5: make them sum to 1"),
    ],
)
def test_pulls_that_cannot_be(towards, strength, said):
    space = MixtureSpace(["a", "b", "c"])
    with pytest.raises(StrategyError) as caught:
        mixopt.BayesSampler(space, pull=Pull(towards, strength))
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_a_pull_is_for_one_objective():
    study = optuna.create_study(directions=["maximize"] * 2, sampler=mixopt.BayesSampler(SPACE, pull=PULL))
    with pytest.raises(StrategyError, match=r"2 objectives .* without `steps` or `pull`"):
        mixopt.suggest_mixture(study.ask(), SPACE)


def score_key(**pull):
    return {"maximize": "out_score", "steps": [2, 4], "pull": pull}


@pytest.mark.parametrize(
    ("pull", "said"),
    [
        ({"towards": {"a": 0.5, "b": 0.3, "x": 0.2}, "strength": 1}, "score.pull: a pull towards unknown domain 'x'"),
        ({"towards": {"a": 0.5, "b": 0.3, "c": 0.1}, "strength": 1}, "score.pull: the weights of a pull sum to 0.9"),
        ({"towards": {"a": -0.5, "b": 0.8, "c": 0.7}, "strength": 1}, "score.pull.towards.a: must be at least 0"),
        ({"towards": "evenly", "strength": 1}, "score.pull.towards: must be 'uniform' or 'proportional'"),
        ({"towards": "uniform", "strength": -1}, "score.pull.strength: must be at least 0 (given: -1)"),
        ({"towards": "uniform"}, "score.pull.strength: is missing"),
    ],
)
def test_pulls_of_study_files_that_cannot_be(tmp_path, pull, said):
    with pytest.raises(StudyFileError) as caught:
        read_spec(toy_file(tmp_path, score=score_key(**pull)))
    assert said in str(caught.value) and "\n" not in str(caught.value)


def test_a_pull_of_several_objectives_and_one_without_sizes_are_refused(tmp_path):
    several = score_key(towards="uniform", strength=1) | {"maximize": ["in_score", "out_score"]}
    with pytest.raises(StudyFileError, match=r"score\.pull: needs one objective"):
        read_spec(toy_file(tmp_path, score=several, strategy=[{"bayes": {"trials": 2}}]))
    unsized = {"a": {"size": 1}, "b": {}, "c": {"size": 2}}
    score, strategy = score_key(towards="proportional", strength=1), [{"bayes": {"trials": 2}}]
    with pytest.raises(StudyFileError, match=r"domains\.b\.size: is missing: add it, since `score\.pull\.towards"):
        read_spec(toy_file(tmp_path, score=score, domains=unsized, backend=None, strategy=strategy))


@pytest.mark.parametrize(
    ("towards", "prior"),
    [
        ("uniform", [1 / 3] * 3),
        ("proportional", [1 / 6, 1 / 3, 1 / 2]),
        ({"a": 0.5, "b": 0.25, "c": 0.25}, [0.5, 0.25, 0.25]),
    ],
)
def test_a_study_is_pulled(tmp_path, towards, prior):
    study = bare_study(
        tmp_path,
        domains={"a": {"size": 100}, "b": {"size": 200}, "c": {"size": 300}},
        score={"steps": [4], "pull": {"towards": towards, "strength": 20}},
        strategy=[{"seed": ["single", "exclude_one", "all"]}, {"bayes": {"trials": 4}}],
        stop={"gain": 0.01, "probability": 0.05},
    )
    assert study.spec.pull.prior(study.space) == pytest.approx(prior)
    tell_trials(study, 9)
    found = study.recommend()
    assert np.abs(np.array(list(found.weights.values())) - prior).sum() < 0.15 and found.penalty >= 0
    document = json.loads(command("study", "recommend", "toy", "--json", "--folder", tmp_path / "study"))
    assert document["penalty"] == found.penalty and document["mean"] == found.mean and "pull" in document["note"]


def test_the_command_line_refuses_with_one_line(tmp_path, capfd, monkeypatch):
    file = toy_file(tmp_path, score=score_key(towards={"a": 0.5, "b": 0.5}, strength=1))
    said = refusal(capfd, monkeypatch, "study", "create", file)
    assert "score.pull: a pull towards weight 0 of domain 'c' would forbid it: give it more, or an upper bound" in said

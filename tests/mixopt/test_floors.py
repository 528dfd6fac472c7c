"""Floors: least scores on single tests, modelled, and met by recommendations, fronts and searches."""

import json
from dataclasses import replace

import numpy as np
import optuna
import pytest
from scipy.special import ndtr

import mixopt
from mixopt.acquisition.constrained import maximize_constrained_mean
from mixopt.acquisition.feasibility import MET, Feasibility
from mixopt.acquisition.knowledge_gradient import maximize_mean
from mixopt.errors import ScoresError, StrategyError
from mixopt.history.floors import Floor, Floors
from mixopt.history.runs import Runs
from mixopt.inference.pareto_front import front_of_runs
from mixopt.inference.recommendation import recommend_from_runs
from mixopt.inference.stopping_rule import improvement_chance
from mixopt.io.manual import ask_manual, tell_base_manual, tell_manual
from mixopt.models.gp import GPSurrogate
from mixopt.models.noise import NoiseModel
from mixopt.reporting.report import report
from mixopt.space.mixture_space import MixtureSpace
from tests.support.command_line import mixopt as command, refusal
from tests.support.toy_study import bare_study

SPACE = MixtureSpace(["a", "b", "c"])
TESTS = {"out": {"x": 10, "y": 10}}


def floored_runs(n=40, space=SPACE, noise=0.01, seed=0):
    """The value grows with a; test x falls with a, and test y grows with b."""
    rng = np.random.default_rng(seed)
    weights = (
        space.sample(n, rng)
        if space.candidates is None
        else space.candidates[rng.permutation(len(space.candidates))[:n]]
    )
    value = weights[:, 0] + rng.normal(0, noise, n)
    x, y = 1 - weights[:, 0] + rng.normal(0, noise, n), weights[:, 1] + rng.normal(0, noise, n)
    at_end = tuple({"x": float(one), "y": float(other)} for one, other in zip(x, y))
    unknown = np.full(n, np.nan)
    return Runs(space, weights, value, unknown, unknown, np.arange(n), ("seed",) * n, ("run",) * n, (), at_end)


def feasibility_of(floors, runs=None, base=None, widening=lambda n: 1.0):
    return Feasibility.fit(Floors.of(floors), runs or floored_runs(), base or {}, NoiseModel.ESTIMATED, widening)


def test_the_probability_of_a_floor_is_that_of_its_tests_posterior():
    runs = floored_runs()
    model = GPSurrogate().fit(runs.weights, runs.test_scores(["x"])[:, 0])
    mixtures = SPACE.sample(6, np.random.default_rng(1))
    mean, sd = model.predict(mixtures)
    floors = feasibility_of({"x": 0.6, "y": 0.3}, runs)
    assert floors.each(mixtures)[:, 0] == pytest.approx(ndtr((mean - 0.6) / sd))
    assert floors(mixtures) == pytest.approx(floors.each(mixtures).prod(axis=1))
    wide = feasibility_of({"x": 0.6}, runs, widening=lambda n: n / 20)
    assert wide(mixtures) == pytest.approx(ndtr((mean - 0.6) / sd / 2))


def test_draws_meet_the_floors_as_often_as_the_probability_says():
    mixtures, rng = SPACE.sample(20, np.random.default_rng(1)), np.random.default_rng(2)
    for given in ({"x": 0.6, "y": 0.3}, {"x": {"against": "uniform", "change": 0.01}}):
        floors = feasibility_of(given, floored_runs(noise=0.2))
        drawn = floors.draws(mixtures, 4000, rng)
        assert drawn.shape == (4000, 20) and drawn.mean(axis=0) == pytest.approx(floors(mixtures), abs=0.03)


def test_relative_floors_count_from_their_reference():
    runs, mixtures = floored_runs(), SPACE.sample(6, np.random.default_rng(1))
    base = feasibility_of({"x": {"against": "base", "change": -0.1}}, runs, {"x": 0.7})
    assert base(mixtures) == pytest.approx(feasibility_of({"x": 0.6}, runs)(mixtures))
    uniform = feasibility_of({"x": {"against": "uniform", "change": 0.0}}, runs)
    assert uniform(SPACE.uniform()[None]) == pytest.approx(1) and uniform(np.eye(3)[:1]) == pytest.approx(0, abs=1e-3)
    joint, covariance = uniform.models.models[0].joint(np.vstack([mixtures, SPACE.uniform()]))
    sds = np.sqrt(np.diagonal(covariance)[:6] + covariance[6, 6] - 2 * covariance[:6, 6])
    assert uniform(mixtures) == pytest.approx(ndtr((joint[:6] - joint[6]) / sds))


@pytest.mark.parametrize(
    "given", ["high", None, True, float("nan"), {"against": "best"}, {"change": 0.1, "than": 1}, {}]
)
def test_what_is_no_floor_is_refused(given):
    with pytest.raises(ScoresError, match=r"the floor of 'x' is .*: give the least score"):
        Floors.of({"x": given})


def test_floors_in_words():
    floors = Floors.of({"x": 0.7, "y": {"against": "base", "change": -0.02}, "z": {"against": "uniform"}})
    assert [*map(str, floors.floors)] == ["x at least 0.7", "y at least base - 0.02", "z at least uniform"]
    assert floors.floors[1] == Floor("y", -0.02, "base") and Floors.of(floors) is floors and not Floors()


def test_the_search_finds_the_best_mixture_within_the_floors():
    runs = floored_runs(noise=0.001)
    posterior, rng = GPSurrogate().fit(runs.weights, runs.values), np.random.default_rng(0)
    assert maximize_mean(SPACE, posterior, rng)[0, 0] == pytest.approx(1)
    floors = feasibility_of({"x": 0.6, "y": 0.3}, runs)
    best = maximize_constrained_mean(SPACE, posterior, floors, rng)
    assert (floors(best) >= MET - 1e-9).all() and SPACE.contains(best).all()
    assert best[0, 0] == pytest.approx(0.4, abs=0.01) and best[0, 1] >= 0.299
    fine = SPACE.sample(20000, rng)
    allowed = posterior.mean(fine)[floors(fine) >= MET]
    assert posterior.mean(best[:1])[0] > allowed.max() - 0.002


def test_a_finite_space_is_searched_over_its_candidates():
    space = MixtureSpace(["a", "b", "c"], candidates=SPACE.sample(30, np.random.default_rng(3)))
    runs = floored_runs(20, space)
    floors = feasibility_of({"x": 0.6}, runs)
    found = recommend_from_runs(space, runs, feasibility=floors)
    meets = floors(space.candidates) >= MET
    posterior = GPSurrogate().fit(runs.weights, runs.values)
    best = space.candidates[meets][posterior.mean(space.candidates[meets]).argmax()]
    assert list(found.weights.values()) == pytest.approx(best) and found.floors.met


def test_the_recommendation_meets_the_floors_and_says_which_binds():
    runs = floored_runs()
    found = recommend_from_runs(SPACE, runs, feasibility=feasibility_of({"x": 0.6, "y": 0.1}, runs))
    report_of = found.floors
    assert report_of.met and report_of.probability >= MET and 0.3 < found.weights["a"] < 0.41
    x, y = report_of.floors
    assert x.cost == pytest.approx(0.9 - found.weights["a"], abs=0.05)  # without it, y alone allows a of 0.9
    assert y.cost == 0 and "x binds (without its floor +0.4" in report_of.note and "y binds" not in report_of.note
    assert x.floor == "x at least 0.6" and x.mean == pytest.approx(1 - found.weights["a"], abs=0.02) and x.runs == 40
    assert found.best_trained.weights["a"] < 0.41 and found.credible.ranges["a"][1] < 0.5
    assert recommend_from_runs(SPACE, runs).floors is None
    assert found == recommend_from_runs(SPACE, runs, feasibility=feasibility_of({"x": 0.6, "y": 0.1}, runs))


def test_floors_that_do_not_bind_change_nothing():
    runs = floored_runs()
    found = recommend_from_runs(SPACE, runs, feasibility=feasibility_of({"x": -1.0}, runs))
    assert found.weights["a"] == pytest.approx(1) and "none of them binds, and x is the nearest" in found.floors.note


@pytest.mark.parametrize(
    ("floors", "says"),
    [
        ({"x": 1.5}, "No mixture is likely to meet the floor x at least 1.5: this one is the likeliest"),
        ({"x": 1.5, "y": 0.2}, "meet all floors (x at least 1.5 with probability 0.00 at most): this one is"),
        ({"x": 0.95, "y": 1.5}, "meet all floors (y at least 1.5 with probability 0.00 at most): this one is"),
    ],
)
def test_floors_that_no_mixture_meets_are_said(floors, says):
    runs = floored_runs()
    found = recommend_from_runs(SPACE, runs, feasibility=feasibility_of(floors, runs))
    assert not found.floors.met and says in found.floors.note and found.floors.floors[0].cost is None
    assert found.weights["a"] < 0.3, "the likeliest, not the best"


def test_floors_that_exclude_each_other_are_said():
    runs = floored_runs()
    opposed = runs.test_scores(["x"])[:, 0]
    at_end = tuple({"x": float(x), "y": float(1 - x)} for x in opposed)
    both = replace(runs, evaluations=(), at_end=at_end)
    found = recommend_from_runs(SPACE, both, feasibility=feasibility_of({"x": 0.8, "y": 0.8}, both))
    assert not found.floors.met and "each alone can be met, and they exclude each other" in found.floors.note


def test_runs_without_the_test_and_a_test_that_never_varies_are_said():
    runs = floored_runs()
    at_end = tuple({"x": scores["x"], "y": 0.3} if i < 15 else {"y": 0.3} for i, scores in enumerate(runs.at_end))
    partly = replace(runs, evaluations=(), at_end=at_end)
    note = recommend_from_runs(SPACE, partly, feasibility=feasibility_of({"x": 0.6, "y": 0.2}, partly)).floors.note
    assert "x has scores in 15 of 40 runs, which its floor is judged by." in note
    assert "All runs score the same on y, so nothing can be learnt about its floor yet." in note


def test_floors_without_scores_or_without_a_base_are_refused():
    runs = floored_runs()
    with pytest.raises(StrategyError, match="test 'z' has scores in 0 of 40 runs"):
        feasibility_of({"z": 0.5}, runs)
    with pytest.raises(StrategyError, match="the floor of x is relative to the base model, whose score is not known"):
        feasibility_of({"x": {"against": "base", "change": 0}}, runs)


def test_the_front_has_only_mixtures_that_meet_the_floors():
    runs = floored_runs()
    both = runs.with_values(np.column_stack([runs.weights[:, 0], runs.weights[:, 2]]))
    floors = feasibility_of({"x": 0.6}, runs)
    front = front_of_runs(SPACE, both, ("a", "c"), feasibility=floors)
    assert front.predicted and all(mixture.meets_floors >= MET for mixture in (*front.trained, *front.predicted))
    assert 0.35 < max(mixture.weights["a"] for mixture in front.predicted) < 0.41
    free = front_of_runs(SPACE, both, ("a", "c"))
    assert max(mixture.weights["a"] for mixture in free.predicted) == 1 and free.predicted[0].meets_floors is None
    never = front_of_runs(SPACE, both, ("a", "c"), feasibility=feasibility_of({"x": 1.5}, runs))
    assert never.trained == () and max(mixture.meets_floors for mixture in never.predicted) < 0.5


def test_the_stopping_rule_looks_within_the_floors():
    runs = floored_runs(12, noise=0.05)
    posterior, floors = GPSurrogate().fit(runs.weights, runs.values), feasibility_of({"x": 0.6}, runs)
    within = improvement_chance(SPACE, posterior, 0.05, feasibility=floors)
    assert 0 < within <= 1 and within != improvement_chance(SPACE, posterior, 0.05)


def run_study(sampler, trials, space=SPACE):
    study, rng = optuna.create_study(direction="maximize", sampler=sampler), np.random.default_rng(5)
    for _ in range(trials):
        trial = study.ask()
        weights = mixopt.suggest_mixture(trial, space)
        trial.set_user_attr("test:x", 1 - weights["a"] + rng.normal(0, 0.01))
        study.tell(trial, weights["a"] + rng.normal(0, 0.01))
    return study


def test_the_search_in_plain_optuna_stays_within_the_floors():
    study = run_study(mixopt.BayesSampler(SPACE, floors={"x": 0.6}), 20)
    proposed = [trial.params["a"] for trial in study.trials[8:]]
    assert np.mean([share < 0.45 for share in proposed]) > 0.8
    free = [trial.params["a"] for trial in run_study(mixopt.BayesSampler(SPACE), 20).trials[8:]]
    assert np.mean([share < 0.45 for share in free]) < 0.5
    found = mixopt.recommend(study, SPACE, floors={"x": 0.6})
    assert 0.3 < found.weights["a"] < 0.41 and found.floors.met
    study.set_user_attr("base", {"x": 0.7})
    relative = mixopt.recommend(study, SPACE, floors={"x": {"against": "base", "change": -0.1}})
    assert relative.weights == found.weights


def test_the_front_in_plain_optuna_takes_floors():
    study, rng = optuna.create_study(directions=["maximize"] * 2), np.random.default_rng(0)
    unit = dict.fromkeys(SPACE.domains, optuna.distributions.FloatDistribution(0, 1))
    for weights in SPACE.sample(25, rng):
        values, notes = [weights[0], weights[2]], {"test:x": 1 - weights[0] + rng.normal(0, 0.01)}
        study.add_trial(
            optuna.trial.create_trial(
                params=SPACE.as_dict(weights), distributions=unit, values=values, user_attrs=notes
            )
        )
    front = mixopt.pareto_front(study, SPACE, floors={"x": 0.6})
    assert all(mixture.meets_floors >= MET and mixture.weights["a"] < 0.45 for mixture in front.predicted)


def test_a_search_without_the_scores_says_that_floors_do_not_count_yet():
    sampler = mixopt.BayesSampler(SPACE, floors={"nothing": 0.6})
    with pytest.warns(UserWarning, match="the floors do not guide the search yet: test 'nothing' has scores in 0"):
        run_study(sampler, 5)


@pytest.fixture
def study(tmp_path):
    """A study whose out-score grows with a while x falls, with two floors."""
    floors = {"x": 0.6, "y": {"against": "uniform", "change": -0.3}}
    score = {"steps": [4], "floors": floors, "maximize": "y"}
    made = bare_study(
        tmp_path, score=score, tests=TESTS, strategy=[{"seed": ["all", "single"]}, {"bayes": {"trials": 9}}]
    )
    rng = np.random.default_rng(0)
    for _ in range(13):
        asked = ask_manual(made)
        a = asked.request.weights["a"]
        tell_manual(made, asked.number, {"x": float(np.clip(1 - a + rng.normal(0, 0.01), 0, 1)), "y": 0.2 + 0.6 * a})
    return made


def test_commands_show_the_floors(study):
    where = ("--folder", study.folder.path)
    said = command("study", "recommend", "toy", *where)
    assert "floor x              at least 0.6: predicted 0.6" in said and "met with probability 0.9" in said
    assert "floor y              at least uniform - 0.3: predicted change from uniform +0.0" in said
    assert "It meets the floors with probability 0.9" in said and "x binds" in said
    found = json.loads(command("study", "recommend", "toy", "--json", *where))["floors"]
    assert (
        found["met"] and [floor["test"] for floor in found["floors"]] == ["x", "y"] and found["floors"][0]["cost"] > 0
    )
    assert found["note"] in said
    front = json.loads(command("study", "front", "toy", "--scores", "x,y", "--json", *where))
    assert all(mixture["meets_floors"] >= MET for mixture in front["predicted"])
    assert "floors" in command("study", "front", "toy", "--scores", "x,y", *where)


def test_the_report_shows_the_floors(study):
    page = report(study)
    assert "floor: x at least 0.6" in page and "floor: y at least uniform - 0.3" in page and "it binds" in page
    assert "It meets the floors with probability" in page


def test_a_base_floor_waits_for_the_base_model(tmp_path, capfd, monkeypatch):
    score = {"steps": [4], "floors": {"x": {"against": "base", "change": -0.1}}}
    study = bare_study(tmp_path, score=score, tests=TESTS)
    for x in (0.5, 0.6, 0.4, 0.7):
        tell_manual(study, ask_manual(study).number, {"x": x, "y": 0.5})
    line = refusal(capfd, monkeypatch, "study", "recommend", "toy", "--folder", study.folder.path)
    assert line.startswith("the floor of x is relative to the base model, whose score is not known: tell it by `mixopt")
    tell_base_manual(study, {"x": 0.6, "y": 0.1})
    assert study.recommend().floors.floors[0].least == pytest.approx(0.5)


def test_a_study_says_that_no_mixture_meets_its_floors(tmp_path):
    study = bare_study(tmp_path, score={"steps": [4], "floors": {"x": 0.9}}, tests=TESTS)
    rng = np.random.default_rng(0)
    for _ in range(7):
        tell_manual(study, ask_manual(study).number, {"x": 0.3 + rng.normal(0, 0.01), "y": rng.uniform()})
    assert "No mixture is likely to meet the floor x at least 0.9" in study.recommend().floors.note
    page = report(study)
    assert "No mixture is likely to meet all floors" in page


def test_floors_guide_runs_that_end_early_and_runs_that_are_pruned(tmp_path):
    floors = {"x": 0.6}
    for name, changes in {
        "early": {"strategy": [{"bayes": {"trials": 8, "early": True}}]},
        "pruned": {"strategy": [{"bayes": {"trials": 8}}], "pruning": {"percentile": 50}},
    }.items():
        study = bare_study(tmp_path / name, score={"steps": [2, 4], "floors": floors}, tests=TESTS, **changes)
        for _ in range(8):
            asked = ask_manual(study)
            a, steps = asked.request.weights["a"], [2, 4] if asked.request.until is None else [asked.request.until]
            tell_manual(
                study,
                asked.number,
                {str(s): {"x": 1 - a, "y": 0.2 + 0.1 * a * s} for s in ([2, 4] if 4 in steps else [2])},
            )
        assert study.recommend().floors.met

"""What a study maximises: weighted means of tests, and the worst test against the base model or uniform weights."""

import json

import numpy as np
import pytest

from mixopt.errors import ScoresError, StrategyError, StudyFileError
from mixopt.history.history import History
from mixopt.history.scores import Scoring
from mixopt.io.manual import ask_manual, forget_manual, tell_base_manual, tell_manual
from mixopt.study.plan import checked_spec
from mixopt.study.study import Study
from tests.support.command_line import mixopt, refusal
from tests.support.toy_study import SEEDS, bare_study, toy_backend, toy_file

IN, OUT = {"refer": 300}, {"chart": 100, "math": 50}
SCORES = {80: {"refer": 0.5, "chart": 0.2, "math": 0.8}}
ALL = [{"seed": ["all", "single"]}, {"bayes": {"trials": 20}}]
TESTS = {"out": {"x": 10, "y": 30, "z": 5}}


def worst_study(folder, worst="worst", strategy=ALL, **changes):
    return bare_study(folder, score={"maximize": worst, "steps": [4], **changes}, tests=TESTS, strategy=strategy)


def tell(study, x, y, z=0.5):
    asked = ask_manual(study)
    tell_manual(study, asked.number, {"x": x, "y": y, "z": z})
    return asked


def test_a_weighted_mean_counts_its_tests_alone():
    weighted = Scoring(IN, OUT, {"weights": {"math": 2, "refer": 1}})
    assert weighted.value(SCORES) == pytest.approx((2 * 0.8 + 0.5) / 3) and weighted.names == (
        "weights math 2, refer 1",
    )
    assert Scoring(IN, OUT, {"weights": {"chart": 7}}).value(SCORES) == pytest.approx(0.2)
    assert weighted.known_values({"math": 0.5, "refer": 0.2}) == {weighted.names[0]: pytest.approx(0.4)}
    assert weighted.known_values({"math": 0.5}) == {}


def test_the_name_of_a_mean_of_many_tests_is_short():
    sizes = {f"t{i}": 1 for i in range(9)}
    assert Scoring({}, sizes, {"weights": sizes}).names == ("weights t0 1, t1 1, t2 1, 6 more",)


def test_the_worst_test_is_the_smallest_gain_over_its_reference():
    worst = Scoring(IN, OUT, "worst")
    assert worst.names == ("worst against uniform",) and worst.value(SCORES) == 0.2
    known = worst.known_values(SCORES[80], {"uniform": {"refer": 0.6, "chart": 0.1, "math": 0.5}})
    assert known == {"worst against uniform": pytest.approx(-0.1)} and worst.known_values(SCORES[80]) == {}
    some = Scoring(IN, OUT, {"worst": {"against": "base", "tests": ["chart", "math"]}})
    assert some.names == ("worst of chart, math against base",)
    assert some.known_values(SCORES[80], {"base": {"chart": 0.1, "math": 0.75}}) == {some.names[0]: pytest.approx(0.05)}


def test_a_test_called_worst_is_that_test():
    assert Scoring({}, {"worst": 5, "x": 5}, "worst").value({1: {"worst": 0.7, "x": 0.1}}) == 0.7


@pytest.mark.parametrize(
    ("goal", "says"),
    [
        (
            {"weights": {"maths": 1}},
            "maximize.weights has no test 'maths': the study's tests are .* did you mean 'math'",
        ),
        ({"weights": {"math": 0}}, "'math' has weight 0: give a positive number"),
        ({"weights": {"math": -1, "chart": 1}}, "'math' has weight -1"),
        ({"weights": {"math": float("nan")}}, "'math' has weight nan"),
        ({"weights": {"math": True}}, "'math' has weight True"),
        ({"weights": {}}, "give a weight for each test"),
        ({"weights": {"out_score": 1}}, "no test 'out_score'"),
        ({"worst": {"against": "best"}}, "its keys are against"),
        ({"worst": {"tests": ["chess", "math"]}}, "maximize.worst.tests has no test 'chess'"),
        ({"worst": {"tests": ["math", "math"]}}, "needs two tests or more"),
        ({"worst": {}, "blend": 0.5}, "a blend is"),
        ([{"weights": {"math": 1}}, {"weights": {"math": 1}}], "twice"),
    ],
)
def test_goals_that_cannot_be(goal, says):
    with pytest.raises(ScoresError, match=says):
        Scoring(IN, OUT, goal)


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"maximize": {"weights": {"xx": 1}}}, "maximize.weights has no test 'xx'"),
        ({"maximize": {"weights": {"x": 0}}}, "score.maximize.weights.x: must be greater than 0"),
        ({"maximize": {"weights": {"x": -2}}}, "score.maximize.weights.x: must be greater than 0"),
        ({"maximize": {"weights": {"x": ".nan"}}}, "score.maximize.weights.x: must be a number"),
        ({"maximize": {"weigths": {"x": 1}}}, "must be one of blend, weights or worst"),
        ({"maximize": {"worst": {"against": "bas"}}}, "score.maximize.worst.against: must be 'base' or 'uniform'"),
        ({"maximize": {"worst": {"against": "base"}}}, "score.maximize.worst.against: is base, which nothing scores"),
        ({"floors": {"ifeval": 0.5}}, "score.floors.ifeval: is no test of the study, whose tests are a_test, x, y"),
        ({"floors": {"x": 1.5}}, "score.floors.x: 1.5 is outside score.range"),
        ({"floors": {"x": "high"}}, "score.floors.x: must be a number"),
        ({"floors": {"x": float("nan")}}, "score.floors.x: must be a finite number"),
        ({"floors": {"x": {"against": "base"}}}, "score.floors.x.against: is base, which nothing scores"),
        (
            {"floors": {"x": {"against": "uniform", "change": -2}}},
            "score.floors.x.change: -2 is wider than score.range",
        ),
        ({"floors": {"x": {"change": 0.1}}}, "score.floors.x.against: is missing"),
    ],
)
def test_study_files_that_cannot_be_have_one_line(tmp_path, changes, says):
    path = toy_file(tmp_path, score={"steps": [2, 4], **changes}, backend=toy_backend())
    with pytest.raises(StudyFileError, match=says) as error:
        checked_spec(path)
    assert len(error.value.problems) == 1


def test_the_command_line_refuses_with_one_line_and_exit_code_2(tmp_path, capfd, monkeypatch):
    path = toy_file(tmp_path, score={"maximize": {"weights": {"maths": 1}}, "steps": [2, 4]})
    assert "maximize.weights has no test 'maths'" in refusal(capfd, monkeypatch, "study", "create", path)


@pytest.mark.parametrize(
    ("strategy", "known"),
    [
        ([{"seed": ["single"]}, {"bayes": {"trials": 3}}], False),
        ([{"seed": ["single", "exclude_one"]}], False),
        ([{"regression": {"trials": 3, "surrogate": "linear"}}], False),
        ([{"bayes": {"trials": 3}}], True),
        ([{"seed": ["centroid"]}], True),
        ([{"seed": [{"name": "even", "weights": {"a": 1 / 3, "b": 1 / 3, "c": 1 / 3}}]}], True),
    ],
)
def test_a_reference_that_no_run_will_have_is_refused(tmp_path, strategy, known):
    path = toy_file(tmp_path, score={"maximize": "worst", "steps": [2, 4]}, strategy=strategy)
    if known:
        assert checked_spec(path).scoring.names == ("worst against uniform",)
    else:
        with pytest.raises(StudyFileError, match="measured against uniform weights, which no phase of the strategy"):
            checked_spec(path)


def test_the_worst_test_ends_no_run_early(tmp_path):
    path = toy_file(tmp_path, score={"maximize": "worst", "steps": [2, 4]}, pruning={"percentile": 50})
    with pytest.raises(StudyFileError, match="the worst test is not modelled with `pruning`"):
        checked_spec(path)


def test_values_are_gains_over_uniform_once_it_is_known(tmp_path):
    study = worst_study(tmp_path, strategy=[{"seed": ["single", "all"]}, {"bayes": {"trials": 5}}])
    for scores in ((0.5, 0.3), (0.2, 0.6), (0.4, 0.4)):
        tell(study, *scores)
    with pytest.warns(UserWarning, match="no run has a value yet: the worst test is measured against uniform weights"):
        assert len(study.runs()) == 0
    with pytest.raises(
        StrategyError, match=r"of which no run has a score of x, y, z yet: train them \(seed design `all`\)"
    ):
        study.recommend()
    tell(study, 0.4, 0.35)  # uniform
    assert study.runs().values == pytest.approx([-0.05, -0.2, 0.0, 0.0])
    assert study.trial_records()[1].values == {"worst against uniform": pytest.approx(-0.2)}
    assert History.of(study.optuna, study.space).runs().values == pytest.approx(study.runs().values)


def test_runs_of_uniform_weights_are_averaged_and_corrections_count(tmp_path):
    study = worst_study(tmp_path)
    first, second = tell(study, 0.4, 0.4), tell(study, 0.5, 0.5)
    assert study.runs().values == pytest.approx([0.0, 0.0]) and first.number == 0
    study.optuna.enqueue_trial(study.space.as_dict(study.space.uniform()))
    again = tell(study, 0.6, 0.4)
    assert again.request.weights == first.request.weights
    assert study.runs().values == pytest.approx([-0.1, 0.0, 0.0])  # x has 0.5 at uniform now; z is level
    forget_manual(study, first.number, "")
    assert study.references()["uniform"] == pytest.approx({"x": 0.6, "y": 0.4, "z": 0.5})
    assert study.runs().numbers.tolist() == [second.number, again.number]
    assert study.runs().values == pytest.approx([-0.1, 0.0])


def test_the_base_model_is_the_reference_once_it_is_told(tmp_path):
    study = worst_study(tmp_path, {"worst": {"against": "base", "tests": ["x", "y"]}})
    for scores in ((0.4, 0.4), (0.5, 0.3), (0.2, 0.6), (0.3, 0.3)):
        tell(study, *scores)
    with pytest.raises(StrategyError, match="against the base model, whose score of x, y is not known yet"):
        study.recommend()
    tell_base_manual(study, {"x": 0.1, "y": 0.3, "z": 0.9})
    assert study.runs().values == pytest.approx([0.1, 0.0, 0.1, 0.0])
    assert study.base.values == {study.scoring.names[0]: pytest.approx(0.0)}
    tell_base_manual(study, {"x": 0.2, "y": 0.1, "z": 0.9}, replace=True)
    assert study.runs().values == pytest.approx([0.2, 0.2, 0.0, 0.1])
    shown = json.loads(mixopt("study", "show", "toy", "--json", "--folder", study.folder.path))
    assert [trial["values"][study.scoring.names[0]] for trial in shown["trials"]] == pytest.approx([0.2, 0.2, 0.0, 0.1])
    assert shown["best"] == pytest.approx(0.2)


def test_workers_train_while_the_base_model_is_not_scored_yet(tmp_path):
    score = {"maximize": [{"worst": {"against": "base"}}, "x"], "steps": [2, 4], "base": True}
    study = Study.create(toy_file(tmp_path, score=score, strategy=SEEDS), tmp_path / "study")
    mixopt("study", "resume", "toy", "--slots", 2, "--folder", study.folder.path)
    runs, base = study.runs(), study.base.tests
    assert len(runs) == 7 and study.base.values[study.scoring.names[0]] == 0
    tests = list(study.spec.tests.sizes)
    gains = runs.test_scores(tests) - np.array([base[test] for test in tests])
    assert runs.values[:, 0] == pytest.approx(gains.min(axis=1)) and np.ptp(runs.values[:, 0]) > 0


def test_a_search_for_the_worst_test_goes_where_all_gain(tmp_path):
    study = worst_study(tmp_path, {"worst": {"tests": ["x", "y"]}})
    for _ in range(14):
        asked = ask_manual(study)
        a, b = asked.request.weights["a"], asked.request.weights["b"]
        tell_manual(study, asked.number, {"x": 0.2 + 0.6 * a, "y": 0.3 + 0.6 * b, "z": 0.5})
    found = study.recommend()
    assert found.weights["a"] == pytest.approx(0.5, abs=0.1) and found.weights["b"] == pytest.approx(0.5, abs=0.1)
    assert 0.03 < found.mean < 0.12 and "outside the declared range" not in found.note
    told = mixopt(
        "study",
        "tell",
        "toy",
        ask_manual(study).number,
        "--score",
        "x=.3",
        "--score",
        "y=.4",
        "--score",
        "z=.1",
        "--folder",
        study.folder.path,
    )
    assert "has 0.3000 (the smallest score; `mixopt study show` has its gain" in told


def test_tests_that_trade_off_are_named(tmp_path):
    study = bare_study(
        tmp_path, score={"maximize": {"weights": {"x": 1, "y": 1}}, "steps": [4]}, tests=TESTS, strategy=ALL
    )
    rng = np.random.default_rng(0)
    for _ in range(12):
        asked = ask_manual(study)
        gain = 0.5 * asked.request.weights["a"]
        tell_manual(study, asked.number, {"x": 0.2 + gain + rng.normal(0, 0.01), "y": 0.8 - gain, "z": 0.5})
    note = study.recommend().note
    assert "All tests trade off over these runs, by correlation x and y (-1.00): no mixture is best for each" in note
    single = bare_study(tmp_path / "one", score={"maximize": "x", "steps": [4]}, tests=TESTS, strategy=ALL)
    for _ in range(4):
        tell(single, rng.uniform(), rng.uniform())
    assert "trade off" not in single.recommend().note


def test_no_gain_on_every_test_is_said(tmp_path):
    study = worst_study(tmp_path, {"worst": {"against": "base", "tests": ["x", "y"]}})
    tell_base_manual(study, {"x": 0.6, "y": 0.6, "z": 0.1})
    for _ in range(10):
        asked = ask_manual(study)
        a = asked.request.weights["a"]
        tell_manual(study, asked.number, {"x": 0.2 + 0.6 * a, "y": 0.8 - 0.6 * a, "z": 0.5})
    assert (
        "No mixture is predicted to gain on all 2 tests over the base model: this one has -0.1"
        in study.recommend().note
    )


def test_lists_of_formulas_make_a_front(tmp_path):
    goals = ["worst", {"weights": {"x": 2, "y": 1}}, "z"]
    study = worst_study(tmp_path, goals)
    assert study.scoring.names == ("worst against uniform", "weights x 2, y 1", "z")
    rng = np.random.default_rng(0)
    for _ in range(8):
        tell(study, *rng.uniform(0.2, 0.8, 3))
    runs = study.runs()
    front = study.front(runs, study.scoring.names)
    assert runs.values[0, 0] == 0 and front.names == study.scoring.names and front.predicted


def test_a_study_without_the_worst_test_notes_nothing(tmp_path):
    study = bare_study(tmp_path)
    assert "worst" not in study.optuna.user_attrs and Study.open("toy", study.folder.path).references() == {}

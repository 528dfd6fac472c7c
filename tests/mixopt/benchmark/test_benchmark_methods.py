"""The methods: all of them ask for mixtures of the space, learn what they are told, and recommend one."""

import numpy as np
import pytest

from mixopt.benchmark import methods
from mixopt.benchmark.methods import METHODS, entry
from mixopt.benchmark.methods.base import Task
from mixopt.benchmark.methods.optuna_study import OptunaStudy
from mixopt.errors import MixoptError
from mixopt.history.history import History
from mixopt.samplers.stock import stock_sampler
from mixopt.space.mixture_space import MixtureSpace

SPACE = MixtureSpace(["a", "b", "c"])
LIST = MixtureSpace(["a", "b", "c"], candidates=np.random.default_rng(0).dirichlet(np.ones(3), 40))
PARTS = {"one": 0.25, "other": 0.75}
TASKS = {
    "simplex": Task(SPACE),
    "simplex with tests": Task(SPACE, parts=PARTS),
    "pool": Task(LIST, exact=True),
    "noisy list with tests": Task(LIST, parts=PARTS),
}
EXTRA = {"regmix": "lightgbm", "ax": "ax.api.client"}
QUICK = [name for name in METHODS if name != "ax"]

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning:ax")


@pytest.fixture(autouse=True)
def early(monkeypatch):
    """Models after five trials."""
    monkeypatch.setattr("mixopt.benchmark.methods.botorch_gp.STARTS", 5)
    monkeypatch.setattr("mixopt.benchmark.methods.regmix.START", 5)
    monkeypatch.setattr("mixopt.samplers.regression.START", 5)


def make(name, task=TASKS["simplex"], seed=0, monkeypatch=None):
    if name in EXTRA:
        pytest.importorskip(EXTRA[name], reason=f"{EXTRA[name]} is not installed: pip install 'mixopt[benchmark]'")
    if name == "ax":
        monkeypatch.setattr("mixopt.benchmark.methods.ax_client.STARTS", 5)
    return entry(name).make(task, seed)


def score(weights):
    return -float(((weights - np.array([0.6, 0.4, 0.0])) ** 2).sum())


def scores(weights):
    """Scores of two tests whose mean, weighted by PARTS, is the score."""
    return {"one": score(weights) - 0.3 * weights[0], "other": score(weights) + 0.1 * weights[0]}


def play(method, trials, parts=None):
    asked = []
    for _ in range(trials):
        weights = method.ask()
        asked.append(weights)
        method.tell(weights, score(weights), scores(weights) if parts else None)
    return np.array(asked)


@pytest.mark.parametrize("task", TASKS.values(), ids=TASKS)
@pytest.mark.parametrize("name", QUICK)
def test_it_asks_for_mixtures_and_recommends_one(name, task):
    method = make(name, task)
    asked = play(method, 7, task.parts)
    assert task.space.contains(asked).all()
    advice = method.recommend()
    assert task.space.contains(advice.weights)
    assert (advice.mean is None) == (advice.interval is None)
    if advice.interval:
        assert advice.interval[0] <= advice.mean <= advice.interval[1]


@pytest.mark.parametrize("name", QUICK)
def test_it_repeats_for_a_seed_and_differs_between_seeds(name):
    one, again, other = (play(make(name, seed=seed), 7) for seed in (0, 0, 1))
    np.testing.assert_allclose(one, again, atol=1e-6)
    assert np.abs(one - other).max() > 1e-3


@pytest.mark.parametrize("name", METHODS)
def test_it_takes_runs_from_elsewhere_and_others_than_it_asked_for(name, monkeypatch):
    method = make(name, monkeypatch=monkeypatch)
    for weights in SPACE.sample(8, np.random.default_rng(1)):
        method.tell(weights, score(weights))
    method.ask()
    method.tell(np.array([0.6, 0.4, 0.0]), 1.0)
    assert SPACE.contains(method.ask())
    assert score(method.recommend().weights) > -0.5


@pytest.mark.parametrize("name", ["ours", "tpe", "botorch"])
def test_several_may_be_asked_for_at_once(name):
    method = make(name)
    play(method, 4)
    asked = [method.ask() for _ in range(3)]
    for weights in asked:
        method.tell(weights, score(weights))
    assert SPACE.contains(method.recommend().weights)


@pytest.mark.parametrize(("name", "stock"), [("tpe", "tpe"), ("cma_es", "cma_es"), ("optuna_gp", "gp")])
def test_a_study_file_gets_what_was_measured(name, stock):
    users = OptunaStudy(stock_sampler(stock, SPACE, 0))
    np.testing.assert_allclose(play(make(name), 12), play(users, 12), atol=1e-9)
    assert "samplers/stock.py" in METHODS[name].sources


def test_botorch_finds_the_best_of_a_plain_quadratic():
    method = make("botorch")
    play(method, 12)
    assert score(method.recommend().weights) > -0.01


def test_an_unknown_method_and_a_missing_package_are_told_in_one_line(monkeypatch):
    with pytest.raises(MixoptError, match="the methods are ours"):
        entry("magic")

    def missing(name):
        raise ImportError("No module named 'ax'")

    monkeypatch.setattr(methods, "import_module", missing)
    with pytest.raises(MixoptError, match=r"No module named 'ax': pip install 'mixopt\[benchmark\]'"):
        entry("ax").make(TASKS["simplex"], 0)


@pytest.mark.parametrize("mixture", ["that it asked for", "another"])
def test_the_scores_of_the_tests_reach_the_runs_of_ours(mixture):
    method = make("ours", TASKS["simplex with tests"])
    weights = method.ask() if mixture == "that it asked for" else np.array([0.6, 0.4, 0.0])
    method.tell(weights, score(weights), scores(weights))
    runs = History.of(method.study, SPACE).runs()
    (evaluations,) = runs.evaluations
    (told,) = evaluations.values()
    assert told == scores(weights)
    assert sum(PARTS[test] * of_it for test, of_it in told.items()) == pytest.approx(runs.values[0])

"""Several objectives: scalarisation, the front as a posterior statement, and whole studies with two goals."""

import numpy as np
import optuna
import pytest
from hypothesis import given, settings, strategies as st
from hypothesis.extra.numpy import arrays
from typer.testing import CliRunner

import mixopt
from mixopt.acquisition.scalarisation import draw_trade_off, scalarise
from mixopt.cli.app import app
from mixopt.errors import MixoptError, ScoresError, StrategyError, StudyFileError
from mixopt.history.runs import Runs
from mixopt.inference.dominance import undominated
from mixopt.inference.pareto_front import front_of_runs
from mixopt.models.noise import NoiseModel
from mixopt.study.runs_by_score import runs_by_objective, runs_by_scores
from mixopt.study.study import Study
from tests.support.running_workers import run_worker
from tests.support.synthetic_objectives import Quadratic, simplex
from tests.support.toy_study import toy_file

FIRST = Quadratic(np.array([0.7, 0.3, 0.0]), np.eye(3))
SECOND = Quadratic(np.array([0.0, 0.3, 0.7]), np.eye(3))
TWO = {"maximize": ["in_score", "out_score"], "steps": [2, 4]}


def noisy_runs(n: int, noise: float, seed: int = 0) -> Runs:
    """Runs of both objectives, whose front is the edge between the two optima: weights (0.7 - x, 0.3, x)."""
    rng = np.random.default_rng(seed)
    space, unknown = simplex(3), np.full(n, np.nan)
    weights = space.sample(n, rng)
    values = np.column_stack([FIRST(weights), SECOND(weights)]) + noise * rng.normal(size=(n, 2))
    labels = tuple(str(i) for i in range(n))
    return Runs(space, weights, values, unknown, unknown, 100 + np.arange(n), ("model-based",) * n, labels)


@pytest.mark.parametrize("objectives", [2, 3, 5])
def test_trade_offs_lie_on_the_simplex_and_are_now_and_then_one_objective_alone(objectives):
    drawn = np.array([draw_trade_off(objectives, np.random.default_rng(seed)) for seed in range(300)])
    assert drawn.shape == (300, objectives) and (drawn >= 0).all()
    np.testing.assert_allclose(drawn.sum(axis=1), 1)
    alone = drawn.max(axis=1) > 1 - 1e-9
    assert set(drawn[alone].argmax(axis=1)) == set(range(objectives)) and alone.mean() < 0.4


@settings(max_examples=50, deadline=None)
@given(arrays(float, (6, 3), elements=st.floats(-5, 5, width=16)), st.integers(0, 1000))
def test_what_is_dominated_is_no_better_by_any_trade_off(values, seed):
    value = scalarise(values, draw_trade_off(3, np.random.default_rng(seed)))
    assert (value <= 0).all()
    for here, there in np.ndindex(6, 6):
        if (values[here] >= values[there]).all():
            assert value[here] >= value[there] - 1e-12
    assert value[undominated(values)].max() == value.max()


def test_undominated_knows_ties_and_other_sets():
    values = np.array([[1.0, 0.0], [0.0, 1.0], [0.0, 0.0], [1.0, 0.0]])
    assert undominated(values).tolist() == [True, True, False, True]
    assert undominated(values, by=np.array([[1.0, 0.5]])).tolist() == [False, True, False, False]


def test_the_front_is_that_of_the_scores_without_their_noise():
    runs = noisy_runs(40, 0.05)
    front = front_of_runs(runs.space, runs, ("first", "second"))
    assert 2 <= len(front.predicted) <= 10
    for mixture in front.predicted:
        assert mixture.number is None and abs(mixture.weights["d1"] - 0.3) < 0.15
    ends = [mixture.weights for mixture in (front.predicted[0], front.predicted[-1])]
    assert ends[0]["d0"] > 0.5 and ends[1]["d2"] > 0.5, "the best in the first objective comes first"
    means = np.array([list(mixture.means.values()) for mixture in front.trained])
    assert undominated(means).all()
    for mixture in front.trained:
        assert mixture.weights == runs.space.as_dict(runs.weights[mixture.number - 100])
        assert 0 < mixture.undominated <= 1 and min(mixture.sds.values()) > 0
    true = np.column_stack([FIRST(runs.weights), SECOND(runs.weights)])
    away = runs.weights[:, 1] > 0.6
    assert not {m.number - 100 for m in front.trained} & set(np.flatnonzero(away & ~undominated(true)))


def test_a_replicated_mixture_stands_once_and_the_front_repeats():
    runs = noisy_runs(12, 0.02)
    twice = runs.select(np.ones(12, dtype=bool))
    twice.weights[11] = twice.weights[0]
    front = front_of_runs(runs.space, twice, ("a", "b"), seed=3)
    weights = [tuple(m.weights.values()) for m in front.trained]
    assert len(set(weights)) == len(weights) and front == front_of_runs(runs.space, twice, ("a", "b"), seed=3)


def test_exact_scores_are_not_taken_for_noise():
    runs = noisy_runs(15, 0.2)
    front = front_of_runs(runs.space, runs, ("a", "b"), noise=NoiseModel.DETERMINISTIC)
    assert {mixture.number for mixture in front.trained} == set(runs.numbers[undominated(runs.values)])
    for mixture in front.trained:
        assert list(mixture.means.values()) == pytest.approx(runs.values[mixture.number - 100], abs=0.01)


@pytest.mark.parametrize("seed", range(3))
def test_nothing_dominates_the_trained_mixture_that_is_best_in_everything(seed):
    runs = noisy_runs(30, 0.0, seed)
    runs = runs.select(FIRST(runs.weights) < FIRST.level - 0.1)  # none that comes near
    runs.weights[:2] = FIRST.best, FIRST.best + np.array([4e-8, -4e-8, 0.0])  # again, up to the rounding of a file
    runs = runs.with_values(np.column_stack([FIRST(runs.weights)] * 2))
    front = front_of_runs(runs.space, runs, ("a", "b"))
    assert [(mixture.number, mixture.undominated) for mixture in front.trained] == [(100, 1.0)]


def test_the_front_of_a_finite_space_holds_its_candidates():
    runs = noisy_runs(15, 0.02)
    space = mixopt.MixtureSpace(runs.space.domains, candidates=runs.weights)
    front = front_of_runs(space, runs, ("a", "b"))
    known = {tuple(np.round(row, 9)) for row in runs.weights}
    assert all(tuple(np.round(list(m.weights.values()), 9)) in known for m in front.predicted)


def two_goals(sampler: mixopt.MixtureSampler, trials: int) -> optuna.Study:
    study = optuna.create_study(directions=["maximize", "minimize"], sampler=sampler)
    for _ in range(trials):
        trial = study.ask()
        weights = np.array([list(mixopt.suggest_mixture(trial, sampler.space).values())])
        study.tell(trial, [FIRST(weights)[0], -SECOND(weights)[0]])
    return study


def test_a_plain_optuna_study_with_two_directions_finds_both_ends():
    studies = [two_goals(mixopt.BayesSampler(simplex(3), seed=1), 18) for _ in range(2)]
    assert [t.params for t in studies[0].trials] == [t.params for t in studies[1].trials]
    values = np.array([t.values for t in studies[0].trials]) * [1, -1]
    assert (values.max(axis=0) > FIRST.level - 0.02).all()
    front = mixopt.pareto_front(studies[0], simplex(3))
    assert front.names == ("objective 0", "objective 1") and len(front.trained) >= 5
    with pytest.raises(StrategyError, match=r"needs one objective and these runs have 2: .*study front"):
        mixopt.recommend(studies[0], simplex(3))


def test_what_is_made_for_one_objective_says_so():
    stock = mixopt.on_simplex(optuna.samplers.TPESampler(), simplex(3))
    with pytest.raises(StrategyError, match="the study has 2 objectives and this sampler is made for one"):
        two_goals(stock, 1)
    single = noisy_runs(5, 0.1).with_values(np.arange(5.0))
    with pytest.raises(StrategyError, match="these runs have one"):
        front_of_runs(single.space, single, ("a",))
    with pytest.raises(StrategyError, match="2 finished runs are too few"):
        front_of_runs(simplex(3), noisy_runs(2, 0.1), ("a", "b"))
    with pytest.raises(ScoresError, match=r"values have shape \(5, 1\)"):
        single.with_values(np.ones((5, 1)))


def test_a_study_file_with_two_goals(tmp_path):
    strategy = [{"seed": ["single", "all"]}, {"heuristic": ["collinearity"]}, {"bayes": {"trials": 3}}]
    study = Study.create(toy_file(tmp_path, score=TWO, strategy=strategy), tmp_path / "toy")
    run_worker(study)
    assert [len(trial.values) for trial in study.trials()] == [2] * 8
    trial = study.trials()[3]
    assert trial.values == [trial.user_attrs["in_score"], trial.user_attrs["out_score"]]
    assert {name: runs.values.shape for name, runs in runs_by_objective(study).items()} == {
        "in_score": (8,),
        "out_score": (8,),
    }
    runs, names = runs_by_scores(study, ["y", "out_score"])
    assert names == ("y", "out_score") and runs.values[0, 0] == study.trials()[0].user_attrs["test:y"]
    shown = [cli("show", tmp_path), cli("front", tmp_path, "--figure", str(tmp_path / "front.png"))]
    assert "in-score" in shown[0] and "front of in-score and out-score" in shown[1]
    assert (tmp_path / "front.png").stat().st_size > 10_000
    closing = cli("resume", tmp_path)
    assert "undominated" in closing and "is complete: 8 trials" in closing
    assert (study.folder.figures / "front.png").exists()
    assert "seed" in cli("replicate", tmp_path, "all", "--seeds", "1,2")
    for arguments, said in (
        (["recommend"], "needs one objective"),
        (["front", "--scores", "y"], "y alone has no front"),
        (["front", "--scores", "y,chess"], "cannot maximize 'chess'"),
        (["front", "--figure", str(tmp_path / "front.docx")], "cannot be drawn"),
    ):
        with pytest.raises(MixoptError, match=said):
            cli(arguments[0], tmp_path, *arguments[1:])


def cli(command: str, folder, *arguments: str) -> str:
    more = [*arguments, "--folder", str(folder / "toy")]
    ran = CliRunner().invoke(app, ["study", command, "toy", *more], env={"COLUMNS": "150"})
    if isinstance(ran.exception, MixoptError):
        raise ran.exception
    assert ran.exit_code == 0, ran.output
    return ran.output


def test_surrogates_are_compared_on_one_objective(tmp_path):
    Study.create(toy_file(tmp_path, score=TWO, strategy=[{"seed": ["all"]}]), tmp_path / "toy")
    compared = CliRunner().invoke(app, ["surrogate", "compare", "toy", "--folder", str(tmp_path / "toy")])
    assert isinstance(compared.exception, MixoptError)  # which `main` prints as one line
    assert str(compared.exception).startswith("comparing surrogates needs one objective and these runs have 2: ")
    assert "\n" not in str(compared.exception)


def test_a_study_with_one_goal_has_a_front_of_in_and_out_score(tmp_path):
    study = Study.create(toy_file(tmp_path, strategy=[{"seed": ["single", "all"]}]), tmp_path / "toy")
    run_worker(study)
    assert "front of in-score and out-score" in cli("front", tmp_path)
    assert "front of in-score and x" in cli("front", tmp_path, "--scores", "in_score, x")
    study.optuna.enqueue_trial({"a": 0.5, "b": 0.5, "c": 0.0})
    trial = study.optuna.ask()
    mixopt.suggest_mixture(trial, study.space)
    study.optuna.tell(trial, 0.5)
    with pytest.warns(UserWarning, match="1 of 5 runs are left out: they were told without in-score and out-score"):
        runs, _ = runs_by_scores(study)
    assert runs.numbers.tolist() == [0, 1, 2, 3]
    study.optuna.enqueue_trial({"a": 0.2, "b": 0.8, "c": 0.0})
    trial = study.optuna.ask()
    mixopt.suggest_mixture(trial, study.space)
    trial.set_user_attr("test:x", 0.25)
    trial.set_user_attr("in_score", 0.75)
    study.optuna.tell(trial, 0.5)
    with pytest.warns(UserWarning, match="1 of 6 runs are left out"):
        runs, _ = runs_by_scores(study, ["x", "in_score"])
    assert runs.numbers[-1] == 5 and runs.values[-1].tolist() == [0.25, 0.75]


def test_a_study_without_in_tests_has_a_front_of_named_scores(tmp_path):
    tests = {"out": {"x": 10, "y": 30}}
    study = Study.create(toy_file(tmp_path, tests=tests, strategy=[{"seed": ["single"]}]), tmp_path / "toy")
    run_worker(study)
    with pytest.raises(ScoresError, match="name two scores by `--scores`, of out_score, x, y"):
        cli("front", tmp_path)
    assert "front of x and y" in cli("front", tmp_path, "--scores", "x,y")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"strategy": [{"quadratic": {"trials": 2}}]}, "strategy.0.quadratic: is made for one objective"),
        (
            {"strategy": [{"seed": ["all"]}, {"optuna": {"trials": 2, "sampler": "tpe"}}]},
            "strategy.1.optuna: is made for one",
        ),
        ({"strategy": [{"bayes": {"trials": 2, "early": True}}]}, "`early: true` needs one objective"),
        ({"score": {"maximize": ["in_score"], "steps": [2]}}, "score.maximize"),
        ({"score": {"maximize": ["in_score", "chess"], "steps": [2]}}, "cannot maximize 'chess'"),
        ({"score": {"maximize": ["y", "y"], "steps": [2]}}, "'y' twice"),
    ],
)
def test_study_files_with_goals_that_cannot_be(tmp_path, changes, said):
    with pytest.raises(StudyFileError, match=said):
        Study.create(toy_file(tmp_path, **{"score": TWO, **changes}), tmp_path / "toy")
    assert not (tmp_path / "toy").exists()


def test_blends_and_tests_are_goals_beside_others(tmp_path):
    from mixopt.study.spec import read_spec

    spec = read_spec(
        toy_file(tmp_path, score={"maximize": ["y", {"blend": 0.5}], "steps": [2]}, strategy=[{"seed": ["all"]}])
    )
    assert spec.scoring.names == ("y", "blend 0.5")
    assert spec.scoring.values({2: {"a_test": 1.0, "x": 0.0, "y": 0.5}}) == pytest.approx((0.5, 0.5 + 0.5 * 0.375))
    with pytest.raises(ScoresError, match="2 values, not one"):
        spec.scoring.value({2: {"a_test": 1.0, "x": 0.0, "y": 0.5}})

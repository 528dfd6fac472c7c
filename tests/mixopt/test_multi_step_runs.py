"""Runs that end early: when they are proposed, what they count as, and whole studies with them."""

import json
import warnings

import numpy as np
import optuna
import pytest
from optuna.trial import TrialState

import mixopt
from mixopt.acquisition.multi_step import next_run
from mixopt.errors import StrategyError, StudyFileError
from mixopt.history.history import History
from mixopt.models.multi_step_gp import MultiStepGP
from mixopt.models.multi_step_runs import MultiStepRuns, run_costs
from mixopt.study.spec import read_spec
from mixopt.study.study import Study
from tests.support.running_workers import run_worker
from tests.support.synthetic_objectives import scores_by_step, simplex
from tests.support.toy_study import toy_file

STEPS = (20, 60, 80)
EARLY = [{"seed": ["single", "exclude_one", "all"]}, {"bayes": {"trials": 4, "early": True}}]


def reaches(costs: list[float], informative: bool) -> list[int]:
    """Where the runs of five proposals end, none of them a turn for the expected best."""
    weights, scores, _ = scores_by_step(1, informative)
    surrogate = MultiStepGP().fit(weights, scores)
    drawn = [next_run(simplex(4), surrogate, np.array(costs), np.random.default_rng(i), 3 * i) for i in range(5)]
    assert all(simplex(4).contains(mixture) for mixture, _ in drawn)
    return [reach for _, reach in drawn]


def test_runs_end_early_where_that_is_cheap_and_telling():
    assert min(reaches([0.02, 0.9, 1.0], informative=True)) == 0
    assert reaches([1.0, 1.0, 1.0], informative=True) == [2] * 5, "nothing is saved"
    assert reaches([0.02, 0.9, 1.0], informative=False) == [2] * 5, "nothing is learnt"


def test_every_third_run_is_whole():
    weights, scores, _ = scores_by_step(1, informative=True)
    surrogate = MultiStepGP().fit(weights, scores)
    _, reach = next_run(simplex(4), surrogate, np.array([0.001, 0.9, 1.0]), np.random.default_rng(0), 5)
    assert reach == 2


@pytest.mark.parametrize(
    ("steps", "seconds", "costs"),
    [
        ([80, 80, 20], [90, 90, 30], [30, 70, 90]),
        ([80, 80, 80], [90, 95, 91], [20, 60, 80]),
        ([80, 20], [90, 30], [20, 60, 80]),
        ([80, 20, 60], [40, 40, 40], [20, 60, 80]),
    ],
)
def test_costs_are_start_up_and_steps_where_seconds_tell_them_apart(steps, seconds, costs):
    found = run_costs(np.array(STEPS), np.array(steps, dtype=float), np.array(seconds, dtype=float))
    np.testing.assert_allclose(found, costs)


def searched(trials: int, seed: int = 0) -> optuna.Study:
    """A plain Optuna study whose early steps say nearly everything."""
    space = simplex(3)
    study = optuna.create_study(direction="minimize", sampler=mixopt.BayesSampler(space, steps=STEPS, seed=seed))
    for _ in range(trials):
        trial = study.ask()
        weights = space.as_array(mixopt.suggest_mixture(trial, space))
        loss = float(((weights - [0.6, 0.3, 0.1]) ** 2).sum())
        until = trial.user_attrs["until"]
        for step in STEPS:
            if step <= until:
                trial.report(loss * step / 80, step)
        if until == 80:
            study.tell(trial, loss)
        else:
            study.tell(trial, state=TrialState.PRUNED)
    return study


def test_a_plain_optuna_study_ends_runs_early_and_repeats():
    study = searched(12)
    assert [t.params for t in study.trials[:8]] == [t.params for t in searched(8).trials]
    ends = [trial.user_attrs["until"] for trial in study.trials]
    assert set(ends[:4]) == {80} and min(ends) < 80 and set(ends) <= set(STEPS)
    short = [trial for trial in study.trials if trial.state == TrialState.PRUNED]
    history = History.of(study, simplex(3))
    assert len(history.runs()) == 12 - len(short) and len(history.tried()) == 12
    step_runs = MultiStepRuns.of(history, STEPS)
    assert step_runs.steps.tolist() == list(STEPS) and np.isnan(step_runs.scores[-len(short) :, 2]).all()
    with_short = mixopt.recommend(study, simplex(3), steps=STEPS)
    assert with_short.weights["d0"] == pytest.approx(0.6, abs=0.1)
    assert with_short.mean == pytest.approx(0, abs=0.02), "in units of the last score, negated"


def test_steps_that_a_finished_run_was_not_scored_at_are_left_out():
    study = searched(6)
    study.add_trial(
        optuna.create_trial(
            params={f"d{i}": 1 / 3 for i in range(3)},
            distributions={f"d{i}": optuna.distributions.FloatDistribution(0, 1) for i in range(3)},
            value=0.1,
            intermediate_values={20: 0.05},
        )
    )
    with pytest.warns(UserWarning, match="step 60 is not used, because trial 6 finished without a finite score"):
        assert MultiStepRuns.of(History.of(study, simplex(3)), STEPS).steps.tolist() == [20, 80]


@pytest.mark.parametrize("score", [np.nan, np.inf])
def test_a_score_that_is_not_finite_counts_as_none(score):
    study = searched(7)
    before = len(MultiStepRuns.of(History.of(study, simplex(3)), STEPS).weights)
    for scores, state, known, short in (
        ({20: score}, TrialState.PRUNED, [20, 60, 80], 0),
        ({20: 0.1, 60: score}, TrialState.PRUNED, [20, 60, 80], 1),
        ({20: score, 60: 0.1}, TrialState.COMPLETE, [60, 80], 2),
    ):
        trial = study.ask()
        mixopt.suggest_mixture(trial, simplex(3))
        for step, reported in scores.items():
            trial.report(reported, step)
        study.tell(trial, 0.2 if state == TrialState.COMPLETE else None, state=state)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            step_runs = MultiStepRuns.of(History.of(study, simplex(3)), STEPS)
            assert step_runs.steps.tolist() == known
            assert not np.isinf(step_runs.scores).any() and np.isfinite(step_runs.scores[:, 0]).all()
            if 20 in known:
                assert len(step_runs.weights) == before + short
            assert mixopt.recommend(study, simplex(3), steps=STEPS).mean == pytest.approx(0, abs=0.1)
            mixopt.suggest_mixture(study.ask(), simplex(3))


def test_a_search_that_ends_runs_early_needs_one_objective():
    study = optuna.create_study(directions=["maximize"] * 2)
    with pytest.raises(StrategyError, match="ends runs early needs one objective and these runs have 2: "):
        MultiStepRuns.of(History.of(study, simplex(3)), STEPS)


def test_running_trials_are_believed_in_until_where_they_end():
    study = searched(9)
    trial = study.ask()
    mixopt.suggest_mixture(trial, simplex(3))
    step_runs = MultiStepRuns.of(History.of(study, simplex(3)), STEPS)
    assert len(step_runs.pending) == 1 and STEPS[step_runs.pending_reach[0]] == trial.user_attrs["until"]
    sds = [model.predict(step_runs.pending)[1][0] for model in (step_runs.fit(), step_runs.fit_with_pending())]
    assert sds[1] < sds[0]


@pytest.mark.parametrize("steps", [(60, 20), (0, 20), (20, 20)])
def test_steps_that_cannot_be(steps):
    with pytest.raises(StrategyError, match="rising whole numbers"):
        mixopt.BayesSampler(simplex(3), steps=steps)


def test_a_study_spends_the_steps_of_so_many_whole_runs(tmp_path):
    study = Study.create(toy_file(tmp_path, score={"maximize": "out_score", "steps": [1, 4]}, strategy=EARLY))
    run_worker(study, slots=2)
    searched = study.trials()[7:]
    short = [trial for trial in searched if trial.state == TrialState.PRUNED]
    assert short, "the toy's first score says what the last one will be"
    assert sum(trial.user_attrs["steps"] for trial in searched) == 4 * 4
    assert all(trial.user_attrs["steps"] == trial.user_attrs["until"] for trial in searched)
    assert study.done == 7 + 4 and run_worker(Study.open("toy")).lines == []
    assert len(study.runs()) == 11 - len(short) + (len(searched) - 4)
    asked = json.loads(study.folder.trial(short[0].number).request.read_text())
    assert asked["until"] == 1 and asked["steps"] == [1, 4]
    whole = json.loads(study.folder.trial(0).request.read_text())
    assert "until" not in whole, "a trainer that knows nothing of it sees nothing new"
    assert study.trials()[0].intermediate_values.keys() == {1, 4}
    assert study.trials()[0].intermediate_values[4] == study.trials()[0].value
    assert study.recommend().recommended.number is None
    run_worker(Study.open("toy"), more=1)
    assert study.done == 12


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"score": {"steps": [4]}}, "score.steps: has no early step"),
        ({"strategy": [{"bayes": {"trials": 3, "early": "soon"}}]}, "bayes.early"),
    ],
)
def test_study_files_that_cannot_end_runs_early(tmp_path, changes, said):
    with pytest.raises(StudyFileError, match=said):
        read_spec(toy_file(tmp_path, **{"strategy": EARLY, **changes}))

"""What ends a study early: budgets in trials, steps, GPU-hours and hours, and the stopping rule."""

from datetime import datetime, timedelta

import numpy as np
import optuna
import pytest
from optuna.distributions import FloatDistribution
from optuna.trial import TrialState

from mixopt.cli.app import main
from mixopt.errors import MixoptError, StudyFileError
from mixopt.inference.stopping_rule import improvement_chance
from mixopt.models.gp import GPSurrogate
from mixopt.study.budget import used_up
from mixopt.study.limits import Limits
from mixopt.study.spec import BudgetSpec, read_spec
from mixopt.study.study import Study
from mixopt.workers.gpus import gpus_each
from tests.support.command_line import exit_code
from tests.support.running_workers import trial_queue
from tests.support.toy_study import SEEDS, tell_trials, toy_file

START = datetime(2026, 1, 1)


def trial(state: TrialState, **notes) -> optuna.trial.FrozenTrial:
    finished = START + timedelta(hours=1) if state.is_finished() else None
    made = optuna.trial.create_trial(
        state=state,
        value=0.5 if state == TrialState.COMPLETE else None,
        params={"a": 1.0},
        distributions={"a": FloatDistribution(0, 1)},
        user_attrs=notes,
    )
    made.datetime_start, made.datetime_complete = START, finished
    return made


DONE = trial(TrialState.COMPLETE, steps=80, seconds=3600.0, gpus=2)
SHORT = trial(TrialState.PRUNED, steps=20, seconds=900.0, gpus=2)
RUNNING = trial(TrialState.RUNNING, gpus=2)
FAILED = trial(TrialState.FAIL, gpus=2, held_seconds=3600.0)


@pytest.mark.parametrize(
    ("budget", "trials", "holds"),
    [
        ({"trials": 2}, [DONE], True),
        ({"trials": 2}, [DONE, RUNNING], False),
        ({"trials": 2}, [DONE, FAILED], True),  # failed ones are tried again
        ({"steps": 260}, [DONE, SHORT, RUNNING], True),  # 80 + 20 + 80, and room for 80 more
        ({"steps": 259}, [DONE, SHORT, RUNNING], False),
        ({"gpu_hours": 6}, [DONE, RUNNING], True),  # 2 + 2, and room for 2 more
        ({"gpu_hours": 5.9}, [DONE, RUNNING], False),
        ({"gpu_hours": 5.9}, [DONE, FAILED], False),  # a failed one has held its GPUs too
        ({"gpu_hours": 0.1}, [], True),  # nothing is known of the first
        ({"hours": 3}, [DONE], True),
        ({"hours": 2}, [DONE], False),
        ({"hours": 2}, [], True),
    ],
)
def test_a_trial_begins_only_where_it_fits_in_the_budget(budget, trials, holds):
    why = used_up(BudgetSpec(**budget), trials, 80, 0, START + timedelta(hours=2))
    assert (why is None) == holds


def test_trials_that_were_added_raise_the_budget_in_trials():
    assert used_up(BudgetSpec(trials=1), [DONE], 80, 0, START) and not used_up(
        BudgetSpec(trials=1), [DONE], 80, 1, START
    )


def test_a_study_ends_at_its_budget_of_steps_and_says_what_to_raise(tmp_path, capsys, monkeypatch):
    Study.create(toy_file(tmp_path, strategy=SEEDS, budget={"steps": 12}))
    monkeypatch.setattr("sys.argv", ["mixopt", "study", "resume", "toy"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 0
    assert len(Study.open("toy").trials(TrialState.COMPLETE)) == 3
    said = " ".join(capsys.readouterr().out.split())
    assert "its budget is used up: 12 of 12 training steps are used; raise it in" in said


def test_the_stopping_rule_spares_designs_and_what_was_added(tmp_path):
    rule = {"gain": 0.3, "probability": 0.3}
    study = Study.create(toy_file(tmp_path, strategy=[*SEEDS, {"bayes": {"trials": 30}}], stop=rule))
    limits = Limits(study)
    for _ in range(7):
        assert limits.reached(study.sampler()) is None
        tell_trials(study, 1)
    trained = 7
    while limits.reached(study.sampler()) is None:
        tell_trials(study, 1)
        trained += 1
    assert trained < 30 and "another run improves by more than 0.3 with probability" in limits.reached(study.sampler())
    study.add(1)
    study.add(1)
    for _ in range(2):
        assert limits.reached(study.sampler()) is None
        tell_trials(study, 1)
    assert limits.reached(Study.open("toy").sampler())


def test_scores_that_are_all_the_same_are_no_ground_to_stop(tmp_path):
    rule = {"gain": 0.3, "probability": 0.9}
    study = Study.create(toy_file(tmp_path, strategy=[{"bayes": {"trials": 9}}], stop=rule))
    for _ in range(4):
        study.optuna.tell(study.ask(study.sampler()).number, 0.5)
    assert Limits(study).reached(study.sampler()) is None


def test_readers_go_by_the_chance_that_is_noted_and_note_none(tmp_path, monkeypatch):
    study = Study.create(
        toy_file(tmp_path, strategy=[*SEEDS, {"bayes": {"trials": 5}}], stop={"gain": 0.1, "probability": 0.9})
    )
    tell_trials(study, 7)
    before = study.folder.journal.read_bytes()
    for arguments in (["list"], ["list", "--json"], ["show", "toy", "--json"], ["report", "toy"]):
        assert exit_code(monkeypatch, "study", *arguments) == 0
    assert study.folder.journal.read_bytes() == before
    assert trial_queue(study).next() is None, "a worker notes it"
    monkeypatch.setattr("mixopt.study.limits.improvement_chance", None)
    assert "its stopping rule holds" in Limits(Study.open("toy")).reached(study.sampler())


def test_a_warning_names_its_heuristic_and_none_is_said_of_a_study_in_a_list(tmp_path, monkeypatch, capfd):
    study = Study.create(toy_file(tmp_path, strategy=[*SEEDS, {"heuristic": ["alpha_in"]}]))
    tell_trials(study, 7, slope=0.0)
    assert exit_code(monkeypatch, "study", "list") == 0 and not capfd.readouterr().err
    assert exit_code(monkeypatch, "study", "show", "toy", "--json") == 0
    assert "warning: heuristic alpha_in falls back to equal weights: the in-scores single" in capfd.readouterr().err


def test_the_chance_falls_with_the_gain_and_with_what_is_known(tmp_path):
    space, rng = read_spec(toy_file(tmp_path)).space, np.random.default_rng(0)
    chances = []
    for runs in (8, 60):
        weights = space.sample(runs, rng)
        values = 0.5 - ((weights - space.uniform()) ** 2).sum(axis=1) + rng.normal(0, 0.02, runs)
        posterior = GPSurrogate().fit(weights, values)
        chances.append([improvement_chance(space, posterior, gain) for gain in (0.001, 0.01, 0.1)])
    assert all(0 <= few[i + 1] < few[i] <= 0.5 for few in chances for i in range(2))
    assert chances[1][1] < chances[0][1] and chances[1][2] < 0.01


def test_the_chance_is_that_of_draws_from_the_posterior(tmp_path):
    """For a finite space, where all mixtures are looked at."""
    candidates = [[1, 0, 0], [0, 1, 0], [0, 0, 1], [0.5, 0.5, 0]]
    file = toy_file(tmp_path, candidates=candidates, strategy=[{"bayes": {"trials": 2}}])
    space, rng = read_spec(file).space, np.random.default_rng(0)
    posterior = GPSurrogate().fit(space.candidates[[0, 1, 2, 0, 1]], np.array([0.1, 0.5, 0.4, 0.2, 0.45]))
    mean, covariance = posterior.joint(space.candidates)
    widened = covariance * np.hypot(1.3, 20 / 5) ** 2
    draws = rng.multivariate_normal(mean, widened, 200_000)
    top = mean.argmax()
    expected = (draws > draws[:, [top]] + 0.05).mean(axis=0).max()
    assert improvement_chance(space, posterior, 0.05) == pytest.approx(expected, abs=0.005)


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"budget": {"steps": 0}}, "budget.steps"),
        ({"budget": {"days": 3}}, "budget.days"),
        ({"stop": {"gain": 0, "probability": 0.1}}, "stop.gain"),
        ({"stop": {"gain": 0.1, "probability": 1}}, "stop.probability"),
        ({"stop": {"gain": 0.1, "probability": 0.1}, "score": {"maximize": ["x", "y"], "steps": [4]}}, "stop"),
    ],
)
def test_a_limit_that_cannot_be_is_named(tmp_path, changes, named):
    with pytest.raises(StudyFileError, match=rf"toy.yaml: {named}: "):
        read_spec(toy_file(tmp_path, **changes))


def test_gpu_hours_want_gpus(monkeypatch):
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1,2")
    assert gpus_each(2, None) == 1.5 and gpus_each(2, 1) == 1
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "")
    with pytest.raises(MixoptError, match="no GPU is visible"):
        gpus_each(2, None)

"""Pruning: off by default, never in a design, kept with the trial, and learnt from."""

from io import StringIO

import numpy as np
import pytest
from optuna.pruners import NopPruner, PatientPruner, PercentilePruner
from optuna.trial import TrialState
from rich.console import Console

from mixopt.cli.app import main
from mixopt.cli.tables import trials_table
from mixopt.errors import StrategyError, StudyFileError
from mixopt.models.gp import GPSurrogate
from mixopt.study.pruning import Pruning, pruner_of
from mixopt.study.spec import PruningSpec, read_spec
from mixopt.study.study import Study
from mixopt.trainers.contract import TrialFailed
from tests.support.toy_study import SEEDS, tell_trials, toy_file

SEARCH = [*SEEDS, {"bayes": {"trials": 6}}]
HALF = {"percentile": 50, "warmup_trials": 5}


def evaluation(study: Study, score: float, step: int = 2) -> dict:
    return {"kind": "evaluation", "step": step, "scores": dict.fromkeys(study.spec.tests.sizes, score)}


def test_a_study_file_names_optunas_pruners():
    assert isinstance(pruner_of(None), NopPruner)
    assert isinstance(pruner_of(PruningSpec(percentile=75)), PercentilePruner)
    assert isinstance(pruner_of(PruningSpec(patience=2)), PatientPruner)
    both = pruner_of(PruningSpec(percentile=75, patience=2))
    assert isinstance(both, PatientPruner) and isinstance(both._wrapped_pruner, PercentilePruner)


def test_nothing_is_pruned_by_default(tmp_path):
    study = Study.create(toy_file(tmp_path, strategy=SEARCH))
    tell_trials(study, 7)
    asked = study.ask(study.sampler())
    Pruning(study).observe(asked, evaluation(study, 0.0))
    assert Pruning(study).marked() == set()
    assert study.trials()[asked.number].intermediate_values == {2: 0.0}


def test_a_run_below_the_percentile_is_ended_and_a_better_one_is_not(tmp_path):
    study = Study.create(toy_file(tmp_path, strategy=SEARCH, pruning=HALF))
    tell_trials(study, 7)
    pruning, sampler = Pruning(study), study.sampler()
    good, bad = study.ask(sampler), study.ask(sampler)
    pruning.observe(good, evaluation(study, 0.9))
    pruning.observe(bad, evaluation(study, 0.1))
    assert pruning.marked() == {bad.number} == Pruning(Study.open("toy")).marked()
    pruning.end(bad.number)
    ended = study.trials()[bad.number]
    assert ended.state == TrialState.PRUNED and ended.user_attrs["steps"] == 2
    assert ended.intermediate_values == {2: 0.1} and study.done == 8


def test_a_trial_that_is_pruned_before_it_has_a_score_is_shown(tmp_path):
    study = Study.create(toy_file(tmp_path, strategy=SEARCH))
    asked = study.ask(study.sampler())
    Pruning(study).end(asked.number)
    shown = StringIO()
    Console(file=shown).print(trials_table(study))
    assert "pruned" in shown.getvalue()


def test_what_a_sleeping_worker_hears_of_a_trial_that_has_ended_is_left_out(tmp_path):
    study = Study.create(toy_file(tmp_path, strategy=SEARCH))
    asked = study.ask(study.sampler())
    study.fail(asked.number, TrialFailed("by another worker"))
    Pruning(study).observe(asked, evaluation(study, 0.5))
    with pytest.raises(StrategyError, match="is no running trial"):
        Pruning(study).mark(asked.number, "too late")


def test_the_last_step_and_the_warm_up_prune_nothing(tmp_path):
    study = Study.create(toy_file(tmp_path, strategy=SEARCH, pruning={**HALF, "warmup_steps": 3}))
    tell_trials(study, 7)
    asked = study.ask(study.sampler())
    for step in (2, 4):
        Pruning(study).observe(asked, evaluation(study, 0.0, step))
    assert Pruning(study).marked() == set()


def test_a_design_is_never_pruned(tmp_path):
    study = Study.create(toy_file(tmp_path, strategy=SEARCH, pruning={"percentile": 50, "warmup_trials": 1}))
    tell_trials(study, 3)
    asked = study.ask(study.sampler())
    Pruning(study).observe(asked, evaluation(study, 0.0))
    assert Pruning(study).marked() == set()


@pytest.mark.parametrize(
    "event",
    [
        {"kind": "evaluation", "step": 3, "scores": {"a_test": 0.1, "x": 0.1, "y": 0.1}},
        {"kind": "evaluation", "step": [2], "scores": {"a_test": 0.1, "x": 0.1, "y": 0.1}},
        {"kind": "evaluation", "step": 2, "scores": {"a_test": 0.1}},
        {"kind": "evaluation", "step": 2, "scores": {"a_test": 0.1, "x": float("nan"), "y": 0.1}},
        {"kind": "evaluation", "step": 2, "scores": {"a_test": 0.1, "x": 7.0, "y": 0.1}},
        {"kind": "evaluation", "step": 2, "scores": "good"},
        {"kind": "progress", "step": 2},
    ],
)
def test_an_event_that_is_no_evaluation_of_the_study_is_left_out(tmp_path, event):
    study = Study.create(toy_file(tmp_path, strategy=SEARCH))
    asked = study.ask(study.sampler())
    Pruning(study).observe(asked, event)
    assert study.trials()[asked.number].intermediate_values == {}


def test_what_was_pruned_is_learnt_from_and_not_proposed_again(tmp_path):
    """Runs near the best corner are pruned with bad scores: less is expected there than of the finished runs alone."""
    study = Study.create(toy_file(tmp_path, strategy=[*SEEDS, {"bayes": {"trials": 12}}], pruning=HALF))
    tell_trials(study, 7, best="c")
    pruning, seen = Pruning(study), []
    for _ in range(8):
        asked = study.ask(study.sampler())
        seen.append(list(asked.request.weights.values()))
        pruning.observe(asked, evaluation(study, 0.0))
        assert pruning.marked() == {asked.number}
        pruning.end(asked.number)
    distances = np.abs(np.array(seen)[:, None] - seen).sum(axis=2) + 9 * np.eye(len(seen))
    assert distances.min() > 0.01
    finished, seen = study.runs(), np.array(seen)
    without = GPSurrogate().fit(finished.weights, finished.values)
    assert study.posterior().mean(seen).mean() < without.mean(seen).mean() - 0.05


def test_a_worker_ends_what_is_pruned(tmp_path, monkeypatch, capsys):
    backend = read_spec(toy_file(tmp_path)).backend.command.model_dump() | {"options": {"last": 60.0}}
    strategy = [*SEEDS, {"optuna": {"trials": 2, "sampler": "random"}}]
    study = Study.create(
        toy_file(
            tmp_path, strategy=strategy, pruning={"percentile": 1, "warmup_trials": 5}, backend={"command": backend}
        )
    )
    tell_trials(study, 7)
    monkeypatch.setattr("sys.argv", ["mixopt", "study", "resume", "toy", "--slots", "2"])
    with pytest.raises(SystemExit) as ended:
        main()
    said = capsys.readouterr().out
    assert ended.value.code == 0 and "pruned" in said, said
    states = [trial.state for trial in study.trials()[7:]]
    assert len(states) == 2 and TrialState.PRUNED in states and TrialState.RUNNING not in states


@pytest.mark.parametrize(
    ("changes", "named"),
    [
        ({"pruning": {}}, "pruning"),
        ({"pruning": {"percentile": 100}}, "pruning.percentile"),
        ({"pruning": HALF, "score": {"steps": [4]}}, "score.steps"),
        ({"pruning": HALF, "score": {"steps": [2, 4], "maximize": ["x", "y"]}}, "score.maximize"),
        ({"pruning": HALF, "score": {"steps": [2, 4], "deterministic": True}}, "score.deterministic"),
        ({"pruning": HALF, "strategy": [{"bayes": {"trials": 2, "early": True}}]}, "pruning"),
    ],
)
def test_pruning_that_cannot_be_is_named(tmp_path, changes, named):
    with pytest.raises(StudyFileError, match=rf"toy.yaml: {named}: "):
        read_spec(toy_file(tmp_path, **changes))

"""Asking for trials and resuming them: whole writes, enqueued trials, several processes at once."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from optuna.trial import TrialState

from mixopt.errors import StrategyError
from mixopt.study.study import Study
from tests.support.toy_study import SEEDS, toy_file


def test_studies_that_ask_at_the_same_time_get_different_mixtures(tmp_path):
    Study.create(toy_file(tmp_path, strategy=SEEDS))

    def ask(_):
        study = Study.open("toy")  # with a lock of its own, as in another process
        return study.ask(study.sampler())

    with ThreadPoolExecutor(7) as pool:
        asked = list(pool.map(ask, range(7)))
    assert sorted(trial.number for trial in asked) == list(range(7))
    assert len({trial.label for trial in asked}) == len({str(trial.request.weights) for trial in asked}) == 7


def test_a_new_trial_is_written_whole(tmp_path):
    study = Study.create(toy_file(tmp_path, strategy=SEEDS))
    before = study.folder.journal.read_bytes()
    asked = study.ask(study.sampler(), {"mine": 1})
    assert study.folder.journal.read_bytes().removeprefix(before).count(b"\n") == 1, "one record"
    [trial] = study.trials()
    assert trial.params == asked.request.weights and trial.user_attrs["mine"] == 1


def test_a_strategy_without_a_mixture_begins_no_trial(tmp_path):
    study = Study.create(toy_file(tmp_path, strategy=[{"seed": ["all"]}]))
    study.ask(study.sampler())
    with pytest.raises(StrategyError, match="every phase of the study is complete"):
        study.ask(study.sampler())
    assert len(study.trials()) == 1


def test_a_trial_that_is_enqueued_without_weights_gets_the_strategys_and_fails_where_there_are_none(tmp_path):
    study = Study.create(toy_file(tmp_path, strategy=[{"seed": ["all"]}]))
    study.optuna.enqueue_trial({})
    assert study.ask(study.sampler()).label == "all"
    study.optuna.enqueue_trial({})
    with pytest.raises(StrategyError, match="every phase of the study is complete"):
        study.ask(study.sampler())
    assert [trial.state for trial in study.trials()] == [TrialState.RUNNING, TrialState.FAIL]


def test_a_trial_is_resumed_as_it_was_asked_for(tmp_path):
    study = Study.create(toy_file(tmp_path, strategy=SEEDS))
    asked = study.ask(study.sampler())
    study.ask(study.sampler())
    assert study.resume(asked.number, study.sampler()) == asked

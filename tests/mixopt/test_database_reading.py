"""Trials that are read by plain columns are those that Optuna reads."""

import math

import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.storages import RDBStorage
from optuna.trial import TrialState, create_trial

from mixopt.storage.database import DatabaseStorage

BOXES = {"b": FloatDistribution(0, 1), "a": IntDistribution(1, 9), "c": CategoricalDistribution(["x", None])}
PARAMS = {"b": 0.25, "a": 3, "c": "x"}


@pytest.fixture(scope="module")
def url(tmp_path_factory):
    url = f"sqlite:///{tmp_path_factory.mktemp('db')}/trials.db"
    study = optuna.create_study(storage=url, study_name="s", directions=["maximize", "minimize"])
    study.add_trial(create_trial(values=[0.5, math.inf], params=PARAMS, distributions=BOXES, user_attrs={"n": [1]}))
    study.add_trial(create_trial(state=TrialState.FAIL, system_attrs={"why": {"a": None}}))
    study.enqueue_trial({"b": 0.5})
    single = optuna.create_study(storage=url, study_name="single")
    trial = single.ask(BOXES)
    for step, score in ((20, 0.1), (5, math.nan), (60, -math.inf)):
        trial.report(score, step)
    single.ask()
    return url


@pytest.mark.parametrize("name", ["s", "single"])
@pytest.mark.parametrize("states", [None, (TrialState.RUNNING,), (TrialState.FAIL, TrialState.WAITING)])
def test_all_of_a_trial_is_read(url, name, states):
    ours, theirs = DatabaseStorage(url), RDBStorage(url)
    study = theirs.get_study_id_from_name(name)
    found, expected = ours.get_all_trials(study, states=states), theirs.get_all_trials(study, states=states)
    assert [repr(trial) for trial in found] == [repr(trial) for trial in expected]  # NaN is not itself
    assert [list(trial.params) for trial in found] == [list(trial.params) for trial in expected]


def test_what_changes_later_is_read_again(url):
    ours, theirs = DatabaseStorage(url), RDBStorage(url)
    study = ours.get_study_id_from_name("single")
    before = ours.get_all_trials(study)
    theirs.set_trial_user_attr(before[1]._trial_id, "note", "new")
    theirs.set_trial_state_values(before[0]._trial_id, TrialState.COMPLETE, [1.0])
    number = theirs.create_new_trial(study)
    after = ours.get_all_trials(study)
    assert after[0].state == TrialState.COMPLETE and after[1].user_attrs == {"note": "new"}
    assert [trial._trial_id for trial in after] == [*(trial._trial_id for trial in before), number]


def test_what_is_told_at_once_is_what_optuna_keeps(url):
    ours, theirs = DatabaseStorage(url), RDBStorage(url)
    study = ours.get_study_id_from_name("single")
    trial_id = ours.create_new_trial(study)
    theirs.set_trial_intermediate_value(trial_id, 2, 0.25)
    theirs.set_trial_user_attr(trial_id, "note", "old")
    ours.tell(trial_id, TrialState.COMPLETE, [math.inf], {"note": "new", "more": 1}, {2: 0.5, 4: math.nan})
    told = theirs.get_trial(trial_id)
    assert told.values == [math.inf] and told.user_attrs == {"note": "new", "more": 1}
    assert told.intermediate_values[2] == 0.5 and math.isnan(told.intermediate_values[4])
    assert told.state == TrialState.COMPLETE and told.duration.total_seconds() < 60
    with pytest.raises(optuna.exceptions.UpdateFinishedTrialError):
        ours.tell(trial_id, TrialState.COMPLETE, [0.5], {}, {})

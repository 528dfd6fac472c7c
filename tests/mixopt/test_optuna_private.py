"""Private names and formats of Optuna that mixopt uses: each test fails where a later Optuna changes one of them."""

import json
from datetime import datetime, timedelta

import numpy as np
import optuna
import pytest
from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution
from optuna.storages import InMemoryStorage, JournalStorage, RDBStorage
from optuna.storages.journal import JournalFileBackend
from optuna.trial import TrialState, create_trial

from mixopt.samplers.on_simplex import reseed
from mixopt.samplers.stock import STOCK_SAMPLERS
from mixopt.storage.optuna_private import (
    NO_OPERATION,
    FrozenStudy,
    cached_storage,
    cma_es_options,
    creates_trial,
    enqueued_params,
    random_states,
    record_of_finished_trial,
    set_trial_user_attrs,
)

pytestmark = pytest.mark.filterwarnings("ignore::optuna.exceptions.ExperimentalWarning")
BOXES = {"b": FloatDistribution(0, 1), "a": IntDistribution(1, 9), "c": CategoricalDistribution(["x", None])}
PARAMS = {"b": 0.25, "a": 3, "c": "x"}


class Counting(RDBStorage):
    """Counts the trials that are read from the database."""

    read = 0

    def _get_trials(self, *arguments, **named):
        trials = super()._get_trials(*arguments, **named)
        self.read += len(trials)
        return trials


def test_a_cached_database_reads_a_finished_trial_once(tmp_path):
    behind = Counting(f"sqlite:///{tmp_path}/trials.db")
    study = optuna.create_study(storage=cached_storage(behind))
    for _ in range(3):
        study.tell(study.ask(), 0.5)
    assert len(study.trials) == 3
    before = behind.read
    assert [trial.value for trial in study.trials] == [0.5] * 3
    assert before and behind.read == before


@pytest.mark.parametrize("url", [None, "sqlite:///{}/trials.db"])
def test_a_sampler_writes_attributes_of_the_trial_that_it_proposes_for(url, tmp_path):
    class Noting(optuna.samplers.RandomSampler):
        def sample_relative(self, study, trial, search_space):
            set_trial_user_attrs(study, trial, {"note": 1, "more": [2]})
            return {}

    study = optuna.create_study(storage=url and url.format(tmp_path), sampler=Noting())
    study.ask().suggest_float("x", 0, 1)
    study.ask()
    assert [trial.user_attrs for trial in study.trials] == [{"note": 1, "more": [2]}, {}]


def test_the_parameters_of_an_enqueued_trial():
    study = optuna.create_study()
    study.enqueue_trial({"x": 0.5})
    study.ask()
    study.ask()
    assert [enqueued_params(trial) for trial in study.trials] == [{"x": 0.5}, {}]


@pytest.mark.parametrize("name", STOCK_SAMPLERS)
def test_a_seeded_sampler_proposes_the_same_again(name):
    def proposed(seed):
        sampler = STOCK_SAMPLERS[name](0)
        study = optuna.create_study(sampler=sampler)
        for number in range(14):
            reseed(sampler, seed, number)
            trial = study.ask()
            study.tell(trial, sum(trial.suggest_float(key, 0, 1) for key in "ab"))
        return [list(trial.params.values()) for trial in study.trials]

    assert list(random_states(STOCK_SAMPLERS[name](0)))
    assert proposed(1) == proposed(1)
    assert proposed(1) != proposed(2) or name == "qmc"  # its sequence has the seed that it was made with


def test_the_options_of_cma_es():
    sampler = optuna.samplers.CmaEsSampler(popsize=6, n_startup_trials=2, lr_adapt=True, seed=7)
    assert cma_es_options(sampler) == {"popsize": 6, "n_startup_trials": 2, "lr_adapt": True}
    options = {"use_separable_cma": True, "consider_pruned_trials": True, "warn_independent_sampling": False}
    independent = optuna.samplers.TPESampler()
    assert cma_es_options(optuna.samplers.CmaEsSampler(independent_sampler=independent, **options)) == options
    source = [create_trial(value=1.0, params={"x": 0.5}, distributions={"x": FloatDistribution(0, 1)})]
    assert cma_es_options(optuna.samplers.CmaEsSampler(source_trials=source)) == {"source_trials": source}
    with pytest.warns(FutureWarning, match="sigma0"):
        assert cma_es_options(optuna.samplers.CmaEsSampler(sigma0=0.2)) == {"sigma0": 0.2}


def test_studies_have_names_and_attributes():
    storage = InMemoryStorage()
    study = optuna.create_study(study_name="s", storage=storage)
    study.set_user_attr("theirs", 1)
    [frozen] = storage.get_all_studies()
    assert isinstance(frozen, FrozenStudy) and frozen.study_name == "s" and frozen.user_attrs == {"theirs": 1}


@pytest.mark.parametrize("values", [[0.5], [0.5, float("inf")]])
def test_a_finished_trial_is_recorded_in_the_journal_as_optuna_does(tmp_path, values):
    journal = tmp_path / "journal.log"
    study = optuna.create_study(
        directions=["maximize"] * len(values), storage=JournalStorage(JournalFileBackend(str(journal)))
    )
    trial = create_trial(
        values=values,
        params=PARAMS,
        distributions=BOXES,
        user_attrs={"n": [1]},
        system_attrs={"s": None},
        intermediate_values={4: 0.25} if len(values) == 1 else {},
    )
    trial.datetime_start = datetime.now() - timedelta(hours=1)
    study.add_trial(trial)
    record = json.loads(journal.read_text().splitlines()[-1])
    assert json.loads(json.dumps(record_of_finished_trial(0, trial, record["worker_id"]))) == record
    assert creates_trial(record)


def test_of_the_journals_records_those_that_create_trials_are_told_from_others(tmp_path):
    journal = tmp_path / "journal.log"
    study = optuna.create_study(storage=JournalStorage(JournalFileBackend(str(journal))))
    study.set_user_attr("n", 1)
    trial = study.ask()
    trial.suggest_float("x", 0, 1)
    trial.set_user_attr("n", 1)
    study.tell(trial, 0.5)
    study.enqueue_trial({"x": 0.5})
    records = [json.loads(line) for line in journal.read_text().splitlines()]
    assert [number for number, record in enumerate(records) if creates_trial(record)] == [2, len(records) - 1]


def test_a_record_without_effect_changes_no_study(tmp_path):
    journal = tmp_path / "journal.log"
    study = optuna.create_study(study_name="s", storage=JournalStorage(JournalFileBackend(str(journal))))
    study.tell(study.ask(), 0.5)
    with journal.open("a") as file:
        file.write(json.dumps(NO_OPERATION) + "\n")
    again = optuna.load_study(study_name="s", storage=JournalStorage(JournalFileBackend(str(journal))))
    again.ask()
    assert [trial.state for trial in again.trials] == [TrialState.COMPLETE, TrialState.RUNNING]
    assert again.user_attrs == {} and np.isclose(again.best_value, 0.5)

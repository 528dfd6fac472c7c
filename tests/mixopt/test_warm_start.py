"""A trial at a mixture whose run ended early goes on from there, and ends with the scores of one never interrupted."""

import json
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from optuna.trial import TrialState

from mixopt.history.keys import UNTIL
from mixopt.paths import TrialFolder
from mixopt.study.plan import request_of
from mixopt.study.study import Study
from mixopt.study.warm_start import warm_start
from tests.support.running_workers import run_worker
from tests.support.toy_study import toy_file

WEIGHTS = {"a": 0.1, "b": 0.2, "c": 0.7}
WALKER = {"command": {"argv": [sys.executable, str(Path(__file__).parents[1] / "support" / "random_walk_trainer.py")]}}


@pytest.fixture
def study(tmp_path):
    """A study whose first trial, at WEIGHTS, was ended at step 2 of 6."""
    score = {"maximize": "out_score", "steps": [2, 4, 6], "range": [-1, 1]}
    study = Study.create(toy_file(tmp_path, score=score, strategy=[{"seed": ["all"]}], backend=WALKER))
    study.optuna.enqueue_trial(WEIGHTS, user_attrs={UNTIL: 2})
    run_worker(study)
    assert [trial.state for trial in study.trials()] == [TrialState.PRUNED, TrialState.COMPLETE]
    return study


def walked(study: Study, number: int) -> list[int]:
    """The steps at which a trial was really trained."""
    return [json.loads(line)["step"] for line in study.folder.trial(number).events.read_text().splitlines()]


def asked(study: Study, number: int) -> dict:
    return json.loads(study.folder.trial(number).request.read_text())


def test_a_whole_run_of_its_mixture_goes_on_from_it(study):
    short, other = study.trials()
    study.optuna.enqueue_trial(short.params)
    study.optuna.enqueue_trial(short.params, user_attrs={"train_seed": 7})
    study.optuna.enqueue_trial(short.params)
    run_worker(study)
    warm, seeded, again = study.trials()[2:]
    assert asked(study, 2)["warm_start"] == "../0000" and walked(study, 2) == [3, 4, 5, 6]
    assert "warm_start" not in asked(study, 1) and "warm_start" not in asked(study, 3), "other mixture, other seed"
    assert warm.user_attrs["steps"] == 6 and warm.user_attrs["stopped"] == "finished"
    shutil.rmtree(study.folder.trial(0).checkpoints)
    study.optuna.enqueue_trial(short.params)
    run_worker(study)
    cold = study.trials()[5]
    assert "warm_start" not in asked(study, 5) and walked(study, 5) == [1, 2, 3, 4, 5, 6], "it has kept nothing"
    assert cold.intermediate_values == warm.intermediate_values == again.intermediate_values
    assert warm.intermediate_values != seeded.intermediate_values != other.intermediate_values


def test_it_goes_on_from_the_one_that_got_furthest_but_not_past_its_own_end(study):
    for until in (4, 2):
        study.optuna.enqueue_trial(WEIGHTS, user_attrs={UNTIL: until})
    study.optuna.enqueue_trial(WEIGHTS)
    run_worker(study)
    assert [asked(study, number)["warm_start"] for number in (2, 3)] == ["../0000", "../0000"]
    assert asked(study, 4)["warm_start"] == "../0002" and walked(study, 4) == [5, 6]
    assert study.trials()[3].user_attrs["stopped"] == "until" and walked(study, 3) == []


def test_a_trial_whose_request_differs_or_is_gone_is_none_to_go_on_from(study):
    request = request_of(study.spec, 9, WEIGHTS, 42)
    folder, short = study.folder.trial(9), [study.folder.trial(0)]
    assert warm_start(request, folder, short) == "../0000"
    assert warm_start(request, folder, [*short, TrialFolder(folder.path.with_name("gone"))]) == "../0000"
    for change in ({"options": {"x": 1}}, {"steps": [2, 4, 8]}, {"domains": {**request.domains, "a": 1}}):
        assert warm_start(replace(request, **change), folder, short) is None
    for spoilt in ("{", "[]", request.as_json()):
        short[0].request.write_text(spoilt)
        assert warm_start(request, folder, short) is None

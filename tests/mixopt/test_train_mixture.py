"""A mixture trained into saved models, one a seed, without a trace in the study's trials."""

import json
import sys

import pytest

from mixopt.io.trained_models import train_models
from mixopt.study.plan import trainer_of
from mixopt.study.study import Study
from mixopt.trainers.contract import TrialFailed
from tests.support.command_line import mixopt
from tests.support.toy_study import toy_file

TRAINER = """
import json, os, sys
from pathlib import Path
path = Path(sys.argv[1])
request = json.loads(path.read_text())
if request["options"].get("keep_checkpoints") == "last":
    model = path.parent / "checkpoints" / "step-4"
    model.mkdir(parents=True)
    (model / "model.json").write_text(json.dumps([request["train_seed"], request["weights"]]))
scores = {test: 0.5 + request["train_seed"] / 1000 for test in request["tests"]}
evaluations = [{"step": step, "scores": scores} for step in request["steps"]]
result = {"evaluations": evaluations, "steps": 4, "stopped": "finished", "draws": {}, "seconds": 1.0}
path.with_name("result.json.tmp").write_text(json.dumps(result))
os.replace(path.with_name("result.json.tmp"), path.with_name("result.json"))
"""
MIXTURE = {"a": 0.5, "b": 0.25, "c": 0.25}


def study_with(tmp_path, trainer, options=None):
    (tmp_path / "trainer.py").write_text(trainer)
    command = {"argv": [sys.executable, str(tmp_path / "trainer.py")], "options": options or {}}
    return Study.create(toy_file(tmp_path, backend={"command": command}), tmp_path / "study")


def test_a_model_a_seed(tmp_path):
    study = study_with(tmp_path, TRAINER, {"keep_checkpoints": "none"})
    models = train_models(study, trainer_of(study.spec), MIXTURE, [1, 2])
    for model, seed in zip(models, (1, 2), strict=True):
        assert model.seed == seed and model.path.is_relative_to(study.folder.path / "models")
        assert json.loads((model.path / "model.json").read_text()) == [seed, MIXTURE]
        assert study.values(model.result) == (pytest.approx(0.5 + seed / 1000),)
    assert study.own_trials() == [] and {record.train_seed for record in study.trial_records()} == {1, 2}
    again = train_models(study, trainer_of(study.spec), MIXTURE, [1, 2])
    assert again == models, "what is there is not trained again"


def test_a_trainer_that_keeps_no_model_is_told(tmp_path):
    study = study_with(tmp_path, TRAINER.replace('"last"', '"never"'))
    with pytest.raises(TrialFailed, match=r"the trainer left no model in .*: its request has keep_checkpoints: last"):
        train_models(study, trainer_of(study.spec), MIXTURE, [1])


def test_the_command(tmp_path):
    study = study_with(tmp_path, TRAINER)
    mixture = ["--mixture", json.dumps(MIXTURE), "--folder", study.folder.path]
    lines = mixopt("study", "train", "toy", "--seeds", "1,2", *mixture).splitlines()
    assert [line.split()[:3] for line in lines] == [["seed", "1", "0.5010"], ["seed", "2", "0.5020"]]
    assert all(line.endswith("checkpoints/step-4") for line in lines)

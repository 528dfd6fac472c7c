"""Paths in a study file start from its folder, and nothing else in it changes."""

import sys
from io import StringIO
from pathlib import Path

import pytest
import yaml
from optuna.trial import TrialState
from rich.console import Console

from mixopt.cli.progress import Lines
from mixopt.study.plan import trainer_of
from mixopt.study.spec import read_spec
from mixopt.study.spec.paths import anchored
from mixopt.study.study import Study
from mixopt.workers.worker import Worker
from tests.support.toy_study import TRAINER, toy_data

TEXT = """
study: mine   # a comment stays
backend:
  rlvr:
    model: ./base
    prompts: 4
    data:
      rows: {path: rows.parquet, question: rows.parquet, split: ./odd}
      "chartqa": 'lmms-lab/ChartQA'
      lisa: {train: "../lisa it's", test: /data/lisa}
"""


def test_relative_paths_start_from_the_files_folder_and_all_else_stays_to_the_letter(tmp_path):
    (tmp_path / "rows.parquet").touch()
    folder = tmp_path / "studies"
    folder.mkdir()
    (folder / "rows.parquet").touch()
    expected = TEXT.replace("./base", f"'{folder}/base'").replace(
        "path: rows.parquet", f"path: '{folder}/rows.parquet'"
    )
    assert anchored(TEXT, folder) == expected.replace('"../lisa it\'s"', f"'{tmp_path}/lisa it''s'")
    data = yaml.safe_load(anchored(TEXT, folder))["backend"]["rlvr"]["data"]
    assert data["lisa"] == {"train": f"{tmp_path}/lisa it's", "test": "/data/lisa"}
    assert anchored(anchored(TEXT, folder), tmp_path) == anchored(TEXT, folder), "what is absolute stays"


@pytest.mark.parametrize("text", ["", "[]", "backend: rlvr", "backend: {rlvr: {data: 3, model: }}", "study: x"])
def test_what_has_no_paths_is_left_alone(tmp_path, text):
    assert anchored(text, tmp_path) == text


def test_the_embedded_model_is_no_path_and_a_text_said_twice_is_one(tmp_path):
    (tmp_path / "shapes").mkdir()
    (tmp_path / "policy").mkdir()
    text = "backend: {rlvr: {model: shapes, encoder: policy, data: {a: &place ./a, b: *place}}}"
    said = yaml.safe_load(anchored(text, tmp_path))["backend"]["rlvr"]
    assert said == {"model": "shapes", "encoder": "policy", "data": {"a": f"{tmp_path}/a", "b": f"{tmp_path}/a"}}


def test_a_study_keeps_its_paths_absolute(tmp_path, monkeypatch):
    monkeypatch.setattr("mixopt.trainers.rlvr.RlvrTrainer.check", lambda *_: None)
    file = tmp_path / "there" / "study.yaml"
    file.parent.mkdir()
    (file.parent / "rows").mkdir()
    file.write_text(yaml.safe_dump(toy_data(backend={"rlvr": {"model": "shapes", "data": {"a": "rows"}}})))
    monkeypatch.chdir(tmp_path)
    study = Study.create(file.relative_to(tmp_path))
    assert (
        read_spec(study.folder.spec).backend.rlvr["data"]
        == {"a": str(file.parent / "rows")}
        == study.spec.backend.rlvr["data"]
    )


ARGV = """
backend:
  command:
    argv: [python, train.py, {request}, launch, data, --config=train.py, ./train.py, "sub/it's.py", ./no.py, /etc/hosts]
    options: {file: train.py}
"""


def test_the_arguments_that_are_files_start_from_the_files_folder(tmp_path):
    for name in ("python", "launch", "train.py", "sub/it's.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "data").mkdir()
    text = ARGV.replace("{request}", "'{request}'")
    expected = text.replace("[python, train.py,", f"[python, '{tmp_path}/train.py',")
    expected = expected.replace(" ./train.py", f" '{tmp_path}/train.py'")
    assert anchored(text, tmp_path) == expected.replace('"sub/it\'s.py"', f"'{tmp_path}/sub/it''s.py'")


@pytest.mark.parametrize(("program", "path"), [("train.sh", "train.sh"), ("./train.sh", "{}/train.sh")])
def test_a_program_is_a_path_only_where_it_has_a_slash(tmp_path, program, path):
    (tmp_path / "train.sh").touch()
    said = yaml.safe_load(anchored(f"backend: {{command: {{argv: [{program}]}}}}", tmp_path))
    assert said["backend"]["command"]["argv"] == [path.format(tmp_path)]


def test_a_block_of_text_that_names_a_file_stays_a_line_of_its_own(tmp_path):
    (tmp_path / "train.py").touch()
    text = "backend:\n  command:\n    argv:\n      - python\n      - >-\n        train.py\n      - last\n"
    argv = yaml.safe_load(anchored(text, tmp_path))["backend"]["command"]["argv"]
    assert argv == ["python", f"{tmp_path}/train.py", "last"]


def test_a_study_trains_wherever_its_workers_start(tmp_path, monkeypatch):
    there, elsewhere = tmp_path / "there", tmp_path / "elsewhere"
    there.mkdir(), elsewhere.mkdir()
    (there / "my_trainer.py").write_text(TRAINER.read_text())
    backend = {"command": {"argv": [sys.executable, "my_trainer.py", "{request}"]}}
    (there / "study.yaml").write_text(yaml.safe_dump(toy_data(strategy=[{"seed": ["all"]}], backend=backend)))
    monkeypatch.chdir(tmp_path)
    Study.create(Path("there/study.yaml"))
    monkeypatch.chdir(elsewhere)
    study = Study.open("toy")
    Worker(study, [trainer_of(study.spec)], Lines(Console(file=StringIO()), "toy")).run()
    assert [trial.state for trial in study.trials()] == [TrialState.COMPLETE]

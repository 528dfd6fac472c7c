"""Relative paths in a study file: they start from its folder, and the file itself never changes."""

import sys
from io import StringIO
from pathlib import Path

import pytest
import yaml
from optuna.trial import TrialState
from rich.console import Console

from mixopt.cli.progress import Lines
from mixopt.study.plan import request_of, trainer_of
from mixopt.study.spec import read_spec
from mixopt.study.study import Study
from mixopt.trainers.command import with_absolute_files
from mixopt.trainers.rlvr import with_absolute_paths
from mixopt.workers.worker import Worker
from tests.support.command_line import refusal
from tests.support.toy_study import TRAINER, toy_data, toy_file

OPTIONS = {
    "model": "./base",
    "prompts": 4,
    "data": {
        "rows": {"path": "rows.parquet", "question": "rows.parquet", "split": "./odd"},
        "chartqa": "lmms-lab/ChartQA",
        "lisa": {"train": "../lisa it's", "test": "/data/lisa"},
    },
}


def test_relative_paths_start_from_the_files_folder_and_all_else_stays_to_the_letter(tmp_path):
    (tmp_path / "rows.parquet").touch()
    folder = tmp_path / "studies"
    folder.mkdir()
    (folder / "rows.parquet").touch()
    absolute = with_absolute_paths(OPTIONS, folder)
    assert absolute == {
        "model": f"{folder}/base",
        "prompts": 4,
        "data": {
            "rows": {"path": f"{folder}/rows.parquet", "question": "rows.parquet", "split": "./odd"},
            "chartqa": "lmms-lab/ChartQA",
            "lisa": {"train": f"{tmp_path}/lisa it's", "test": "/data/lisa"},
        },
    }
    assert with_absolute_paths(absolute, tmp_path) == absolute, "what is absolute stays"


@pytest.mark.parametrize("options", [{}, {"data": 3, "model": None}, {"data": [], "model": ""}])
def test_what_has_no_paths_is_left_alone(tmp_path, options):
    assert with_absolute_paths(options, tmp_path) == options


def test_the_embedded_model_is_no_path_and_a_text_said_twice_is_one(tmp_path):
    (tmp_path / "shapes").mkdir()
    (tmp_path / "policy").mkdir()
    text = "{model: shapes, encoder: policy, data: {a: &place ./a, b: *place}}"
    said = with_absolute_paths(yaml.safe_load(text), tmp_path)
    assert said == {"model": "shapes", "encoder": "policy", "data": {"a": f"{tmp_path}/a", "b": f"{tmp_path}/a"}}


def test_a_study_keeps_its_paths_absolute(tmp_path, monkeypatch):
    monkeypatch.setattr("mixopt.trainers.rlvr.RlvrTrainer.check", lambda *_: None)
    file = tmp_path / "there" / "study.yaml"
    file.parent.mkdir()
    (file.parent / "rows").mkdir()
    file.write_text(yaml.safe_dump(toy_data(backend={"rlvr": {"model": "shapes", "data": {"a": "rows"}}})))
    monkeypatch.chdir(tmp_path)
    created = Study.create(file.relative_to(tmp_path))
    for spec in (created.spec, Study.open("toy").spec, read_spec(created.folder.spec)):
        request = request_of(spec, 0, {"a": 0.2, "b": 0.3, "c": 0.5}, 42)
        assert request.options == {"model": "shapes", "data": {"a": str(file.parent / "rows")}}


@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_the_study_file_of_a_study_is_the_users_own_byte_for_byte(tmp_path, end):
    file = tmp_path / "mine.yaml"
    text = f"# mine, in d\u00fcsseldorf\n{yaml.safe_dump(toy_data())}".replace("\n", end)
    file.write_bytes(b"\xef\xbb\xbf" + text.encode())
    assert Study.create(file).folder.spec.read_bytes() == file.read_bytes()


def test_a_copy_of_a_studys_file_starts_from_where_the_first_one_was(tmp_path):
    study = Study.create(toy_file(tmp_path))
    text = study.folder.spec.read_text()
    study.folder.spec.write_text(text.replace("study: toy", "study: two"))
    assert Study.create(study.folder.spec).spec.directory == tmp_path


def test_a_study_without_a_backend_starts_from_its_own_folder(tmp_path):
    study = Study.create(toy_file(tmp_path, backend=None))
    assert Study.open("toy").spec.directory == study.folder.path


def test_a_study_of_before_with_absolute_paths_trains(tmp_path):
    study = Study.create(toy_file(tmp_path, strategy=[{"seed": ["all"]}]))
    study.folder.base_directory.unlink()
    study = Study.open("toy")
    Worker(study, [trainer_of(study.spec)], Lines(Console(file=StringIO()), "toy")).run()
    assert [trial.state for trial in study.trials()] == [TrialState.COMPLETE]


@pytest.mark.parametrize("content", [b"", b"relative/path\n", b"/a\0b", None])
def test_a_spoilt_record_of_the_folder_is_named(tmp_path, capfd, monkeypatch, content):
    record = Study.create(toy_file(tmp_path)).folder.base_directory
    record.unlink()
    record.mkdir() if content is None else record.write_bytes(content)
    assert "base_directory: " in refusal(capfd, monkeypatch, "study", "show", "toy")


def test_the_arguments_that_are_files_start_from_the_files_folder(tmp_path):
    for name in ("python", "launch", "train.py", "sub/it's.py"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "data").mkdir()
    argv = ["python", "train.py", "{request}", "launch", "data", "--config=train.py", "./train.py", "sub/it's.py"]
    absolute = ["python", f"{tmp_path}/train.py", "{request}", "launch", "data", "--config=train.py"]
    absolute += [f"{tmp_path}/train.py", f"{tmp_path}/sub/it's.py"]
    assert with_absolute_files([*argv, "./no.py", "/etc/hosts"], tmp_path) == [*absolute, "./no.py", "/etc/hosts"]


def test_the_options_of_a_command_stay_to_the_letter(tmp_path):
    (tmp_path / "train.py").touch()
    backend = {"command": {"argv": ["python"], "options": {"file": "train.py"}}}
    spec = read_spec(toy_file(tmp_path, backend=backend))
    assert request_of(spec, 0, {"a": 0.2, "b": 0.3, "c": 0.5}, 42).options == {"file": "train.py"}


@pytest.mark.parametrize(("program", "path"), [("train.sh", "train.sh"), ("./train.sh", "{}/train.sh")])
def test_a_program_is_a_path_only_where_it_has_a_slash(tmp_path, program, path):
    (tmp_path / "train.sh").touch()
    assert with_absolute_files([program], tmp_path) == [path.format(tmp_path)]


def test_a_block_of_text_that_names_a_file_is_one(tmp_path):
    (tmp_path / "train.py").touch()
    argv = yaml.safe_load("- python\n- >-\n  train.py\n- last\n")
    assert with_absolute_files(argv, tmp_path) == ["python", f"{tmp_path}/train.py", "last"]


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

"""Paths in a study file start from its folder, and nothing else in it changes."""

import pytest
import yaml
from toy import toy_data

from mixopt.spec import read_spec
from mixopt.spec.paths import anchored
from mixopt.study import Study

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
    text = "backend: {rlvr: {model: shapes, data: {a: &place ./a, b: *place}}}"
    said = yaml.safe_load(anchored(text, tmp_path))["backend"]["rlvr"]
    assert said == {"model": "shapes", "data": {"a": f"{tmp_path}/a", "b": f"{tmp_path}/a"}}


def test_a_study_keeps_its_paths_absolute(tmp_path, monkeypatch):
    monkeypatch.setenv("MIXOPT_HOME", str(tmp_path / "home"))
    monkeypatch.setattr("mixopt.backends.rlvr.RlvrBackend.check", lambda *_: None)
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

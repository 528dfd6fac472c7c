"""Answers stay as they stand in their file, in every format; what is no text is a bad row that names its value."""

import gzip
import json

import numpy as np
import pyarrow as pa
import pytest
from datasets import ClassLabel, List, Value
from pyarrow import parquet
from tables.answers import CSV, JSON, PARQUET

from rlvr_backend.datasets import load_rows, loader
from rlvr_backend.errors import RequestError
from tests.support.raw_datasets import OWN, image, picture, table


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("RLVR_CACHE", str(tmp_path / "cache"))
    (tmp_path / "p.png").write_bytes(picture())


def load(path, count=1, **declared):
    return load_rows("mine", "train", count, sources={"mine": {"path": str(path), **declared}})


def check(path, expected):
    bad = expected.startswith("answer with") or expected == "empty answer"
    if not bad:
        assert load(path)["solution"] == [expected]
        return
    with pytest.raises(RequestError) as caught:
        load(path)
    said = str(caught.value)
    assert f"are bad: {expected} (row 0)" in said and "\n" not in said
    if expected != "empty answer":
        assert ", where row 0 has " in said and ": write it as text, in quotes; fix or remove them" in said


@pytest.mark.parametrize(("text", "expected"), JSON)
@pytest.mark.parametrize("form", ["jsonl", "json", "folder"])
def test_json_stays_as_it_is_written(tmp_path, text, expected, form):
    line = f'{{"question": "What?", "image": "p.png", "answer": {text}}}'
    path = tmp_path / ("rows.json" if form == "json" else "rows.jsonl")
    path.write_text(f"[{line}]" if form == "json" else f"{line}\n")
    check(tmp_path if form == "folder" else path, expected)


@pytest.mark.parametrize(("cell", "expected"), CSV)
@pytest.mark.parametrize("form", ["rows.csv", "rows.tsv", "folder"])
def test_csv_stays_as_it_is_written(tmp_path, cell, expected, form):
    separator = "\t" if form == "rows.tsv" else ","
    path = tmp_path / ("rows.csv" if form == "folder" else form)
    rows = (("question", "image", "answer"), ("What?", "p.png", cell))
    path.write_text("".join(separator.join(row) + "\n" for row in rows))
    check(tmp_path if form == "folder" else path, expected)


@pytest.mark.parametrize(("value", "kind", "expected"), PARQUET)
def test_parquet_says_its_types(tmp_path, value, kind, expected):
    value = np.float16(value) if kind == pa.float16() else value
    columns = {"question": ["What?"], "image": [image()], "answer": pa.array([value], kind)}
    parquet.write_table(pa.table(columns), tmp_path / "rows.parquet")
    check(tmp_path / "rows.parquet", expected)


def test_a_class_is_its_name(tmp_path):
    features = {**OWN, "answer": ClassLabel(names=["cat", "dog"])}
    rows = [{"image": image(), "question": "?", "answer": number} for number in (1, 0)]
    table(features, rows).to_parquet(tmp_path / "rows.parquet")
    assert load(tmp_path / "rows.parquet", 2)["solution"] == ["dog", "cat"]
    features["answer"] = List(features["answer"])
    table(features, [{**rows[0], "answer": [0, 1]}]).to_parquet(tmp_path / "rows.parquet")
    assert load(tmp_path / "rows.parquet")["solution"] == ['["cat", "dog"]']
    table({**OWN, "answer": ClassLabel(names=["cat"])}, [{**rows[0], "answer": -1}]).to_parquet(
        tmp_path / "rows.parquet"
    )
    with pytest.raises(RequestError, match=r"empty answer \(row 0\)"):
        load(tmp_path / "rows.parquet")


def test_types_may_differ_from_row_to_row(tmp_path):
    answers = [3, 4.5, "cat", ["a", 2], 2]
    lines = [json.dumps({"question": "2008-05-01", "image": "p.png", "answer": answer}) for answer in answers]
    (tmp_path / "rows.jsonl").write_text("\ufeff" + "\n\n".join(lines))
    rows = load(tmp_path / "rows.jsonl", 5)
    assert rows["solution"] == ["3", "4.5", "cat", '["a", "2"]', "2"]
    assert rows[0]["prompt"][0]["content"].startswith("2008-05-01\n")


def test_a_few_values_that_are_no_text_are_skipped_and_named(tmp_path, caplog):
    rows = [{"question": "?", "image": "p.png", "answer": number / 2} for number in range(200)]
    rows[150]["answer"], rows[160]["answer"] = float("nan"), None
    (tmp_path / "rows.jsonl").write_text("\n".join(map(json.dumps, rows)))
    with caplog.at_level("INFO", "rlvr_backend"):
        assert len(load(tmp_path / "rows.jsonl", 198)) == 198
    assert (
        "2 bad and skipped: answer with NaN or infinity in place of text (row 150), where row 150 has nan: write"
        in (caplog.text)
    )


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("rows.jsonl", '{"question": 1}\n{"question": "wh', "line 2 is not JSON: Unterminated string"),
        ("rows.jsonl", '{"question": 1}\n[1, 2]\n', "line 2 is [1, 2], not an object"),
        ("rows.json", '[{"question": 1}, 5]', "entry 1 is 5, not an object"),
        ("rows.jsonl", "", "holds no rows"),
        ("rows.csv", "question,answer\na,b\na,b,c\n", "line 3 has 3 values for 2 columns"),
        ("rows.csv", "question,question\na,b\n", "two columns have one name among question, question"),
        ("rows.csv", 'question,answer\na,"b\n', "line 2: unexpected end of data"),
    ],
)
def test_a_file_that_cannot_be_read_names_the_line(tmp_path, name, content, said):
    (tmp_path / name).write_text(content)
    with pytest.raises(RequestError) as caught:
        load(tmp_path / name)
    assert said in str(caught.value) and name in str(caught.value) and "\n" not in str(caught.value)


def test_pictures_described_by_a_metadata_file_keep_its_text(tmp_path):
    for number in range(3):
        (tmp_path / "set" / "train").mkdir(parents=True, exist_ok=True)
        (tmp_path / "set" / "train" / f"{number}.png").write_bytes(picture(seed=number))
    lines = [f"{number}.png,what?,{answer}" for number, answer in enumerate(("007", "2008-05-01", "true"))]
    (tmp_path / "set" / "train" / "metadata.csv").write_text("\n".join(["file_name,question,answer", *lines]))
    rows = load(tmp_path / "set", 3)
    assert rows["solution"] == ["007", "2008-05-01", "true"]
    assert [row["images"][0].size for row in rows] == [(32, 24)] * 3
    (tmp_path / "set" / "train" / "metadata.csv").unlink()
    named = [json.dumps({"file_names": ["0.png", "2.png"], "question": "?", "answer": "1e3"})]
    (tmp_path / "set" / "train" / "metadata.jsonl").write_text("\n".join(named))
    (row,) = load(tmp_path / "set", image="images")
    assert row["solution"] == "1e3" and len(row["images"]) == 2


def test_on_the_hub_a_metadata_file_is_refused_in_place_of_guessing_its_types(tmp_path, monkeypatch):
    (tmp_path / "0.png").write_bytes(picture())
    (tmp_path / "metadata.csv").write_text("file_name,question,answer\n0.png,?,007\n")
    here = loader.load_dataset_builder
    monkeypatch.setattr(loader, "get_dataset_config_names", lambda place: ["default"])
    monkeypatch.setattr(loader, "load_dataset_builder", lambda place, name: here(str(tmp_path), name))
    with pytest.raises(
        RequestError, match=r"some/pictures: metadata\.csv can only be read from a folder.*hf download some/pic"
    ):
        load("some/pictures")


def test_one_table_among_many_pictures_is_read_and_of_several_one_must_be_named(tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    for number in range(5):
        (folder / f"{number}.png").write_bytes(picture(seed=number))
    line = json.dumps({"question": "?", "image": "4.png", "answer": "007"})
    (folder / "some.jsonl").write_text(line)
    assert load(folder)["solution"] == ["007"]
    (folder / "more.jsonl").write_text(line)
    with pytest.raises(RequestError, match=r"has images and more\.jsonl, some\.jsonl: name one of these files"):
        load(folder)


def test_splits_of_text_files_are_kept_apart(tmp_path):
    for split, answer in (("train", "007"), ("test", "true")):
        (tmp_path / "set").mkdir(exist_ok=True)
        (tmp_path / "set" / f"{split}.csv").write_text(f"question,image,answer\n?,p.png,{answer}\n")
    sources = {"mine": {"path": str(tmp_path / "set"), "image_folder": str(tmp_path)}}
    assert [load_rows("mine", split, 1, sources=sources)["solution"] for split in ("train", "test")] == [
        ["007"],
        ["true"],
    ]


def test_a_card_says_separator_and_classes(tmp_path):
    folder = tmp_path / "set"
    folder.mkdir()
    (folder / "rows.csv").write_text("question;image;answer\n?;p.png;007\n")
    (folder / "p.png").write_bytes(picture())
    (folder / "README.md").write_text('---\nconfigs:\n- config_name: x\n  data_files: rows.csv\n  sep: ";"\n---\n')
    assert load(folder)["solution"] == ["007"]
    (folder / "rows.csv").unlink()
    (folder / "rows.jsonl").write_text('{"question": "?", "image": "p.png", "answer": 1}\n')
    names = "names:\n            '0': cat\n            '1': dog\n"
    classes = f"    - name: answer\n      dtype:\n        class_label:\n          {names}"
    texts = "".join(f"    - name: {name}\n      dtype: string\n" for name in ("question", "image"))
    (folder / "README.md").write_text(f"---\ndataset_info:\n  features:\n{texts}{classes}---\n")
    assert load(folder)["solution"] == ["dog"]
    (folder / "README.md").write_text("---\nconfigs:\n- config_name: x\n  data_files: rows.jsonl\n  field: rows\n---\n")
    with pytest.raises(RequestError, match="names the field 'rows', which is not supported: save its list as a file"):
        load(folder)


def test_compressed_lines_are_read(tmp_path):
    (tmp_path / "set").mkdir()
    with gzip.open(tmp_path / "set" / "train.jsonl.gz", "wt") as file:
        file.write(json.dumps({"question": "?", "image": "p.png", "answer": "007"}))
    assert load(tmp_path / "set", image_folder=str(tmp_path))["solution"] == ["007"]


def test_a_question_that_is_no_text_is_a_bad_row(tmp_path):
    rows = [{"image": image(), "question": 7, "answer": "a"}]
    table({**OWN, "question": Value("int64")}, rows).to_parquet(tmp_path / "rows.parquet")
    with pytest.raises(RequestError, match=r"question is not text \(row 0\), where row 0 has 7: write it as text"):
        load(tmp_path / "rows.parquet")

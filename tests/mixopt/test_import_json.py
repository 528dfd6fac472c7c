"""Old runs as JSON lines, as a JSON list, and as files that must be unpacked or saved otherwise first."""

import gzip
import json

import pytest

from mixopt.errors import TableError
from mixopt.tables.read_runs import read_runs
from mixopt.tables.run_files import read_old_runs
from tests.support.command_line import mixopt

RUNS = [{"code": 0.5, "math": 0.5, "score": 0.41}, {"code": 0.2, "math": 0.8, "score": 0.52}]


def lines(path, rows):
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


@pytest.mark.parametrize("name", ["r.jsonl", "r.ndjson", "r.json", "r.txt", "r.csv"])
def test_json_lines_are_runs(tmp_path, name):
    old = read_old_runs([lines(tmp_path / name, RUNS)], "score")
    assert [run.weights for run in old.runs] == [{"code": 0.5, "math": 0.5}, {"code": 0.2, "math": 0.8}]
    assert [run.scores for run in old.runs] == [{"score": 0.41}, {"score": 0.52}]
    assert [run.label for run in old.runs] == ["line:1", "line:2"]


def test_json_lines_become_a_study_and_are_compared(tmp_path):
    file = lines(tmp_path / "r.jsonl", RUNS)
    assert "2 runs imported" in mixopt("study", "import", "mine", file, "--value", "score")
    assert read_runs(file, "score").values.tolist() == [0.41, 0.52]


def test_objects_in_objects_are_columns(tmp_path):
    rows = [
        {"name": f"r{i}", "weights": {"code": w, "math": 1 - w}, "eval": {"acc": w}} for i, w in enumerate((0.25, 0.5))
    ]
    for file in (lines(tmp_path / "r.jsonl", rows), tmp_path / "r.json"):
        file.write_text(file.read_text() if file.exists() else json.dumps(rows))
        old = read_old_runs([file], "eval.acc")
        assert [(run.label, run.weights, run.scores) for run in old.runs] == [
            ("r0", {"code": 0.25, "math": 0.75}, {"eval.acc": 0.25}),
            ("r1", {"code": 0.5, "math": 0.5}, {"eval.acc": 0.5}),
        ]


def test_a_domain_that_a_line_does_not_name_has_no_weight(tmp_path):
    rows = [*RUNS, {"code": 1, "score": 0.2}, {"math": 1.0, "score": None}]
    old = read_old_runs([lines(tmp_path / "r.jsonl", rows)], "score")
    assert old.runs[2].weights == {"code": 1, "math": 0} and old.left_out == {"no score": 1}


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ('{"code": 0.5, "math"', "line 4: is no JSON object"),
        ("[0.5, 0.5, 0.4]", r"line 4: is \[0.5, 0.5, 0.4\], no JSON object: write one run there"),
        ("0.5", "line 4: is 0.5, no JSON object"),
        ('{"code": 0.5, "code": 0.6, "math": 0.5, "score": 1}', "line 4: is no JSON object .it has 'code' twice"),
        ('{"code": 0.5, "math": 0.5, "a": {"b": 1}, "a.b": 2}', "line 4: has 'a.b' twice"),
        ('{"code": 0.5, "math": 0.2, "score": 1}', "line 4: the weights of code, math sum to 0.7"),
        ('{"code": 0.5, "math": 0.5, "score": "good"}', "line 4: score is 'good', not a finite number"),
        ('{"code": 0.5, "math": 0.5, "score": Infinity}', "line 4: score is inf, not a finite number"),
        ('{"code": 0.5, "math": 0.5, "score": 1e400}', "line 4: score is inf, not a finite number"),
        ('{"code": 0.5, "math": 0.5, "score": true}', "line 4: score is True, not a finite number"),
        ('{"code": 0.5, "math": 0.5, "score": "1,500"}', "line 4: score is '1,500', .*: write 1500 or 1.500"),
        ("[" * 100_000, "line 4: is no JSON object"),
    ],
)
def test_a_bad_line_is_named(tmp_path, line, said):
    file = lines(tmp_path / "r.jsonl", RUNS)
    file.write_text("\n" + file.read_text() + line + "\n")
    with pytest.raises(TableError, match=said) as raised:
        read_old_runs([file], "score", ["code", "math"])
    assert "\n" not in str(raised.value)


def test_files_without_a_line(tmp_path):
    (tmp_path / "r.jsonl").write_text("\n\n")
    with pytest.raises(TableError, match="has no rows"):
        read_old_runs([tmp_path / "r.jsonl"], "score")


@pytest.mark.parametrize("name", ["r.jsonl", "r.json", "r.csv"])
def test_other_encodings_and_packed_files_say_what_to_do(tmp_path, name):
    text = json.dumps(RUNS) if name == "r.json" else lines(tmp_path / "x", RUNS).read_text()
    for data, said in (
        (text.encode("utf-16"), "in UTF-8 .UTF-16.: save it as UTF-8"),
        (text.replace("code", "cöde").encode("latin-1"), "in UTF-8 .invalid .* at byte .*: save it as UTF-8"),
        (gzip.compress(text.encode()), "is compressed: unpack it first .gunzip."),
        (b"PK\x03\x04" + bytes(20), "is a workbook or an archive: save it as CSV"),
    ):
        (tmp_path / name).write_bytes(data)
        with pytest.raises(TableError, match=said):
            read_old_runs([tmp_path / name], "score")
    (tmp_path / name).write_bytes(text.encode("utf-8-sig"))
    assert len(read_old_runs([tmp_path / name], "score").runs) == 2

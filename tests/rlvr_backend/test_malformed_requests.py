"""Malformed requests: `python -m rlvr_backend` says what is wrong in one line, with exit code 2."""

import json
import sys

import pytest

from rlvr_backend.__main__ import main

GOOD = {
    "study": "toy",
    "trial": 0,
    "train_seed": 42,
    "weights": {"detect": 0.5, "refer": 0.5},
    "domains": {"detect": 9, "refer": 9},
    "tests": {"chart": 9},
    "steps": [2, 4],
    "options": {"model": "shapes"},
}
TEXTS = {
    "": "cannot be read as JSON",
    "{": "cannot be read as JSON",
    "[]": "the request must be a valid dictionary",
    '"request"': "the request must be a valid dictionary",
    b"\xff\xfe": "cannot be read as JSON",
    '{"trial": ' + "9" * 5000 + "}": "cannot be read as JSON",
}
FIELDS = [
    ({"study": None}, "`study`"),
    ({"trial": "0"}, "`trial`"),
    ({"train_seed": -1}, "`train_seed`"),
    ({"train_seed": 2.5}, "`train_seed`"),
    ({"weights": {"detect": 1.0}}, "must name the same domains"),
    ({"weights": {"detect": 0.5, "refer": 0.4}}, "sum to 1"),
    ({"weights": {"detect": 1.5, "refer": -0.5}}, "`weights.refer`"),
    ({"weights": {"detect": float("nan"), "refer": 0.5}}, "`weights.detect`"),
    ({"weights": [0.5, 0.5]}, "`weights`"),
    ({"domains": {"detect": 0, "refer": 9}}, "`domains.detect`"),
    ({"domains": {"detect": 10**9, "refer": 9}}, "'detect' has"),
    ({"weights": {"mars": 1.0}, "domains": {"mars": 9}}, "'mars' has no data here"),
    ({"tests": {}}, "`tests`"),
    ({"tests": {"mars": 9}}, "'mars'"),
    ({"steps": []}, "`steps` must be rising"),
    ({"steps": [4, 2]}, "`steps` must be rising"),
    ({"steps": [0]}, "`steps.0`"),
    ({"until": 3}, "`until` must be one of the steps"),
    ({"warm_start": 3}, "`warm_start`"),
    ({"more": 1}, "`more`"),
    ({"options": {"modle": "shapes"}}, "'modle' is unknown"),
    ({"options": {"model": 3}}, "'model' must be a valid string, not 3"),
    ({"options": {"model": "shapes", "kl": float("nan")}}, "'kl' must be a finite number, not nan"),
    ({"options": {"model": "shapes", "selection": "best"}}, "'selection' must be 'uniform', 'pass_rate'"),
    ({"options": {"model": "shapes", "selection": "curriculum"}}, "'curriculum': it is now called 'pass_rate'"),
    (
        {"options": {"model": "shapes", "advantage_weights": "hard"}},
        "'advantage_weights' must be 'none' or 'easy_to_hard'",
    ),
    (
        {"options": {"model": "shapes", "dtype": ["float32"]}},
        "'dtype' must be 'bfloat16' or 'float32', not ['f",
    ),
    ({"options": {"model": "shapes", "launch": {"config": "none"}}}, "launch"),
    ({"options": {"model": "shapes", "lora": {"rank": 0}}}, "lora"),
    ({"options": {"model": "shapes", "data": {"detect": {"path": 3}}}}, "data"),
    ({"options": {"model": "shapes", "report_to": ["mars"]}}, "report_to"),
]


def refusal(capsys, monkeypatch, command, path):
    """What the command says of a request on stderr."""
    monkeypatch.setattr(sys, "argv", ["rlvr_backend", command, str(path)])
    assert main() == 2
    said = capsys.readouterr().err
    assert said.startswith("error: ") and len(said.splitlines()) == 1
    return said


@pytest.fixture
def path(tmp_path):
    yield tmp_path / "request.json"
    assert {file.name for file in tmp_path.iterdir()} <= {"request.json"}, "nothing was written"


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: str(text[:12]))
def test_what_is_no_request(path, capsys, monkeypatch, text):
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    assert TEXTS[text] in (said := refusal(capsys, monkeypatch, "check", path)) and str(path) in said


@pytest.mark.parametrize(("changes", "said"), FIELDS, ids=[f"{changes!r:.60}" for changes, _ in FIELDS])
def test_a_field_that_cannot_be(path, capsys, monkeypatch, changes, said):
    path.write_text(json.dumps(GOOD | changes))
    assert said in refusal(capsys, monkeypatch, "check", path)


def test_no_request_at_all(path, capsys, monkeypatch):
    assert "cannot be read" in refusal(capsys, monkeypatch, "check", path)
    path.mkdir()
    assert "Is a directory" in refusal(capsys, monkeypatch, "check", path)


@pytest.mark.parametrize(("changes", "said"), [FIELDS[0], FIELDS[5], FIELDS[20]])
@pytest.mark.slow  # it imports the trainer first
def test_training_refuses_as_checking_does(path, capsys, monkeypatch, changes, said):
    path.write_text(json.dumps(GOOD | changes))
    assert said in refusal(capsys, monkeypatch, "train", path)

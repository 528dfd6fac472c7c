"""JSON of others through every door by which mixopt reads it: one line, or as if it were not there."""

import json
from pathlib import Path

import pytest

from mixopt.benchmark.results import read_results
from mixopt.errors import MixoptError
from mixopt.io.manual import ask_manual, tell_base_manual, tell_manual
from mixopt.leases.leases import Leases
from mixopt.paths import TrialFolder
from mixopt.reporting.dashboard.samples import read_samples
from mixopt.study.replicates import mixture_of
from mixopt.study.warm_start import warm_start
from mixopt.tables.run_files import read_old_runs
from mixopt.trainers.contract import Request, Result, TrialFailed
from mixopt.workers.event_tail import EventTail
from tests.support.toy_study import bare_study

DEEP = 100_000
DOCUMENTS = {
    "lists without end": "[" * DEEP,
    "lists": "[" * DEEP + "]" * DEEP,
    "objects": '{"a":' * DEEP + "1" + "}" * DEEP,
    "lists in an object": '{"evaluations": ' + "[" * DEEP + "]" * DEEP + "}",
    "as deep as Python reads": '{"a":' * 900 + "1" + "}" * 900,
    "digits": "9" * 5000,
    "digits in an object": '{"x": ' + "9" * 5000 + "}",
    "digits below Python's limit": '{"x": ' + "9" * 4200 + "}",
    "digits as a key": '{"' + "9" * 5000 + '": {"x": 1}}',
    "a huge exponent": '{"x": 1e999999999}',
    "nan": '{"x": NaN, "y": -Infinity}',
    "half a character": '{"\\ud800": "\\udfff", "x": "\\ud800"}',
    "a key twice": '{"x": 0.1, "x": 0.9}',
    "control characters": '{"\\u001b[31mx\\n": "\\u0000"}',
    "bytes": b'{"x": "\xff\xfe"}',
    "utf-16": '{"x": 1}'.encode("utf-16"),
    "nothing": "",
    "null": "null",
    "text": '"x"',
    "a number": "7",
    "an empty list": "[]",
    "lists of nothing": "[[], {}, null]",
    "an empty object": "{}",
    "kinds mixed": '{"x": [], "y": {}, "evaluations": {"x": 1}, "weights": 7, "steps": "x", "samples": 3, "kind": []}',
    "10 MB of one name": '{"' + "x" * 10**7 + '": 1}',
}
REQUEST = Request("toy", 0, 42, {"a": 0.5, "b": 0.25, "c": 0.25}, {"a": 9}, {"x": 9, "y": 9}, [2, 4], {})


def one_line(call, *arguments) -> None:
    """It succeeds, or says in one line of some length why not."""
    try:
        call(*arguments)
    except (MixoptError, TrialFailed) as error:
        assert len(str(error).splitlines()) == 1 and len(str(error)) < 1000, str(error)[:2000]


@pytest.fixture(params=DOCUMENTS)
def document(request, tmp_path) -> Path:
    content = DOCUMENTS[request.param]
    path = tmp_path / "trials" / "0000" / "document.json"
    path.parent.mkdir(parents=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    return bare_study(tmp_path_factory.mktemp("bare"))


@pytest.fixture(scope="module")
def asked(study):
    return ask_manual(study).number


def test_a_result(document):
    one_line(Result.read, document, REQUEST)


def test_scores_that_are_told(document, study, asked):
    for call in (lambda: tell_manual(study, asked, document), lambda: tell_base_manual(study, document)):
        with pytest.raises(MixoptError) as refused:
            call()
        assert len(str(refused.value).splitlines()) == 1 and len(str(refused.value)) < 1000


@pytest.mark.parametrize("end", ["json", "jsonl", "csv"])
def test_tables_of_runs(document, end):
    path = document.rename(document.with_suffix(f".{end}"))
    one_line(read_old_runs, [path], "x")


def test_scores_by_step_in_a_table(document, tmp_path):
    text = document.read_bytes().decode(errors="replace").replace('"', '""')
    (tmp_path / "runs.csv").write_text(f'w:a,w:b,value,evaluations\n0.5,0.5,1,"{text}"\n0.5,0.5,2,\n')
    one_line(read_old_runs, [tmp_path / "runs.csv"])


def test_what_is_passed_over(document):
    """Events, leases and requests of earlier trials that cannot be read are as none."""
    folder = TrialFolder(document.parent)
    line = document.read_bytes() + b"\n"
    folder.events.write_bytes(b"")
    tail = EventTail(folder.events)
    folder.events.write_bytes(line)
    assert all(isinstance(event, dict) for event in tail)
    folder.events.write_bytes(b'{"samples": [' + line.strip() + b"]}\n" + line)
    assert read_samples(folder.events) == []
    folder.request.write_bytes(line)
    folder.checkpoints.mkdir()
    assert warm_start(REQUEST, TrialFolder(document.parent.with_name("0001")), [folder]) is None


def test_a_lease(document, study):
    owner = study.folder.trial(77).path / "owner-1.json"
    owner.parent.mkdir(parents=True, exist_ok=True)
    owner.write_bytes(document.read_bytes())
    assert Leases(study.folder).seems_alive(77) in (False, True)
    assert isinstance(Leases(study.folder).owner(77), str | None)


def sum_of_tests_on_the_command_line(document, study):
    one_line(mixture_of, study, document.read_bytes().decode(errors="replace"))


def test_results_of_a_benchmark(document):
    document.write_bytes(document.read_bytes() + b"\n")
    one_line(read_results, document)


def test_the_doors_are_open(tmp_path):
    (tmp_path / "runs.jsonl").write_text(json.dumps({"weights": {"a": 0.5, "b": 0.5}, "score": 0.4}) + "\n")
    assert read_old_runs([tmp_path / "runs.jsonl"], "score").runs[0].weights == {"a": 0.5, "b": 0.5}

"""A home with folders that hold no study that can be read: each is listed with a short reason, beside the others."""

import json
import os
import shutil
import socket

import pytest

from tests.support.command_line import exit_code, refusal
from tests.support.toy_study import DONE, finished_study

DEEP = "[" * 100_000
FILES = {  # the content of study.yaml
    "empty": "",
    "open": "study: [",
    "no-date": "study: toy\ntrain_seed: 2024-13-45\n",
    "digits": f"study: toy\ntrain_seed: {'9' * 6000}\n",
    "no-int": "study: !!int x\n",
    "no-binary": "study: !!binary é\n",
    "bytes": bytes(range(256)),
    "utf-16": "study: toy\n".encode("utf-16"),
    "deep": DEEP,
    "bomb": "study: &a [*a]\n",
    "list": "- study\n",
    "other-name": "study: other\n",
    "nul": b"study: toy\0\n",
    "large": "#" * (10**7 + 1),
}
ATTRIBUTES = {  # what stands in the storage beside a finished trial
    "evaluations": 7,
    "phase": [[]],
    "row": {},
    "claim": "abc",
    "until": "soon",
    "replaces": [1],
    "history": 3,
    "label": [],
    "steps": "many",
    "on_simplex": 5,
}


def put(path, content) -> None:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MIXOPT_HOME", str(folder))
        return finished_study(folder).folder.path


@pytest.fixture
def home(made, tmp_path, monkeypatch):
    monkeypatch.setenv("MIXOPT_HOME", str(tmp_path))
    shutil.copytree(made, tmp_path / "toy")
    return tmp_path


def listed(home, monkeypatch, capfd) -> dict[str, dict]:
    """The studies by name, as scripts are told; the table must come too."""
    capfd.readouterr()
    assert exit_code(monkeypatch, "study", "list", "--json") == 0
    said = {study["study"]: study for study in json.loads(capfd.readouterr().out)}
    assert exit_code(monkeypatch, "study", "list") == 0
    told = capfd.readouterr()
    assert "toy" in told.out and "Traceback" not in told.err + told.out
    assert said["toy"]["done"] == DONE and said["toy"]["error"] is None
    for study in said.values():
        if study["error"] is not None:
            assert study["state"] == "unreadable"
            assert len(study["error"].splitlines()) == 1 and len(study["error"]) < 350 and study["error"].isprintable()
    return said


def test_study_files_that_cannot_be_read(home, monkeypatch, capfd):
    for name, content in FILES.items():
        (home / name).mkdir()
        put(home / name / "study.yaml", content)
    said = listed(home, monkeypatch, capfd)
    assert said.keys() == {"toy", *FILES}
    assert all(said[name]["state"] == "unreadable" for name in FILES)
    assert "line 2" in said["no-date"]["error"]


def test_study_files_that_are_no_plain_files(home, monkeypatch, capfd):
    for name in ("folder", "pipe", "loop", "nowhere", "device", "socket"):
        (home / name).mkdir()
    (home / "folder" / "study.yaml").mkdir()
    os.mkfifo(home / "pipe" / "study.yaml")
    (home / "loop" / "study.yaml").symlink_to("study.yaml")
    (home / "nowhere" / "study.yaml").symlink_to("nothing")
    (home / "device" / "study.yaml").symlink_to("/dev/zero")
    monkeypatch.chdir(home / "socket")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("study.yaml")
    (home / "around").symlink_to("around")
    (home / "a file").write_text("study: toy\n")
    said = listed(home, monkeypatch, capfd)
    assert said.keys() == {"toy", "folder", "pipe", "loop", "nowhere", "device", "socket"}
    for name in ("pipe", "device", "socket"):
        assert f"study.yaml: is no plain file, so there is no study {name!r}" in said[name]["error"]
    assert "no plain file" in refusal(capfd, monkeypatch, "study", "show", "pipe")


@pytest.mark.parametrize("name", ["two\nlines", "\x1b[31mred", "\udcff", "m\u202eoc", "a b", "-h", "[bold]"])
def test_a_folder_whose_name_is_no_study_s(home, monkeypatch, capfd, name):
    (home / name).mkdir()
    put(home / name / "study.yaml", "study: x\n")
    said = listed(home, monkeypatch, capfd)
    assert len(said) == 2 and all(name.isprintable() for name in said)


@pytest.mark.parametrize("name", ["journal.log", "storage"])
def test_a_storage_that_is_no_plain_file(home, monkeypatch, capfd, made, name):
    kinds = {"pipe": os.mkfifo, "folder": os.mkdir, "loop": lambda path: os.symlink(name, path)}
    for kind, make in kinds.items():
        shutil.copytree(made, home / kind)
        put(home / kind / "study.yaml", (made / "study.yaml").read_text().replace("study: toy", f"study: {kind}"))
        (home / kind / name).unlink(missing_ok=True)
        make(home / kind / name)
    said = listed(home, monkeypatch, capfd)
    assert all(said[kind]["state"] == "unreadable" for kind in kinds)


LINES = [DEEP, "7", "9" * 5000, '{"op_code": 4}', '{"op_code": "x"}', '{"op_code": 4, "study_id": 0}']


@pytest.mark.parametrize("line", LINES, ids=lambda line: line[:20])
def test_a_journal_with_a_garbled_line(home, monkeypatch, capfd, made, line):
    shutil.copytree(made, home / "two")
    put(home / "two" / "study.yaml", (made / "study.yaml").read_text().replace("study: toy", "study: two"))
    journal = (made / "journal.log").read_text().replace('"toy"', '"two"')
    put(home / "two" / "journal.log", journal + line + "\n" + journal)
    assert listed(home, monkeypatch, capfd)["two"]["state"] == "unreadable"


@pytest.mark.parametrize("key", ATTRIBUTES)
def test_a_trial_with_an_attribute_of_another_kind(home, monkeypatch, capfd, made, key):
    shutil.copytree(made, home / "two")
    put(home / "two" / "study.yaml", (made / "study.yaml").read_text().replace("study: toy", "study: two"))
    lines = [json.loads(line) for line in (made / "journal.log").read_text().replace('"toy"', '"two"').splitlines()]
    spoilt = {"op_code": 8, "worker_id": "x-0", "trial_id": 0, "user_attr": {key: ATTRIBUTES[key]}}
    place = next(i for i, line in enumerate(lines) if line["op_code"] == 6 and line["trial_id"] == 0)
    lines.insert(place, spoilt)
    put(home / "two" / "journal.log", "".join(json.dumps(line) + "\n" for line in lines))
    assert "two" in listed(home, monkeypatch, capfd)


def test_names_are_completed_beside_them(home):
    from mixopt.paths import study_names

    (home / "loop").symlink_to("loop")
    (home / "pipe").mkdir()
    os.mkfifo(home / "pipe" / "study.yaml")
    assert study_names() == ["pipe", "toy"]
    assert study_names(home / "nowhere") == []


def test_a_new_study_beside_a_pipe_is_refused_at_once(home, monkeypatch, capfd, made):
    (home / "two").mkdir()
    os.mkfifo(home / "two" / "study.yaml")
    file = home / "two.yaml"
    put(file, (made / "study.yaml").read_text().replace("study: toy", "study: two"))
    assert "holds no study" in refusal(capfd, monkeypatch, "study", "create", file)


def test_a_study_in_a_folder_that_may_not_be_read(home, monkeypatch, capfd):
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    (home / "closed").mkdir()
    put(home / "closed" / "study.yaml", "study: closed\n")
    (home / "closed" / "study.yaml").chmod(0)
    assert "Permission denied" in listed(home, monkeypatch, capfd)["closed"]["error"]

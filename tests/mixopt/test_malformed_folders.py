"""What may happen to a study's folder: each command says in one line what is spoilt, and touches nothing."""

import errno
import json
import os
import shutil
from io import StringIO

import pytest
from optuna.trial import TrialState
from rich.console import Console

from mixopt.cli.progress import progress_for
from mixopt.cli.study_list import StudySummary
from mixopt.study.plan import trainer_of
from mixopt.study.study import Study
from mixopt.workers.worker import Worker
from tests.support.command_line import exit_code, refusal
from tests.support.toy_study import DONE, finished, finished_study, toy_file

OTHERS = '{"op": 1}\n[2]\n'


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """The folder of the toy study."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("MIXOPT_HOME", str(folder))
        return finished_study(folder, strategy=[{"seed": ["single", "exclude_one"]}]).folder.path


@pytest.fixture
def folder(made, tmp_path, monkeypatch):
    """A copy of it, under a home of its own."""
    monkeypatch.setenv("MIXOPT_HOME", str(tmp_path))
    return shutil.copytree(made, tmp_path / "toy")


@pytest.fixture
def spoil(folder):
    """Spoils a file of the folder: its new content, or None to put a folder in its place. Afterwards it is fixed, and
    the finished trials must be there."""
    spoilt = {}

    def put(name: str, content: str | bytes | None) -> None:
        path = folder / name
        spoilt[path] = path.read_bytes() if path.exists() else None
        if content is None:
            path.unlink(missing_ok=True)
            path.mkdir()
        else:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())

    yield put
    for path, before in spoilt.items():
        shutil.rmtree(path) if path.is_dir() else path.unlink()
        if before is not None:
            path.write_bytes(before)
    assert finished() == DONE


def of_another_study(journal: bytes) -> bytes:
    return journal.replace(b'"toy"', b'"two"')


def with_a_torn_line(journal: bytes) -> bytes:
    lines = journal.splitlines(keepends=True)
    return b"".join([*lines[:3], lines[3][:9], b"\n", *lines[4:]])


def from_the_middle(journal: bytes) -> bytes:
    return journal[len(journal) // 2 :]


JOURNALS = {
    "empty": "",
    "a folder": None,
    "binary": bytes(range(256)) * 9,
    "another program's JSON": OTHERS,
    "text": "a log\nof something else\n",
    "operations that are none": '{"op_code": 99, "worker_id": "x"}\n',
    "of another study": of_another_study,
    "a torn line in the middle": with_a_torn_line,
    "without its beginning": from_the_middle,
    "nested deeply": "[" * 100_000 + "\n",
}


@pytest.mark.parametrize("command", ["show", "resume"])
@pytest.mark.parametrize("name", JOURNALS)
def test_a_spoilt_journal(folder, spoil, capfd, monkeypatch, name, command):
    content = JOURNALS[name]
    spoil("journal.log", content((folder / "journal.log").read_bytes()) if callable(content) else content)
    assert "journal.log" in refusal(capfd, monkeypatch, "study", command, "toy")


def test_a_journal_that_is_gone(folder, capfd, monkeypatch):
    (folder / "journal.log").unlink()
    assert "is missing: restore it" in refusal(capfd, monkeypatch, "study", "show", "toy")


@pytest.mark.parametrize(
    ("content", "said", "lines"),
    [
        ("", "is not a study file", 1),
        (b"\xff\xfe", "is not YAML", 1),
        ("study: toy\n", "is missing", 4),
        (None, "no study 'toy'", 1),
    ],
)
@pytest.mark.parametrize("command", ["show", "resume", "recommend", "stop"])
def test_a_spoilt_study_file(spoil, capfd, monkeypatch, content, said, lines, command):
    spoil("study.yaml", content)
    assert said in refusal(capfd, monkeypatch, "study", command, "toy", lines=lines)


def test_a_spoilt_study_is_listed_beside_the_others(spoil, capfd, monkeypatch):
    spoil("study.yaml", "study: [\n")
    assert exit_code(monkeypatch, "study", "list") == 0
    assert "unreadable" in capfd.readouterr().out


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"\xff\xfe\x00", "storage: is no text"),
        (None, "storage: cannot be read"),
        ("redis://host", "of an unknown kind"),
        ("sqlite:////proc/none/toy.db", "cannot be opened"),
        ("two\nlines", "of an unknown kind"),
    ],
)
def test_a_spoilt_address(spoil, capfd, monkeypatch, content, said):
    spoil("storage", content)
    assert said in refusal(capfd, monkeypatch, "study", "show", "toy")


def test_a_study_whose_storage_may_not_be_written_is_listed_beside_the_others(folder, capfd, monkeypatch):
    other = Study.create(toy_file(folder.parent, study="other"))
    of = StudySummary.of

    def standing(study):
        if study.spec.study == "toy":
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(study.folder.journal))
        return of(study)

    monkeypatch.setattr(StudySummary, "of", standing)
    assert exit_code(monkeypatch, "study", "list", "--json") == 0
    first, second = json.loads(capfd.readouterr().out)
    assert (first["study"], first["state"]) == (other.spec.study, "to resume")
    assert second["state"] == "unreadable" and second["error"] == f"{folder}/journal.log: Permission denied"


OWNERS = ["", "{", "[]", '"me"', '{"owner": 3, "machine": [], "released": "no"}', "[" * 100_000, b"\xff\xfe"]


@pytest.mark.parametrize("content", OWNERS)
def test_a_spoilt_lease_does_not_stop_the_study(folder, capfd, monkeypatch, content):
    study = Study.open("toy")
    asked = study.ask(study.sampler())
    asked.folder.path.mkdir(parents=True)
    owner = asked.folder.path / "owner-1.json"
    owner.write_bytes(content if isinstance(content, bytes) else content.encode())
    for command in ("show", "list"):
        assert exit_code(monkeypatch, "study", command, *["toy"] * (command == "show")) == 0
    assert "Traceback" not in capfd.readouterr().err


IN_THE_WAY = {  # a name in a trial's folder ("" is that itself), what is there (None: a folder), why the trial fails
    "an empty request": ("request.json", "", None),
    "a torn request": ("request.json", "{", None),
    "a deep request": ("request.json", "[" * 100_000, None),
    "a binary request": ("request.json", b"\xff\xfe", None),
    "a result as request": ("request.json", '{"evaluations": []}', None),
    "a request that is a folder": ("request.json", None, "request.json: Is a directory"),
    "a log that is a folder": ("log.txt", None, "log.txt: Is a directory"),
    "a lock that is a folder": ("lock", None, "lock: Is a directory"),
    "a folder that is a file": ("", "no folder", "0008: is no folder: move it away"),
    "a torn result": ("result.json", "{", "result.json does not keep the contract"),
}


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A study in which one thing after the other was in the way of the first trials."""
    home = tmp_path_factory.mktemp("trained")
    own = [{"name": f"m{i}", "weights": {"a": i / 100, "b": 1 - i / 100, "c": 0}} for i in range(len(IN_THE_WAY))]
    study = Study.create(toy_file(home, strategy=[{"seed": own}]), home / "toy")
    for number, (name, content, _) in enumerate(IN_THE_WAY.values()):
        path = study.folder.trial(number).path / name
        (path if content is None else path.parent).mkdir(parents=True, exist_ok=True)
        if content is not None:
            path.write_bytes(content if isinstance(content, bytes) else content.encode())
    backends = [trainer_of(study.spec) for _ in range(2)]
    Worker(study, backends, progress_for(Console(file=StringIO()), "toy")).run()
    return study


@pytest.mark.parametrize("name", IN_THE_WAY)
def test_what_is_in_the_way_of_a_trial(trained, name):
    number, said = list(IN_THE_WAY).index(name), IN_THE_WAY[name][-1]
    trial = trained.trials()[number]
    if said is None:
        assert trial.state == TrialState.COMPLETE
    else:
        assert trial.state == TrialState.FAIL
        reason = trial.user_attrs["reason"]
        assert said in reason and len(reason.splitlines()) == 1


def test_the_study_went_on_beside_it(trained):
    given_up = trained.sampler().given_up(trained.history())
    assert len(trained.trials(TrialState.COMPLETE)) + given_up == len(IN_THE_WAY), "what failed was tried once more"
    assert not trained.trials(TrialState.RUNNING)


def test_a_folder_that_may_not_be_read(folder, capfd, monkeypatch):
    if os.geteuid() == 0:
        pytest.skip("root may read everything")
    folder.chmod(0)
    assert "fix its permissions" in refusal(capfd, monkeypatch, "study", "show", "toy")

"""Study folders are for their user alone, whatever the umask; one that was opened by hand stays open."""

import json
import os
import stat
import sys
from pathlib import Path

import pytest

from mixopt.paths import StudyFolder
from mixopt.storage.url import StorageUrl
from mixopt.study.study import Study
from tests.support.command_line import exit_code
from tests.support.toy_study import toy_file

UMASKS = (0o000, 0o022, 0o077)


@pytest.fixture(params=UMASKS, ids=oct)
def umask(request):
    before = os.umask(request.param)
    yield
    os.umask(before)


@pytest.fixture
def no_umask():
    """The one that keeps nobody out."""
    before = os.umask(0)
    yield
    os.umask(before)


def mode(path):
    return stat.S_IMODE(Path(path).stat().st_mode)


def reachable(folder):
    """What another user can reach below a folder."""
    found = []
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if mode(Path(place, name)) & 0o077]
        found += [Path(place, name) for name in (*folders, *files)]
    return found if mode(folder) & 0o077 else []


def runs_file(tmp_path):
    path = tmp_path / "runs.csv"
    path.write_text("a,b,score\n" + "".join(f"{i / 9},{1 - i / 9},{i / 10}\n" for i in range(9)))
    return path


@pytest.mark.parametrize("made_by", ["create", "import"])
@pytest.mark.parametrize("place", ["home", "folder"])
def test_what_makes_a_study_makes_it_private(umask, made_by, place, tmp_path, home, monkeypatch, capfd):
    folder = home / "toy" if place == "home" else tmp_path / "shelf" / "deep" / "toy"
    said = [] if place == "home" else ["--folder", folder]
    argv = [toy_file(tmp_path)] if made_by == "create" else ["toy", runs_file(tmp_path), "--value", "score"]
    assert exit_code(monkeypatch, "study", made_by, *argv, *said) == 0, capfd.readouterr()
    assert mode(folder) == 0o700
    made = [above for above in folder.parents if tmp_path in above.parents]
    assert made and {mode(above) for above in made} == {0o700}  # also $MIXOPT_HOME, and what lies between
    assert sorted(path.name for path in folder.parent.iterdir()) == ["toy"]


def test_all_that_a_run_leaves_is_out_of_reach(no_umask, tmp_path, home, monkeypatch, capfd):
    file = toy_file(tmp_path, strategy=[{"seed": ["all"]}])
    home.mkdir(mode=0o755)
    home.chmod(0o755)  # a home that was there is its user's to open or close
    assert exit_code(monkeypatch, "study", "create", file) == 0
    assert exit_code(monkeypatch, "study", "resume", "toy") == 0
    assert exit_code(monkeypatch, "study", "replicate", "toy", "all", "--seeds", "1") == 0
    assert exit_code(monkeypatch, "study", "report", "toy") == 0
    assert mode(home) == 0o755
    folder = home / "toy"
    for place in ("trials", "replicates", "figures", "journal.log"):
        assert (folder / place).exists()
    assert reachable(home / "toy") == [] and mode(folder) == 0o700


def test_the_file_with_the_url_is_readable_by_its_owner_alone_from_its_first_byte(umask, tmp_path):
    """As somebody sees it who looks at every call that is made meanwhile."""
    folder, url, seen = StudyFolder(tmp_path), "postgresql://me:hush@host/db", []

    def look(*_):
        seen.extend([mode(folder.storage_url)] if os.path.exists(folder.storage_url) else [])

    sys.setprofile(look)
    try:
        StorageUrl(url).save(folder)
    finally:
        sys.setprofile(None)
    assert set(seen) == {0o600} and folder.storage_url.read_text() == url + "\n"


def test_so_it_is_in_a_study_that_was_created(umask, tmp_path):
    study = Study.create(toy_file(tmp_path), tmp_path / "toy", f"sqlite:///{tmp_path}/a.db")
    assert mode(study.folder.storage_url) == 0o600


def test_a_folder_that_was_opened_for_a_group_stays_open(no_umask, tmp_path, home, monkeypatch, capfd):
    file = toy_file(tmp_path, strategy=[{"seed": ["all"]}])
    Study.create(file)
    folder = home / "toy"
    home.chmod(0o710)
    folder.chmod(0o2770)
    scores = tmp_path / "scores.json"
    scores.write_text(json.dumps({"a_test": 0.1, "x": 0.1, "y": 0.1}))
    for words in (
        ["ask", "toy"],
        ["tell", "toy", 0, "--scores", scores],
        ["pause", "toy"],
        ["show", "toy"],
        ["import", "toy", "--study", "toy"],
        ["report", "toy"],
        ["list"],
        ["create", file],
    ):
        exit_code(monkeypatch, "study", *words)
        assert mode(folder) == 0o2770 and mode(home) == 0o710, words

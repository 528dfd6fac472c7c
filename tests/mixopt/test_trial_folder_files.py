"""Pipes, links and large files in place of the files of a trial's folder."""

import os
import threading
from threading import Event

import pytest

from mixopt.leases.leases import Leases
from mixopt.paths import StudyFolder, TrialFolder
from mixopt.storage.files import MOST, read_own
from mixopt.study.warm_start import warm_start
from mixopt.trainers.command import CommandTrainer
from mixopt.trainers.contract import TrialFailed
from tests.support.launchers import WRITE_RESULT, request_of, script_trainer, start_optimiser


@pytest.fixture
def folder(tmp_path):
    folder = TrialFolder(tmp_path / "trial")
    folder.path.mkdir()
    return folder


def soon(call):
    """What a call returns that must not wait for anybody."""
    came = []
    thread = threading.Thread(target=lambda: came.append(call()), daemon=True)
    thread.start()
    thread.join(20)
    assert came, "it waits for somebody"
    return came[0]


@pytest.mark.parametrize("name", ["request.json", "request.json.tmp", "events.jsonl", "log.txt", "rank-0.lock"])
def test_a_pipe_in_place_of_a_file_blocks_nothing(folder, name):
    os.mkfifo(folder.path / name)
    worker = start_optimiser(script_trainer(WRITE_RESULT), request_of(2, 0), folder)
    try:
        assert worker.wait(30) == 0
    finally:
        worker.kill()


def test_a_log_that_became_a_pipe_fails_the_trial(folder):
    """On the second try, when it is added to."""
    swap = "os.path.exists(folder / 'log.txt') and (folder / 'log.txt').unlink(); os.mkfifo(folder / 'log.txt')"
    argv = script_trainer(swap, "os.kill(os.getpid(), 9)")
    with pytest.raises(TrialFailed, match=r"log\.txt: it is no plain file: move away what is in its place"):
        CommandTrainer(argv).run(request_of(2, 0), folder, Event())


def test_a_lock_that_is_no_plain_file_fails_the_trial_with_the_fix(folder):
    os.mkfifo(folder.lock)
    with pytest.raises(TrialFailed, match=r"lock: it is no plain file: move away what is in its place"):
        CommandTrainer(script_trainer(WRITE_RESULT)).run(request_of(2, 0), folder, Event())


def test_a_lock_that_is_a_link_to_another_folder_is_not_written_through(folder, tmp_path):
    (tmp_path / "precious").write_text("kept")
    folder.lock.symlink_to(tmp_path / "precious")
    with pytest.raises(TrialFailed, match=r"lock: a link leads out of the trial's folder: remove the link"):
        CommandTrainer(script_trainer(WRITE_RESULT)).run(request_of(2, 0), folder, Event())
    assert (tmp_path / "precious").read_text() == "kept"


def test_a_request_half_written_through_a_link_changes_no_other_file(folder, tmp_path):
    (tmp_path / "precious").write_text("kept")
    (folder.path / "request.json.tmp").symlink_to(tmp_path / "precious")
    assert CommandTrainer(script_trainer(WRITE_RESULT)).run(request_of(2, 0), folder, Event()).steps == 2
    assert (tmp_path / "precious").read_text() == "kept"


def test_a_lock_of_any_bytes_names_no_process(folder):
    folder.lock.write_bytes(b"\xff\xfe\x00")
    assert CommandTrainer(script_trainer(WRITE_RESULT)).run(request_of(2, 0), folder, Event()).steps == 2


@pytest.mark.parametrize("name", ["request.json", "result.json", "events.jsonl"])
def test_what_is_too_large_is_not_read(folder, name):
    with (folder.path / name).open("wb") as file:
        file.truncate(MOST + 1)  # sparse
    with pytest.raises(OSError, match="it is larger than 256 MiB"):
        read_own(folder.path / name)


def test_a_pipe_in_place_of_a_lease_is_no_living_owner(tmp_path):
    leases = Leases(StudyFolder(tmp_path), patience=0.2)
    leases.take(0, 1).release()
    path = StudyFolder(tmp_path).trial(0).path / "owner-1.json"
    path.unlink()
    os.mkfifo(path)
    assert soon(lambda: leases.owner(0)) is None
    assert not soon(lambda: leases.abandoned(0, 1)), "it is watched first"
    threading.Event().wait(0.3)
    assert soon(lambda: leases.abandoned(0, 1))
    assert soon(lambda: leases.take(0, 2))


def test_a_pipe_in_place_of_another_request_gives_no_warm_start(folder, tmp_path):
    os.mkfifo(folder.request)
    folder.checkpoints.mkdir()
    own = TrialFolder(tmp_path / "own")
    assert soon(lambda: [warm_start(request_of(2, 0), own, [folder])]) == [None]

"""Leases: one owner of a trial at a time, and when another worker may take the trial over."""

import errno
import multiprocessing
import os
import signal
import time
from types import SimpleNamespace

import pytest

from mixopt.leases.leases import Leases
from mixopt.paths import StudyFolder


@pytest.fixture
def folder(tmp_path):
    return StudyFolder(tmp_path)


def own(path, ready):
    held = Leases(StudyFolder(path)).take(7, 1)
    ready.set()
    time.sleep(60)
    held.release()


def owner_elsewhere(folder):
    context = multiprocessing.get_context("fork")
    ready = context.Event()
    process = context.Process(target=own, args=(folder.path, ready))
    process.start()
    assert ready.wait(60)
    return process


def test_a_trial_without_an_owner_is_abandoned_and_can_be_taken_once(folder):
    leases = Leases(folder)
    assert leases.turn(7) == 0 and leases.abandoned(7, 0)
    held = leases.take(7, 1)
    assert held and held.turn == 1 and not held.lost and not leases.abandoned(7, 1)
    assert leases.owner(7).endswith(f":{os.getpid()}")


def test_a_killed_owner_is_taken_over_at_once_and_a_living_one_is_not(folder):
    process = owner_elsewhere(folder)
    leases = Leases(folder)
    try:
        assert not leases.abandoned(7, 1)
        os.kill(process.pid, signal.SIGKILL)
        process.join()
        assert leases.abandoned(7, 1) and leases.owner(7) is None
        held = leases.take(7, 2)
        assert held and held.turn == 2 and leases.deaths(7) == 2
    finally:
        process.kill()


def test_an_owner_without_heartbeats_is_taken_over_and_notices_that(folder, monkeypatch):
    clock = [0.0]
    monkeypatch.setattr("mixopt.leases.leases.time", SimpleNamespace(monotonic=lambda: clock[0], time=time.time))
    first = Leases(folder).take(7, 1)
    watch = Leases(folder, patience=60)
    assert not watch.abandoned(7, 1)
    clock[0] = 50
    os.utime(first.path, ns=(1, 1))  # a heartbeat
    assert not watch.abandoned(7, 1)
    clock[0] = 109
    assert not watch.abandoned(7, 1)
    clock[0] = 110
    assert watch.abandoned(7, 1) and not first.lost
    assert watch.take(7, 2) and first.lost


def test_of_two_workers_that_take_the_same_turn_one_gets_it(folder):
    first = Leases(folder).take(7, 1)
    assert first and Leases(folder).take(7, 1) is None


def test_an_owner_that_releases_its_lease_has_not_died(folder):
    leases = Leases(folder)
    leases.take(7, 1).release()
    assert leases.abandoned(7, 1) and leases.deaths(7) == 0 and not leases.seems_alive(7)


def test_a_clock_set_back_ends_no_lease(folder):
    held, watch = Leases(folder).take(7, 1), Leases(folder, patience=0.3)
    assert not watch.abandoned(7, 1)
    hour_ago = time.time() - 3600
    os.utime(held.path, (hour_ago, hour_ago))
    assert not watch.abandoned(7, 1)


def test_an_owner_that_died_while_it_wrote_its_lease_is_taken_over_after_a_while(folder):
    folder.trial(7).path.mkdir(parents=True)
    (folder.trial(7).path / "owner-1.json").write_text('{"own')
    watch = Leases(folder, patience=0.2)
    assert not watch.abandoned(7, 1)
    time.sleep(0.25)
    assert watch.abandoned(7, 1)


@pytest.mark.parametrize("broken", ["write_lease", "os.link"])
def test_a_lease_file_is_complete_or_absent(tmp_path, monkeypatch, broken):
    """Of a file that its owner could not finish nobody could tell whether he lives."""
    leases = Leases(StudyFolder(tmp_path))

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched, pytest.raises(OSError, match="No space left"):
        patched.setattr(f"mixopt.leases.lease_file.{broken}", full)
        leases.take(0, 1)
    assert leases.turn(0) == 0 and not list(StudyFolder(tmp_path).trial(0).path.iterdir())
    assert leases.take(0, 1) and leases.take(0, 1) is None and leases.seems_alive(0)

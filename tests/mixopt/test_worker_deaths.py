"""What happens when a worker dies: takeovers, deaths that count against a trial, lost leases, unusable folders."""

import errno
import json
import os
import shutil
import subprocess
import sys
import threading
import time
from io import StringIO
from types import SimpleNamespace

import pytest
from optuna.trial import TrialState
from rich.console import Console

from mixopt.cli.progress import Lines
from mixopt.errors import StorageError, StudyBusyError
from mixopt.history.keys import BEGAN
from mixopt.leases.heartbeats import Heartbeats
from mixopt.leases.leases import Leases
from mixopt.paths import StudyFolder
from mixopt.storage.transient_errors import Outage
from mixopt.study.limits import Limits
from mixopt.study.study import Study
from mixopt.study.trial_queue import TrialQueue
from mixopt.trainers.contract import Trainer, TrialStopped
from mixopt.workers.worker import Worker
from tests.support.running_workers import trial_queue, wait_until
from tests.support.toy_study import toy_file

ONE = [{"seed": ["all"]}]
RESUME = [sys.executable, "-m", "mixopt.cli", "study", "resume", "toy"]


def rewrite(path, **changes):
    """Have a lease say something else, as if another had written it."""
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def elsewhere(lease):
    """Have a lease be one of another machine, whose owner does not touch it."""
    rewrite(lease.path, machine="another", host="another", owner="another:1")


def slurm(tmp_path, monkeypatch, said):
    """A `scontrol` that says this of every job, which is not there where it says nothing."""
    tool = tmp_path / "bin" / "scontrol"
    tool.parent.mkdir(exist_ok=True)
    tool.write_text(f"#!/bin/sh\necho '{said}'\n" if said else "#!/bin/sh\nexit 1\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tool.parent}:{os.environ['PATH']}")


# -- deaths


@pytest.mark.parametrize(
    ("said", "deaths"),
    [
        ("JobId=7 JobState=TIMEOUT Restarts=0", 0),
        ("JobId=7 JobState=PREEMPTED Restarts=0", 0),
        ("JobId=7 JobState=NODE_FAIL Restarts=0", 0),
        ("JobId=7 JobState=CANCELLED Restarts=0", 0),
        ("JobId=7 JobState=PENDING Reason=BeginTime Restarts=0", 0),
        ("JobId=7 JobState=RUNNING Restarts=1", 0),
        ("JobId=7 JobState=RUNNING Restarts=0", 1),
        ("JobId=7 JobState=OUT_OF_MEMORY Restarts=0", 1),
        ("JobId=7 JobState=FAILED Restarts=0", 1),
        ("", 1),
    ],
)
def test_a_worker_that_the_scheduler_ended_counts_against_no_trial(tmp_path, monkeypatch, said, deaths):
    slurm(tmp_path, monkeypatch, said)
    monkeypatch.setenv("SLURM_JOB_ID", "7")
    leases = Leases(StudyFolder(tmp_path))
    leases.take(0, 1)
    assert leases.deaths(0) == deaths
    second = leases.take(0, 2)
    slurm(tmp_path, monkeypatch, "JobId=7 JobState=FAILED Restarts=9")
    second.release()
    assert leases.deaths(0) == deaths, "what was found at the takeover stays"


def test_a_restart_of_the_machine_counts_against_no_trial(tmp_path):
    leases = Leases(StudyFolder(tmp_path))
    rewrite(leases.take(0, 1).path, machine="before its restart")
    assert leases.deaths(0) == 0
    leases.take(0, 2).release()
    assert json.loads((StudyFolder(tmp_path).trial(0).path / "owner-2.json").read_text())["before"] == (
        "its machine restarted"
    )
    assert leases.deaths(0) == 0


def test_a_trial_fails_once_five_of_its_workers_have_died_and_not_before(tmp_path):
    study = Study.create(toy_file(tmp_path, strategy=ONE))
    for lives in range(5):
        held = trial_queue(study).next()
        assert held and held.lease.turn == lives + 1, "it lives on"
        held.lease._file.close()  # as the kernel does for a process that is killed
    trial_queue(study).next()
    [failed, *_] = study.trials(TrialState.FAIL)
    assert failed.number == 0 and "its worker died 5 times" in failed.user_attrs["reason"]


# -- leases that are lost, and heartbeats


class Obedient(Trainer):
    """Trains until it is told to stop."""

    def __init__(self):
        self.began, self.stopped = threading.Event(), threading.Event()

    def run(self, request, folder, stop):
        self.began.set()
        assert stop.wait(60)
        self.stopped.set()
        raise TrialStopped("the run was stopped")


def test_an_owner_gives_heartbeats_and_ends_its_trainer_once_its_lease_is_lost(tmp_path, monkeypatch):
    monkeypatch.setattr("mixopt.leases.heartbeats.HEARTBEAT_INTERVAL", 0.05)
    study, backend = Study.create(toy_file(tmp_path, strategy=ONE)), Obedient()
    worker = Worker(study, [backend], Lines(Console(file=StringIO()), "toy"))
    thread = threading.Thread(target=worker.run, daemon=True)
    thread.start()
    assert backend.began.wait(60)
    path = study.folder.trial(0).path / "owner-1.json"
    os.utime(path, (1, 1))
    wait_until(lambda: path.stat().st_mtime > 1, seconds=10)
    other = Leases(study.folder).take(0, 2)
    assert backend.stopped.wait(10), "its trainer was told to end"
    study.optuna.tell(0, 0.5)
    other.release()
    thread.join(60)
    assert not thread.is_alive()


def test_a_lost_lease_is_noticed_where_the_folder_is_read_only(tmp_path, monkeypatch):
    monkeypatch.setattr("mixopt.leases.heartbeats.HEARTBEAT_INTERVAL", 0.05)
    lease, lost, heartbeats = Leases(StudyFolder(tmp_path)).take(0, 1), threading.Event(), Heartbeats()
    Leases(StudyFolder(tmp_path)).take(0, 2)

    def read_only(*_, **__):
        raise OSError(errno.EROFS, "Read-only file system")

    monkeypatch.setattr("mixopt.leases.leases.os.utime", read_only)
    heartbeats.leases[lease] = lost
    heartbeats.start()
    assert lost.wait(10)
    heartbeats.end()


# -- no clock of another machine


def beating(path, behind, over):
    """Touch a lease as an owner does whose clock is behind."""
    while not over.wait(0.05):
        os.utime(path, (time.time() - behind, time.time() - behind))


@pytest.mark.parametrize("behind", [3600.0, -3600.0])
def test_a_study_is_not_deleted_while_a_worker_with_a_wrong_clock_trains_it(tmp_path, behind, monkeypatch):
    study = Study.create(toy_file(tmp_path, strategy=ONE))
    lease = trial_queue(study).next().lease
    elsewhere(lease)
    over = threading.Event()
    thread = threading.Thread(target=beating, args=(lease.path, behind, over))
    thread.start()
    try:
        with pytest.warns(UserWarning, match="another:1: watched for up to 60 s"), pytest.raises(StudyBusyError):
            study.delete()
    finally:
        over.set()
        thread.join()
    assert study.folder.spec.exists()


def test_a_study_whose_worker_on_another_machine_has_died_is_deleted_after_its_lease_ran_out(tmp_path, monkeypatch):
    study = Study.create(toy_file(tmp_path, strategy=ONE))
    lease = trial_queue(study).next().lease
    elsewhere(lease)
    monkeypatch.setattr("mixopt.study.study.Leases", lambda folder: Leases(folder, patience=0.5))
    started = time.monotonic()
    with pytest.warns(UserWarning, match="watched"):
        study.delete()
    assert time.monotonic() - started >= 0.5 and not study.folder.path.exists()


def test_seems_alive_uses_the_clock_of_the_file_system(tmp_path, monkeypatch):
    leases = Leases(StudyFolder(tmp_path))
    lease = leases.take(0, 1)
    elsewhere(lease)
    monkeypatch.setattr("mixopt.leases.leases.time", SimpleNamespace(time=lambda: 9e9, monotonic=time.monotonic))
    lease.renew()
    assert leases.seems_alive(0)
    os.utime(lease.path, (time.time() - 61, time.time() - 61))
    assert not leases.seems_alive(0)


@pytest.mark.parametrize("wrong", [-10.0, 10.0])
def test_a_budget_in_hours_does_not_depend_on_the_clock_of_a_machine(tmp_path, monkeypatch, wrong):
    """A trial's start is what the machine that began it took for the time."""
    study = Study.create(toy_file(tmp_path, strategy=[{"seed": ["all", "single"]}], budget={"hours": 2}))
    assert trial_queue(study).next()
    journal = study.folder.journal
    lines = [json.loads(line) for line in journal.read_text().splitlines()]
    for line in lines:
        if line["op_code"] == 4:
            began = time.time() + wrong * 3600
            line["datetime_start"] = time.strftime("%Y-%m-%dT%H:%M:%S+00:00", time.gmtime(began))
    journal.write_text("".join(json.dumps(line) + "\n" for line in lines))
    again = Study.open("toy")
    assert Limits(again).reached(again.sampler()) is None
    again.optuna.set_user_attr(BEGAN, again.optuna.user_attrs[BEGAN] - 2.5 * 3600)
    assert "2.5 of 2 hours on the clock are used" in Limits(again).reached(again.sampler())


# -- folders that cannot be used


def may_mount():
    return shutil.which("unshare") and not subprocess.run(["unshare", "-m", "true"], capture_output=True).returncode


@pytest.mark.skipif(not may_mount(), reason="no mount namespace of one's own here")
def test_a_worker_ends_with_one_line_where_the_trials_folder_is_read_only(tmp_path):
    study = Study.create(toy_file(tmp_path, strategy=ONE))
    trials = study.folder.path / "trials"
    trials.mkdir()
    mount = f'mount --bind {trials} {trials} && mount -o remount,ro,bind {trials} && exec "$@"'
    worker = subprocess.run(
        ["unshare", "-m", "sh", "-c", mount, "sh", *RESUME], capture_output=True, text=True, timeout=60
    )
    assert worker.returncode == 2, worker
    [line] = worker.stderr.splitlines()
    assert str(trials) in line and "(Read-only file system): mount it writable, and resume" in line
    assert subprocess.run(RESUME, capture_output=True, timeout=120).returncode == 0
    assert [trial.state for trial in study.trials()] == [TrialState.COMPLETE]


def test_a_full_disk_is_waited_for_up_to_a_limit(tmp_path, monkeypatch):
    study = Study.create(toy_file(tmp_path, strategy=ONE))
    broken = [OSError(errno.ENOSPC, "No space left on device", "owner-1.json")] * 2

    link = os.link

    def full(*paths):
        if broken:
            raise broken.pop()
        link(*paths)

    monkeypatch.setattr("mixopt.leases.lease_file.os.link", full)
    patient = TrialQueue(study, Leases(study.folder), outage=Outage(study.folder.path, 0.2))
    with pytest.warns(UserWarning, match="No space left on device.*tried again for 0.2 s"):
        assert patient.next() is None
    time.sleep(0.25)
    with pytest.raises(StorageError, match=r"owner-1.json: could not be used for 0.2 s .*make room on the disk"):
        patient.next()
    assert patient.next().asked.number == 0, "the trial was left, and is taken up"


def begins_where_it_cannot(study, monkeypatch, *numbers):
    """A worker begins while looks at the leases fail with these errors, one after another."""
    monkeypatch.setattr("mixopt.study.trial_queue.PAUSE", 0.01)
    errors = [OSError(number, os.strerror(number), "trials") for number in reversed(numbers)]

    def busy(_):
        if errors:
            raise errors.pop()
        return False

    monkeypatch.setattr(Study, "busy", property(busy))
    TrialQueue(study, Leases(study.folder)).begin(2)


def test_a_worker_that_starts_waits_for_transient_errors(tmp_path, monkeypatch):
    study = Study.create(toy_file(tmp_path, strategy=ONE))
    with pytest.warns(UserWarning, match="trials: cannot be used .*: tried again for 15 min"):
        begins_where_it_cannot(study, monkeypatch, errno.EIO, errno.ENOLCK, errno.EMFILE)
    assert study.extra == 2, "the budget is raised once"
    assert study.optuna.user_attrs["forgiven_failures"] == 0, "it has come to the end of it"


def test_a_worker_that_starts_ends_on_permanent_errors(tmp_path, monkeypatch):
    study = Study.create(toy_file(tmp_path, strategy=ONE))
    with pytest.raises(StorageError, match=r"trials: cannot be used \(Read-only file system\): mount it writable"):
        begins_where_it_cannot(study, monkeypatch, errno.EROFS)


def test_a_worker_ends_where_the_trials_folder_is_a_file(tmp_path):
    study = Study.create(toy_file(tmp_path, strategy=ONE))
    (study.folder.path / "trials").touch()
    with pytest.raises(StorageError, match="move away the file that is in a folder's place"):
        trial_queue(study).next()
    assert not study.trials(TrialState.FAIL)


@pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP, errno.ENOSYS])
def test_leases_work_without_hard_links(tmp_path, monkeypatch, number):
    def link(*_):
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr("mixopt.leases.lease_file.os.link", link)
    leases = Leases(StudyFolder(tmp_path))
    held = leases.take(0, 1)
    assert held and leases.take(0, 1) is None and leases.seems_alive(0) and not leases.abandoned(0, 1)
    held.release()
    assert leases.abandoned(0, 1) and leases.deaths(0) == 0
    assert [path.name for path in StudyFolder(tmp_path).trial(0).path.iterdir()] == ["owner-1.json"]

"""One trainer in a folder at a time under torchrun and accelerate launch, with kills of worker, launcher and ranks."""

import errno
import os
import signal
import subprocess
import sys
import time
from threading import Event, Thread

import psutil
import pytest

from mixopt.paths import TrialFolder
from mixopt.trainers import command, processes
from mixopt.trainers.command import CommandTrainer
from mixopt.trainers.contract import Result, TrialFailed, TrialStopped
from mixopt.trainers.exit_codes import ended_with, log_tail
from tests.support.launchers import (
    LAUNCHERS,
    TRAINER,
    WRITE_RESULT,
    launches,
    overlaps,
    ranks,
    request_of,
    script_trainer,
    start_optimiser,
    witnessed,
)
from tests.support.running_workers import wait_until


def gone(pids: set[int]) -> bool:
    return not any(psutil.pid_exists(p) and psutil.Process(p).status() != psutil.STATUS_ZOMBIE for p in pids)


def in_background(argv: list[str], request, folder: TrialFolder, stop: Event) -> tuple[Thread, list]:
    """The trial in a thread, and what comes of it."""
    came: list = []

    def run() -> None:
        try:
            came.append(CommandTrainer(argv).run(request, folder, stop))
        except (TrialFailed, TrialStopped) as error:
            came.append(error)

    thread = Thread(target=run)
    thread.start()
    return thread, came


@pytest.fixture
def folder(tmp_path):
    return TrialFolder(tmp_path / "trial")


@pytest.mark.parametrize("victim", ["launcher", "rank"])
@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_a_killed_launcher_or_rank_is_restarted_once_no_process_is_left(folder, launcher, victim):
    request = request_of(6, 0.4)
    thread, came = in_background([*LAUNCHERS[launcher], TRAINER], request, folder, Event())
    wait_until(lambda: len(ranks(folder)) == 2 and folder.events.exists())
    first = {rank.pid for rank in ranks(folder)}
    os.kill(launches(folder)[0] if victim == "launcher" else max(first), signal.SIGKILL)
    thread.join()
    assert isinstance(came[0], Result), came
    assert not overlaps(folder) and len(launches(folder)) == 2 and gone(first)
    begun = [said["step"] for said in witnessed(folder) if said["word"] == "start"]
    assert begun[:2] == [0, 0] and min(begun[2:]) > 0, "it goes on from its step"


@pytest.mark.parametrize("launcher", LAUNCHERS)
def test_ranks_that_outlive_worker_and_launcher_are_ended_before_another_trainer_begins(folder, launcher):
    request, argv = request_of(40, 0.2), [*LAUNCHERS[launcher], TRAINER]
    first = start_optimiser(argv, request, folder)
    wait_until(lambda: len(ranks(folder)) == 2 and folder.events.exists())
    left = {rank.pid for rank in ranks(folder)}
    for pid in (first.pid, *launches(folder)):
        os.kill(pid, signal.SIGKILL)
    first.wait()
    stop = Event()
    thread, came = in_background(argv, request, folder, stop)
    wait_until(lambda: len(launches(folder)) == 2 and len(ranks(folder)) == 2)
    assert gone(left) and not overlaps(folder)
    second = {rank.pid for rank in ranks(folder)}
    stop.set()
    thread.join()
    assert isinstance(came[0], TrialStopped) and gone(second), "a stop ends ranks in sessions of their own"


def test_a_trainer_that_outlives_its_worker_is_waited_for(folder):
    request, argv = request_of(8, 0.3), [*LAUNCHERS["torchrun"], TRAINER]
    first = start_optimiser(argv, request, folder)
    wait_until(lambda: len(ranks(folder)) == 2)
    first.kill()
    first.wait()
    assert CommandTrainer(argv).run(request, folder, Event()).steps == 8
    assert len(launches(folder)) == 1 and not overlaps(folder)


DAEMON = [  # a child in a session of its own, without our files, whose parent is gone
    "def daemon(*then):",
    "    code = 'import os, subprocess, sys; p = subprocess.Popen(sys.argv[2:], start_new_session=True)'",
    "    code += '; open(sys.argv[1], \"w\").write(str(p.pid))'",
    "    subprocess.run([sys.executable, '-c', code, str(folder / 'daemon'), *then], start_new_session=True)",
]


def test_background_processes_of_a_trainer_are_ended_with_it(folder):
    request = request_of(2, 0)
    CommandTrainer(script_trainer(*DAEMON, "daemon('sleep', '600')", WRITE_RESULT)).run(request, folder, Event())
    assert gone({int((folder.path / "daemon").read_text())})


def test_background_processes_of_a_killed_trainer_are_ended_by_the_next(folder):
    request = request_of(2, 0)
    argv = script_trainer(
        "if (folder / 'daemon').exists(): sys.exit(" + WRITE_RESULT + " and 0)",
        *DAEMON,
        "daemon('sleep', '600'); time.sleep(600)",
    )
    first = start_optimiser(argv, request, folder)
    wait_until(lambda: (folder.path / "daemon").exists() and (folder.path / "daemon").read_text())
    left = int((folder.path / "daemon").read_text())
    [trainer] = [child for child in psutil.Process(first.pid).children() if "daemon" in " ".join(child.cmdline())]
    for process in (psutil.Process(first.pid), trainer):
        process.kill()
    first.wait()
    assert not gone({left})
    assert CommandTrainer(argv).run(request, folder, Event()).steps == 2
    assert gone({left})


@pytest.mark.parametrize("session", [False, True], ids=["of_the_group", "of_a_session_of_its_own"])
def test_children_that_have_dropped_their_environment_are_ended(folder, monkeypatch, session):
    """In the group as orphans too; in a session of their own where they have been seen as children."""
    monkeypatch.setattr(processes, "LOOK", 0.2)
    child = f"p = subprocess.Popen(['sleep', '600'], env={{}}, start_new_session={session})"
    child += f"; open({str(folder.path / 'child')!r}, 'w').write(str(p.pid))"
    orphan = f"subprocess.run([sys.executable, '-c', {'import subprocess; ' + child!r}])"
    start = child if session else orphan
    CommandTrainer(script_trainer(start, "time.sleep(1)", WRITE_RESULT)).run(request_of(2, 0), folder, Event())
    assert gone({int((folder.path / "child").read_text())})


def test_a_trainer_that_has_dropped_its_environment_is_waited_for(folder):
    """It is found by the lock that it has inherited, and by that alone."""
    begun = "(folder / 'begun').open('a').write('x'); (folder / 'pid').write_text(str(os.getpid()))"
    argv = ["env", "-i", *script_trainer(begun, "time.sleep(3)", WRITE_RESULT)]
    first = start_optimiser(argv, request_of(2, 0), folder)
    wait_until(lambda: (folder.path / "pid").exists())
    first.kill()
    first.wait()
    assert CommandTrainer(argv).run(request_of(2, 0), folder, Event()).steps == 2
    assert (folder.path / "begun").read_text() == "x"


def test_a_worker_that_is_stopped_while_it_ends_old_processes_starts_no_trainer(folder, monkeypatch):
    monkeypatch.setattr(processes, "GRACE", 2.0)
    folder.path.mkdir()
    stubborn = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(flush=True); time.sleep(99)"
    environment = {**os.environ, **processes.environment_of(folder.path)}
    left = subprocess.Popen([sys.executable, "-c", stubborn], env=environment, stdout=subprocess.PIPE)
    assert left.stdout and left.stdout.readline()
    stop = Event()
    argv = script_trainer("(folder / 'begun').touch()", WRITE_RESULT)
    thread, came = in_background(argv, request_of(2, 0), folder, stop)
    time.sleep(0.5)
    stop.set()
    thread.join()
    assert isinstance(came[0], TrialStopped) and left.wait() == -signal.SIGKILL
    assert not (folder.path / "begun").exists()


def test_a_suspended_worker_whose_trainer_died_blocks_no_other(folder):
    request = request_of(2, 0)
    argv = script_trainer("again = (folder / 'pid').exists()", "if again: sys.exit(" + WRITE_RESULT + " and 0)")
    argv[-1] += "\n(folder / 'pid').write_text(str(os.getpid())); time.sleep(600)"
    asleep = start_optimiser(argv, request, folder)
    try:
        wait_until(lambda: (folder.path / "pid").exists() and (folder.path / "pid").read_text())
        asleep.send_signal(signal.SIGSTOP)
        os.kill(int((folder.path / "pid").read_text()), signal.SIGKILL)
        assert CommandTrainer(argv, silence=20).run(request, folder, Event()).steps == 2
        asleep.send_signal(signal.SIGCONT)
        assert asleep.wait(60) == 0, "it wakes, and takes the result"
    finally:
        asleep.kill()


def test_a_lock_of_a_trainer_is_respected(folder):
    """As of a rank on another machine, which no look at processes finds."""
    request = request_of(2, 0)
    folder.path.mkdir()
    code = "import fcntl, sys, time; f = open(sys.argv[1], 'w'); fcntl.flock(f, 2); print('held', flush=True)"
    code += "; time.sleep(99)"
    rank = subprocess.Popen([sys.executable, "-c", code, folder.path / "rank-1.lock"], stdout=subprocess.PIPE)
    try:
        assert rank.stdout and rank.stdout.readline() == b"held\n"
        with pytest.raises(TrialFailed, match="an earlier trainer has its folder"):
            CommandTrainer(script_trainer(WRITE_RESULT), silence=0.5).run(request, folder, Event())
    finally:
        rank.kill()
        rank.wait()
    assert CommandTrainer(script_trainer(WRITE_RESULT)).run(request, folder, Event()).steps == 2


@pytest.mark.parametrize("code", [130, 143, 137])
def test_the_exit_code_of_a_signal_is_an_interruption(folder, monkeypatch, code):
    monkeypatch.setattr(command, "KILLED_PAUSE", 0.01)
    once = f"seen = folder / 'seen'; again = seen.exists(); seen.touch(); again or sys.exit({code})"
    assert CommandTrainer(script_trainer(once, WRITE_RESULT)).run(request_of(2, 0), folder, Event()).steps == 2


def test_an_exit_beside_a_signal_to_the_worker_is_an_interruption(folder):
    """The trainer answers at once and with a code of its own; the worker hears a moment later."""
    stop = Event()
    handler = "signal.signal(signal.SIGTERM, lambda *_: sys.exit(1)); (folder / 'pid').write_text(str(os.getpid()))"
    thread, came = in_background(script_trainer(handler, "time.sleep(600)"), request_of(2, 0), folder, stop)
    wait_until(lambda: (folder.path / "pid").exists() and (folder.path / "pid").read_text())
    os.kill(int((folder.path / "pid").read_text()), signal.SIGTERM)
    time.sleep(1)
    stop.set()
    thread.join()
    assert isinstance(came[0], TrialStopped)


@pytest.mark.parametrize("obeys", [True, False])
def test_a_trainer_has_a_grace_period_to_end(folder, monkeypatch, obeys):
    assert processes.GRACE > 30, "torchrun gives its ranks 30 s"
    monkeypatch.setattr(processes, "GRACE", 4.0)
    stop, last = Event(), "(time.sleep(2), (folder / 'saved').touch(), sys.exit(0))" if obeys else "None"
    handler = f"signal.signal(signal.SIGTERM, lambda *_: {last}); (folder / 'pid').write_text(str(os.getpid()))"
    thread, came = in_background(script_trainer(handler, "while True: time.sleep(1)"), request_of(2, 0), folder, stop)
    wait_until(lambda: (folder.path / "pid").exists() and (folder.path / "pid").read_text())
    told = time.monotonic()
    stop.set()
    thread.join()
    assert isinstance(came[0], TrialStopped) and (folder.path / "saved").exists() == obeys
    assert obeys or 4 <= time.monotonic() - told < 20
    assert gone({int((folder.path / "pid").read_text())})


def test_the_exit_code_of_an_earlier_try_is_not_that_of_the_next(folder, monkeypatch):
    """The log has both, and the launcher of the first one said that a rank was killed."""
    monkeypatch.setattr(command, "KILLED_PAUSE", 0.01)
    once = "seen = folder / 'seen'; again = seen.exists(); seen.touch()"
    table = "print('  exitcode  : -9 (pid: 4711)') if not again else None"
    with pytest.raises(TrialFailed, match="the trainer ended with exit code 1"):
        CommandTrainer(script_trainer(once, table, "sys.exit(1)")).run(request_of(2, 0), folder, Event())


def test_a_killed_trainer_that_makes_progress_is_restarted_again(folder, monkeypatch):
    monkeypatch.setattr(command, "KILLED_PAUSE", 0.01)
    further = "events = folder / 'events.jsonl'; step = events.read_text().count('step') + 1 if events.exists() else 1"
    say = "print(json.dumps({'kind': 'progress', 'step': step}), file=events.open('a'), flush=True)"
    die = f"os.kill(os.getpid(), 9) if step <= {command.KILLED_TRIES + 1} else None"
    argv = script_trainer(further, say, die, WRITE_RESULT)
    assert CommandTrainer(argv).run(request_of(2, 0), folder, Event()).steps == 2


def test_a_trainer_that_cannot_be_started_at_the_moment_is_started_later(folder, monkeypatch):
    """As where the machine has too many processes, or no memory for one more."""
    monkeypatch.setattr(command, "PAUSE", 0.01)
    started, numbers = subprocess.Popen, [errno.EAGAIN, errno.ENOMEM]

    def busy(*args, **kwargs):
        if numbers:
            raise OSError(number := numbers.pop(), os.strerror(number))
        return started(*args, **kwargs)

    monkeypatch.setattr(command.subprocess, "Popen", busy)
    with pytest.warns(UserWarning, match="tried again for"):
        assert CommandTrainer(script_trainer(WRITE_RESULT)).run(request_of(2, 0), folder, Event()).steps == 2


@pytest.mark.parametrize("launcher", ["one", *LAUNCHERS])
def test_the_log_of_a_launched_trainer_is_shown_and_not_that_of_the_launcher(tmp_path, launcher):
    from mixopt.trainers.rlvr import LAUNCH, PLAIN

    (tmp_path / "faulty.py").write_text("import sys, time; time.sleep(0.2); print('why', flush=True); sys.exit(7)")
    argv = [*LAUNCHERS.get(launcher, [*LAUNCH, *PLAIN]), str(tmp_path / "faulty.py")]
    log = tmp_path / "log.txt"
    with log.open("w") as output:
        code = subprocess.run(argv, stdout=output, stderr=output).returncode
    assert code == 1 and ended_with(code, log) == 7
    assert "why" in log_tail(log) and "Traceback" not in log_tail(log) and "ChildFailedError" not in log_tail(log)


def test_the_signal_that_killed_a_process_of_accelerate_launch_is_shown(tmp_path):
    from mixopt.trainers.rlvr import LAUNCH, PLAIN

    (tmp_path / "killed.py").write_text("import os; os.kill(os.getpid(), 9)")
    log = tmp_path / "log.txt"
    with log.open("w") as output:
        code = subprocess.run([*LAUNCH, *PLAIN, str(tmp_path / "killed.py")], stdout=output, stderr=output).returncode
    assert ended_with(code, log) == -9

"""Run a command and end it when the process that started this one ends, however it ends.

python -m rlvr_backend.generation.guarded_process COMMAND...

Standard input is a pipe that only the parent holds open. When the parent closes it, or dies for any reason, the command
and all its children are ended. If the command ends by itself, its exit code is passed on. If this process alone is
killed, the command stays.
"""

import select
import signal
import subprocess
import sys

import psutil

POLL = 0.2  # seconds between checks of the command
GRACE = 5.0  # seconds that the command has to end after SIGTERM


def run_guarded(argv: list[str]) -> int:
    """Run a command until it ends, standard input is closed, or SIGTERM comes. Return its exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # goes through `finally`
    command = subprocess.Popen(argv, stdin=subprocess.DEVNULL)
    try:
        while command.poll() is None and not select.select([sys.stdin], [], [], POLL)[0]:
            pass
    finally:
        _end(command)
    return command.returncode


def _end(command: subprocess.Popen[bytes]) -> None:
    """End a command and its children: first with SIGTERM, then with SIGKILL."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # we are ending already
    try:
        family = psutil.Process(command.pid).children(recursive=True)
    except psutil.NoSuchProcess:
        family = []
    command.terminate()
    try:
        command.wait(GRACE)
    except subprocess.TimeoutExpired:
        command.kill()
        command.wait()
    for child in family:
        try:
            child.kill()
        except psutil.NoSuchProcess:
            continue


if __name__ == "__main__":
    sys.exit(run_guarded(sys.argv[1:]))

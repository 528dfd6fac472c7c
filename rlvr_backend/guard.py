"""Runs a command for as long as whoever started it lives, so that nothing is left behind however that one ends.

python -m rlvr_backend.guard COMMAND...

Its standard input is a pipe that only its starter holds open: once the starter closes it, or dies of whatever, the
command is ended with all its children. Where the command ends by itself its exit code is passed on. Not covered is a
guard that is killed alone.
"""

import select
import signal
import subprocess
import sys

import psutil

POLL = 0.2  # seconds between looks at the command
GRACE = 5.0  # seconds the command has to end once it is told to


def guard(argv: list[str]) -> int:
    """Run a command until it ends, standard input is closed, or SIGTERM comes. Returns its exit code."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))  # through `finally`
    command = subprocess.Popen(argv, stdin=subprocess.DEVNULL)
    try:
        while command.poll() is None and not select.select([sys.stdin], [], [], POLL)[0]:
            pass
    finally:
        _end(command)
    return command.returncode


def _end(command: subprocess.Popen[bytes]) -> None:
    """End a command and its children: politely first."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)  # it is what we are doing
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
    sys.exit(guard(sys.argv[1:]))

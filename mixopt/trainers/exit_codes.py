"""Exit codes: how a trainer's process ended, from its own exit code and from its log.

A launcher (torchrun, accelerate launch) ends with exit code 1 whatever its processes ended with, and prints their exit
codes.
"""

import re
import signal
from pathlib import Path

from mixopt.storage.files import check_own

TAIL = 20  # last lines of a failed trainer's log that are kept
READ = 1 << 16  # bytes read from the end of a log
SHELL = 128  # a shell, and a trainer that handles a signal, exit with this plus the signal's number

# torchrun's table of failed ranks, "exitcode  : -9 (pid: 4711)": the first cause is in the last row.
FAILED_RANK = re.compile(r"^ *exitcode *: (-?\d+) \(pid", re.MULTILINE)
# Python's error of a command that failed, which `accelerate launch` prints.
FAILED_COMMAND = re.compile(
    r"^subprocess\.CalledProcessError: Command .* (?:died with <Signals\.\w+: (\d+)>|returned non-zero exit status "
    r"(\d+))\.$",
    re.MULTILINE,
)
# The launcher's own traceback, which ends with one of these and says nothing about the trainer.
LAUNCHER_TRACEBACK = re.compile(
    r"^Traceback \(most recent call last\):\n(?: .*\n)+"
    r"(?:subprocess\.CalledProcessError|torch\.distributed\.elastic\.multiprocessing\.errors\.ChildFailedError): ",
    re.MULTILINE,
)


def ended_with(code: int, log: Path, begun: int = 0) -> int:
    """The exit code of a trainer, negative where a signal ended it.

    Args:
        code: Exit code of the command; where it is a launcher, its log has that of the process it launched.
        log: The log of the command.
        begun: Size in bytes of the log before this run; what is before that belongs to an earlier run in the folder.
    """
    return _signal_negative(_exit_code_in(_end_of(log, begun)) or code if code == 1 else code)


def _exit_code_in(log: str) -> int | None:
    """The exit code of the launched process that a launcher prints; None where it prints none."""
    if ranks := [int(found) for found in FAILED_RANK.findall(log)]:
        killed = [rank for rank in ranks if rank < 0 and rank != -signal.SIGTERM]  # torchrun ends the others by SIGTERM
        return killed[-1] if killed else ranks[-1]
    if called := FAILED_COMMAND.search(log):
        return -int(called[1]) if called[1] else int(called[2])
    return None


def _signal_negative(code: int) -> int:
    return SHELL - code if code - SHELL in signal.valid_signals() else code


def signal_name(number: int) -> str:
    """A signal's name; real-time signals have only a number."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def log_tail(log: Path, lines: int = TAIL) -> str:
    """The last lines of a log, without the launcher's own traceback."""
    end = _end_of(log)
    launcher = list(LAUNCHER_TRACEBACK.finditer(end))
    return "\n".join((end[: launcher[-1].start()] if launcher else end).splitlines()[-lines:])


def _end_of(log: Path, begun: int = 0) -> str:
    try:
        check_own(log)
        with log.open("rb") as file:
            file.seek(max(begun, log.stat().st_size - READ))
            return file.read().decode(errors="replace")
    except OSError:
        return ""

"""How a trainer's process has ended, of its exit code and of its log.

Launchers end with exit code 1 whatever their processes ended with, and print that instead.
"""

import re
import signal
from pathlib import Path

from mixopt.storage.files import check_own

TAIL = 20  # lines of a failed trainer's log that are kept
READ = 1 << 16  # bytes of its end that are looked at
SHELL = 128  # a shell, and a trainer that handles the signal, say this plus its number

# torchrun's table of failed ranks, "exitcode  : -9 (pid: 4711)": the first cause stands last.
RANK = re.compile(r"^ *exitcode *: (-?\d+) \(pid", re.MULTILINE)
# Python's error of a command that failed, as `accelerate launch` lets it through.
CALLED = re.compile(
    r"^subprocess\.CalledProcessError: Command .* (?:died with <Signals\.\w+: (\d+)>|returned non-zero exit status "
    r"(\d+))\.$",
    re.MULTILINE,
)
# The launcher's own traceback down to these, which tells nothing of the trainer.
OF_LAUNCHER = re.compile(
    r"^Traceback \(most recent call last\):\n(?: .*\n)+"
    r"(?:subprocess\.CalledProcessError|torch\.distributed\.elastic\.multiprocessing\.errors\.ChildFailedError): ",
    re.MULTILINE,
)


def ended_with(code: int, log: Path, begun: int = 0) -> int:
    """The exit code of a trainer, negative where a signal ended it: that of a launcher's process where it says so.

    Args:
        begun: bytes of the log before this run: an earlier one in the folder may have ended otherwise.
    """
    return _signal_negative(_of_launched(_end_of(log, begun)) or code if code == 1 else code)


def _of_launched(log: str) -> int | None:
    """What a launcher's process ended with; None where no launcher has said so."""
    if ranks := [int(found) for found in RANK.findall(log)]:
        killed = [rank for rank in ranks if rank < 0 and rank != -signal.SIGTERM]  # by which torchrun ends the others
        return killed[-1] if killed else ranks[-1]
    if called := CALLED.search(log):
        return -int(called[1]) if called[1] else int(called[2])
    return None


def _signal_negative(code: int) -> int:
    return SHELL - code if code - SHELL in signal.valid_signals() else code


def signal_name(number: int) -> str:
    """A signal's name; real-time signals have none."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def log_tail(log: Path, lines: int = TAIL) -> str:
    """The last lines of a log, without what a launcher says of itself."""
    said = _end_of(log)
    launcher = list(OF_LAUNCHER.finditer(said))
    return "\n".join((said[: launcher[-1].start()] if launcher else said).splitlines()[-lines:])


def _end_of(log: Path, begun: int = 0) -> str:
    try:
        check_own(log)
        with log.open("rb") as file:
            file.seek(max(begun, log.stat().st_size - READ))
            return file.read().decode(errors="replace")
    except OSError:
        return ""

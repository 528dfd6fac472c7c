"""The processes of a trainer: found wherever they are, and ended together.

torchrun and `accelerate launch` start their ranks in sessions of their own and without our open files, so neither the
process group of a command nor a lock that it inherits covers them. What every process keeps is the environment: there
each process of a trainer has the folder of its trial.
"""

import os
import signal
import subprocess
import time
from pathlib import Path

import psutil

FOLDER = "MIXOPT_TRIAL_FOLDER"  # the environment variable
GRACE = 40.0  # seconds that a trainer has to end once it is told to: torchrun gives its ranks 30 of its own
KILLING = 10.0  # seconds that the system has to end what was killed
POLL = 0.1
LOOK = 2.0  # seconds between looks for children of a running command


class Processes:
    """The processes of this user and this machine that belong to the trainer in a folder.

    Args:
        folder: of the trial.
        command: the process that was started there, where it is a child of ours; it leads its process group.
    """

    def __init__(self, folder: Path, command: subprocess.Popen[bytes] | None = None) -> None:
        self._folder, self._command = str(folder.resolve()), command
        self._seen: set[psutil.Process] = set()  # children may drop their environment, and lose their parent later
        self._looked = 0.0

    def look(self) -> None:
        """Remember which children the command has; to be called while it runs, and cheap."""
        if self._command and time.monotonic() - self._looked > LOOK:
            self._looked = time.monotonic()
            self._seen |= _children(self._command.pid)

    def alive(self) -> set[psutil.Process]:
        """Those that have not ended."""
        self._seen |= {process for process in psutil.process_iter() if self._ours(process)}
        self._seen |= {child for process in self._seen for child in _children(process.pid)}
        self._seen = {process for process in self._seen if _runs(process)}
        return set(self._seen)

    def end(self) -> bool:
        """Have them end: the command and its group politely, what is left of the others once it has ended, and all for
        good after GRACE seconds. Returns whether none is left."""
        told: set[psutil.Process] = set()
        deadline = time.monotonic() + GRACE
        while alive := self.alive():
            leader = self._command.pid if self._command and self._command.poll() is None else None
            for process in alive:
                if time.monotonic() > deadline:
                    _send(process, signal.SIGKILL)
                elif process not in told and leader in (None, _group(process)):
                    _send(process, signal.SIGTERM)  # once: a second one makes many give up what the first one began
                    told.add(process)
            if time.monotonic() > deadline + KILLING:
                return False
            time.sleep(POLL)
        return self._command is None or self._command.poll() is not None

    def _ours(self, process: psutil.Process) -> bool:
        if self._command and _group(process) == self._command.pid:
            return True
        try:
            return process.pid != os.getpid() and process.environ().get(FOLDER) == self._folder
        except (psutil.Error, OSError):  # it has ended, or is another user's
            return False


def environment_of(folder: Path) -> dict[str, str]:
    """What a trainer's environment must have for its processes to be found."""
    return {FOLDER: str(folder.resolve())}


def _children(pid: int) -> set[psutil.Process]:
    try:
        return set(psutil.Process(pid).children(recursive=True)) - {psutil.Process()}
    except psutil.Error:
        return set()


def _runs(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False


def _group(process: psutil.Process) -> int | None:
    try:
        return os.getpgid(process.pid)
    except ProcessLookupError:
        return None


def _send(process: psutil.Process, number: signal.Signals) -> None:
    try:
        process.send_signal(number)
    except psutil.Error:
        return

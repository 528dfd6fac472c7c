"""The processes of a trainer: find all of them, and end them together (graceful shutdown).

torchrun and `accelerate launch` start their ranks in new sessions and without inherited open files, so neither a
process group nor an inherited lock covers them. But each process inherits the environment, which has the folder of the
trial in MIXOPT_TRIAL_FOLDER.
"""

import os
import signal
import subprocess
import time
from pathlib import Path

import psutil

FOLDER = "MIXOPT_TRIAL_FOLDER"  # the environment variable
GRACE = 40.0  # seconds from SIGTERM to SIGKILL: torchrun itself gives its ranks 30
KILLING = 10.0  # seconds that the system has to end a killed process
POLL = 0.1
LOOK = 2.0  # seconds between searches for children of a running command


class Processes:
    """The processes of this user on this machine that belong to the trainer in a folder.

    Args:
        folder: Of the trial.
        command: The started process, where it is a child of this process; it leads its process group.
    """

    def __init__(self, folder: Path, command: subprocess.Popen[bytes] | None = None) -> None:
        self._folder, self._command = str(folder.resolve()), command
        self._seen: set[psutil.Process] = set()  # children may drop their environment, and lose their parent
        self._looked = 0.0

    def look(self) -> None:
        """Remember the children of the command; cheap, to be called while it runs."""
        if self._command and time.monotonic() - self._looked > LOOK:
            self._looked = time.monotonic()
            self._seen |= _children(self._command.pid)

    def alive(self) -> set[psutil.Process]:
        """The processes that have not ended."""
        self._seen |= {process for process in psutil.process_iter() if self._belongs(process)}
        self._seen |= {child for process in self._seen for child in _children(process.pid)}
        self._seen = {process for process in self._seen if _runs(process)}
        return set(self._seen)

    def end(self) -> bool:
        """End all processes.

        The command and its group get SIGTERM first, the others once the command has ended, and all that are left get
        SIGKILL after GRACE seconds.

        Returns:
            Whether none is left.
        """
        signalled: set[psutil.Process] = set()
        deadline = time.monotonic() + GRACE
        while alive := self.alive():
            leader = self._command.pid if self._command and self._command.poll() is None else None
            for process in alive:
                if time.monotonic() > deadline:
                    _send(process, signal.SIGKILL)
                elif process not in signalled and leader in (None, _group(process)):
                    _send(process, signal.SIGTERM)  # once: on a second one many programs give up their shutdown
                    signalled.add(process)
            if time.monotonic() > deadline + KILLING:
                return False
            time.sleep(POLL)
        return self._command is None or self._command.poll() is not None

    def _belongs(self, process: psutil.Process) -> bool:
        if self._command and _group(process) == self._command.pid:
            return True
        try:
            return process.pid != os.getpid() and process.environ().get(FOLDER) == self._folder
        except (psutil.Error, OSError):  # it has ended, or is another user's
            return False


def environment_of(folder: Path) -> dict[str, str]:
    """The environment variable by which the processes of a trainer are found."""
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

"""Any program as a trainer: a process of its own a trial, spoken to through the files of the contract.

The program gets the path of request.json and must write result.json. Exit code 0 is done; any other is a failure,
told with the last lines of its log. (75, "try again from your own checkpoint", belongs to the contract; this backend
has no checkpoints to resume from yet and counts it as a failure.)
"""

import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from threading import Event

from mixopt.backends.base import Backend, Request, Result, TrialFailed, TrialStopped
from mixopt.folders import TrialFolder, write_whole

POLL = 0.2  # seconds between looks at a running trainer
GRACE = 10.0  # seconds a trainer has to end once it is told to
TAIL = 20  # lines of a failed trainer's log that are kept
PLACEHOLDER = "{request}"


class CommandBackend(Backend):
    """Runs `argv` with `{request}` in it replaced by the request's path, one thread a process.

    Args:
        argv: the command; without a placeholder the path is added at the end.
        environment: variables set for the trainer beside the present ones.
    """

    def __init__(self, argv: Sequence[str], environment: dict[str, str] | None = None) -> None:
        self._argv = list(argv)
        if not any(PLACEHOLDER in part for part in self._argv):
            self._argv.append(PLACEHOLDER)
        self._environment = environment or {}

    def run(self, request: Request, folder: TrialFolder, stop: Event) -> Result:
        if folder.result.exists():  # finished by a run whose optimiser died before it heard
            return Result.read(folder.result)
        folder.path.mkdir(parents=True, exist_ok=True)
        folder.events.unlink(missing_ok=True)
        write_whole(folder.request, request.as_json())
        argv = [part.replace(PLACEHOLDER, str(folder.request)) for part in self._argv]
        code = self.execute(argv, folder.log, stop)
        if code != 0:
            raise TrialFailed(f"the trainer ended with exit code {code}", code, log_tail(folder.log))
        if not folder.result.exists():
            raise TrialFailed("the trainer ended without writing result.json", code, log_tail(folder.log))
        return Result.read(folder.result)

    def execute(self, argv: list[str], log: Path, stop: Event) -> int:
        """Run a command to its end, its output in `log`; returns the exit code.

        Raises:
            TrialFailed: it cannot be started.
            TrialStopped: `stop` was set first; the command and its children are gone.
        """
        environment = {"OMP_NUM_THREADS": "1", **os.environ, **self._environment}
        with log.open("w") as output:
            try:
                process = subprocess.Popen(
                    argv,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    stdin=subprocess.DEVNULL,
                    env=environment,
                    start_new_session=True,  # so that Ctrl-C reaches us alone, and children can be ended together
                )
            except OSError as error:
                raise TrialFailed(f"{argv[0]!r} cannot be started: {error.strerror}") from error
            try:
                while process.poll() is None:
                    if stop.wait(POLL):
                        raise TrialStopped("the run was stopped")
            finally:
                if process.poll() is None:
                    _end(process)
        return process.returncode


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a trainer and its children: politely first."""
    for sent in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sent)
            process.wait(GRACE)
        except ProcessLookupError:
            return
        except subprocess.TimeoutExpired:
            continue


def log_tail(log: Path, lines: int = TAIL) -> str:
    """The last lines of a log."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return ""

"""Any program as a trainer: a process of its own a trial, spoken to through the files of the contract.

The program gets the path of request.json and must write result.json, which alone says that it is done. Without one the
trial failed, told with the exit code and the last lines of the log. The same request again in the same folder
may go on where its trainer was; a trainer that starts anew empties events.jsonl itself. One that ends with exit code 75
without a result (out of a device that it shares, preempted), or is killed, is tried again there.
"""

import errno
import fcntl
import json
import os
import shutil
import signal
import subprocess
import time
import warnings
from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path
from threading import Event
from typing import IO

from mixopt.backends.base import Backend, Request, Result, TrialFailed, TrialStopped
from mixopt.folders import TrialFolder, write_whole

POLL = 0.2  # seconds between looks at a running trainer
GRACE = 10.0  # seconds a trainer has to end once it is told to
TRIES, KILLED_TRIES = 3, 5  # of a trainer that asks to be tried again, and of one that is killed
PAUSE = 10.0  # seconds before the second try of one that asked; each further one waits twice as long
KILLED_PAUSE = 1.0  # of one that was killed, or stuck
PASSING = (errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.ESTALE)  # a disk that is full or away: waited for
DISK_TRIES = 90  # PAUSE apart: a quarter of an hour
TAIL = 20  # lines of a failed trainer's log that are kept
PLACEHOLDER = "{request}"


class CommandBackend(Backend):
    """Runs `argv` with `{request}` in it replaced by the request's path, one thread a process.

    Args:
        argv: the command; without a placeholder the path is added at the end.
        environment: variables set for the trainer beside the present ones.
        silence: seconds without an event after which a trainer is taken for stuck, ended, and tried again.
    """

    def __init__(
        self, argv: Sequence[str], environment: Mapping[str, str] | None = None, silence: float | None = None
    ) -> None:
        self._silence = silence
        self._argv = list(argv)
        if not any(PLACEHOLDER in part for part in self._argv):
            self._argv.append(PLACEHOLDER)
        self._environment = environment or {}

    def check(self, request: Request) -> None:
        """Warn of a program that is not here: it may be where the workers are, so that this is no refusal."""
        if shutil.which(self._argv[0]) is None:
            warnings.warn(
                f"backend.command.argv: no program {self._argv[0]!r} is found on this machine: mend it, unless the "
                "workers run where it is",
                stacklevel=2,
            )

    def run(self, request: Request, folder: TrialFolder, stop: Event) -> Result:
        attempt = 0
        while True:
            attempt += 1
            try:
                folder.path.mkdir(parents=True, exist_ok=True)
                with folder.lock.open("w") as lock:
                    _set_aside_of_another(request, folder)
                    _wait_for_earlier_trainer(folder, lock, stop, self._watch(folder))
                    if not folder.result.exists():  # else it finished after its optimiser had died
                        self._train(request, folder, stop, lock)
                return Result.read(folder.result, request)
            except OSError as error:
                what = f"{error.filename or folder.path}: {error.strerror}"
                if error.errno not in PASSING or attempt == DISK_TRIES:
                    raise TrialFailed(what) from error
                warnings.warn(f"{what}: tried again for {DISK_TRIES * PAUSE / 60:.0f} min", stacklevel=2)
                if stop.wait(PAUSE):
                    raise TrialStopped("the run was stopped") from error

    def _watch(self, folder: TrialFolder) -> "Silence | None":
        return Silence(folder.events, self._silence) if self._silence else None

    def _train(self, request: Request, folder: TrialFolder, stop: Event, lock: IO[str]) -> None:
        """Run the trainer; what counts as done is its result, whatever it exits with."""
        said = request.as_json()
        before = folder.request.read_bytes() if folder.request.exists() else b""
        if before != said.encode():  # else the trainer may go on where it was
            folder.events.unlink(missing_ok=True)
            write_whole(folder.request, said)
        argv = [part.replace(PLACEHOLDER, str(folder.request)) for part in self._argv]
        folder.log.unlink(missing_ok=True)
        for attempt in count(1):
            watch = self._watch(folder)
            code = self.execute(argv, folder.log, stop, lock, watch)
            if folder.result.exists():
                return
            stuck = watch is not None and watch.too_long
            tries = TRIES if stuck or code == os.EX_TEMPFAIL else KILLED_TRIES if code < 0 else 1
            if attempt >= tries:
                raise TrialFailed(_reason(code, watch if stuck else None, attempt), code, log_tail(folder.log))
            if stop.wait((KILLED_PAUSE if stuck or code < 0 else PAUSE) * 2 ** (attempt - 1)):
                raise TrialStopped("the run was stopped")

    def execute(
        self, argv: list[str], log: Path, stop: Event, lock: IO[str] | None = None, watch: "Silence | None" = None
    ) -> int:
        """Run a command to its end, its output added to `log`; it and its children hold `lock`. Returns the exit code.

        It is ended where `watch` finds it stuck. Children that outlive it are ended.

        Raises:
            TrialFailed: it cannot be started.
            TrialStopped: `stop` was set first; the command and its children are gone.
        """
        environment = {"OMP_NUM_THREADS": "1", **os.environ, **self._environment}
        with log.open("a") as output:
            try:
                process = subprocess.Popen(
                    argv,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    stdin=subprocess.DEVNULL,
                    env=environment,
                    pass_fds=[lock.fileno()] if lock else [],
                    start_new_session=True,  # so that Ctrl-C reaches us alone, and children can be ended together
                )
            except OSError as error:
                raise TrialFailed(f"{argv[0]!r} cannot be started: {error.strerror}") from error
            try:
                while process.poll() is None and not (watch and watch.too_long):
                    if stop.wait(POLL):
                        raise TrialStopped("the run was stopped")
            finally:
                _end(process)
        return process.returncode


def _set_aside_of_another(request: Request, folder: TrialFolder) -> None:
    """Rename a result that stands beside another request, as where an older journal was restored and numbers moved."""
    if not (folder.result.exists() and folder.request.exists()):
        return
    try:
        said = json.loads(folder.request.read_bytes())
    except (ValueError, RecursionError):
        said = None
    asked = json.loads(request.as_json())
    if not isinstance(said, dict) or {**said, "warm_start": None} != {**asked, "warm_start": None}:
        folder.result.rename(folder.result.with_suffix(".of-another-request"))


def _wait_for_earlier_trainer(folder: TrialFolder, lock: IO[str], stop: Event, watch: "Silence | None") -> None:
    """Take the lock of a trial's folder, or find its result there, which is written last.

    A trainer that outlived its optimiser holds the lock until it ends, an optimiser that sleeps until it wakes.
    """
    while not folder.result.exists():
        if watch and watch.too_long:
            raise TrialFailed(f"an earlier trainer has its folder and said nothing for {watch.limit:g} s: end it")
        try:
            return fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            if stop.wait(POLL):
                raise TrialStopped("the run was stopped") from None


class Silence:
    """How long nothing was added to a file, by the watch of who looks."""

    def __init__(self, path: Path, limit: float) -> None:
        self._path, self.limit = path, limit
        self._size, self._since, self._passed = self._now(), time.monotonic(), False

    @property
    def too_long(self) -> bool:
        """Whether it has been longer than the limit once: who is ended for it may have a last word."""
        if (size := self._now()) != self._size:
            self._size, self._since = size, time.monotonic()
        self._passed = self._passed or time.monotonic() - self._since > self.limit
        return self._passed

    def _now(self) -> int:
        try:
            return self._path.stat().st_size
        except OSError:
            return -1


def _reason(code: int, stuck: Silence | None, tries: int) -> str:
    """Why there is no result, of an exit code, and of the watch that found the trainer stuck, if one did."""
    if stuck:
        return f"the trainer said nothing for {stuck.limit:g} s, and that {tries} times"
    if code == os.EX_TEMPFAIL:
        return f"the trainer asked {tries} times to be tried again (exit code {code})"
    if code < 0:
        return f"the trainer was killed {tries} times, by {_signal(-code)} at last"
    return f"the trainer ended with exit code {code}" if code else "the trainer wrote no result.json"


def _signal(number: int) -> str:
    """A signal's name; real-time signals have none."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a trainer and its children, politely first; those that outlived it at once."""
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

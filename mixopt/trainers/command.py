"""Run any command as a trainer: one process for each trial, which reads and writes the files of the contract.

The command gets the path of request.json and must write result.json. Without a result the trial failed, and is recorded
with the exit code and the last lines of the log. A trainer that gets the same request again in the same folder may
continue from its checkpoint; one that starts from the beginning empties events.jsonl itself. A trainer that ends
without a result is restarted in its folder where its exit code is 75 (preempted, or a shared device was full) or a
signal killed it.
"""

import json
import os
import shutil
import subprocess
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import Event
from typing import IO

from mixopt.paths import TrialFolder
from mixopt.storage.files import check_own, read_own, write_whole
from mixopt.storage.transient_errors import fix_of, may_pass
from mixopt.trainers.contract import Request, Result, Trainer, TrialFailed, TrialStopped
from mixopt.trainers.exit_codes import ended_with, log_tail, signal_name
from mixopt.trainers.folder_lock import locked, note_command
from mixopt.trainers.processes import Processes, environment_of
from mixopt.trainers.progress import Watchdog, furthest_step

POLL = 0.2  # seconds between checks of a running trainer
SIGNALLED = 2.0  # seconds in which a signal that ended a trainer also reaches this process, if it was sent to both
TRIES, KILLED_TRIES = 3, 5  # of a trainer that asks for a restart (or is stuck), and of one that is killed
PAUSE = 10.0  # seconds before the second try of one that asked; each further pause is twice as long
KILLED_PAUSE = 1.0  # likewise of one that was killed or stuck
DISK_TRIES = 90  # tries, PAUSE apart, while the disk is full or away: a quarter of an hour
PLACEHOLDER = "{request}"


def with_absolute_files(argv: Sequence[str], directory: Path) -> list[str]:
    """Return a command with the arguments that name files in `directory` made absolute.

    Only arguments with a dot or a slash in them count, so that a bare word such as `launch` stays; the program itself
    needs a slash, as in a shell.

    Args:
        argv: The program and its arguments.
        directory: Directory that relative paths start from.
    """

    def is_file(place: int, part: str) -> bool:
        path_like = "/" in part or ("." in part and place > 0)
        return path_like and not os.path.isabs(part) and os.path.isfile(directory / part)

    return [os.path.normpath(directory / part) if is_file(place, part) else part for place, part in enumerate(argv)]


class CommandTrainer(Trainer):
    """Runs a command for each trial; several threads may run trials at the same time.

    Args:
        argv: The command; `{request}` in it stands for the path of request.json, which otherwise is added at the end.
        environment: Variables that are set for the trainer, beside the present ones.
        silence: Seconds without an event after which a trainer counts as stuck, is ended, and is restarted.
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
        """Warn where the program is not on this machine; this is no error, since the workers may run on others."""
        if shutil.which(self._argv[0]) is None:
            warnings.warn(
                f"backend.command.argv: no program {self._argv[0]!r} is found on this machine: fix it, unless the "
                "workers run where it is",
                stacklevel=2,
            )

    def run(self, request: Request, folder: TrialFolder, stop: Event) -> Result:
        """Run a trial to its end; see `Trainer.run`."""
        attempt = 0
        while True:
            attempt += 1
            try:
                folder.path.mkdir(parents=True, exist_ok=True)
                _rename_result_of_another(request, folder)
                self._train(request, folder, stop)
                return Result.read(folder.result, request)
            except OSError as error:
                problem = f"{error.filename or folder.path}: {error.strerror}"
                if not may_pass(error) or attempt == DISK_TRIES:
                    raise TrialFailed(f"{problem}: {fix_of(error)}") from error
                warnings.warn(f"{problem}: tried again for {DISK_TRIES * PAUSE / 60:.0f} min", stacklevel=2)
                if stop.wait(PAUSE):
                    raise TrialStopped("the run was stopped") from error

    def _train(self, request: Request, folder: TrialFolder, stop: Event) -> None:
        """Run the trainer, and restart it where that may help, until there is a result, whatever its exit code."""
        argv = [part.replace(PLACEHOLDER, str(folder.request)) for part in self._argv]
        attempt, reached = 0, 0
        while True:
            watchdog = Watchdog(folder.events, self._silence) if self._silence else None
            with locked(folder, stop, watchdog) as lock:
                if lock is None:
                    return
                _write_request(request, folder)
                if attempt == 0:
                    folder.log.unlink(missing_ok=True)
                code = self.execute(argv, folder.log, stop, lock, watchdog)
            if folder.result.exists():
                return
            step = furthest_step(folder.events)
            attempt, reached = 1 if step > reached else attempt + 1, max(step, reached)
            stuck = watchdog is not None and watchdog.stuck
            killed = code < 0 or stuck
            tries = TRIES if stuck or code == os.EX_TEMPFAIL else KILLED_TRIES if killed else 1
            if attempt < tries:
                stopped = stop.wait((KILLED_PAUSE if killed else PAUSE) * 2 ** (attempt - 1))
            else:  # a scheduler signals worker and trainer at once, and some trainers exit with a code of their own
                stopped = stop.wait(SIGNALLED)
            if stopped:
                raise TrialStopped("the run was stopped")
            if attempt >= tries:
                raise TrialFailed(_reason(code, watchdog if stuck else None, attempt), code, log_tail(folder.log))

    def execute(
        self, argv: list[str], log: Path, stop: Event, lock: IO[str] | None = None, watchdog: Watchdog | None = None
    ) -> int:
        """Run a command to its end, and end the processes that it leaves behind.

        Args:
            argv: The command.
            log: File that its output is appended to, in the folder in which it trains.
            stop: Ends the command once it is set.
            lock: Lock of the folder, which the command holds from its start on.
            watchdog: Ends the command once it finds it stuck.

        Returns:
            The exit code, negative where a signal ended the command.

        Raises:
            OSError: It cannot be started at the moment, as where there are too many processes.
            TrialFailed: It cannot be started at all.
            TrialStopped: `stop` was set first; the command and all processes that it started are gone.
        """
        check_own(log)
        with log.open("a") as output:
            begun = os.fstat(output.fileno()).st_size
            try:
                process = subprocess.Popen(
                    argv,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    stdin=subprocess.DEVNULL,
                    env={"OMP_NUM_THREADS": "1", **os.environ, **self._environment, **environment_of(log.parent)},
                    pass_fds=[lock.fileno()] if lock else [],
                    start_new_session=True,  # so that Ctrl-C reaches this process only
                )
            except OSError as error:
                if may_pass(error):
                    raise
                raise TrialFailed(f"{argv[0]!r} cannot be started: {error.strerror}") from error
            processes = Processes(log.parent, process)
            try:
                if lock:
                    note_command(lock, process.pid)
                    lock.close()
                while process.poll() is None and not (watchdog and watchdog.stuck):
                    processes.look()
                    if stop.wait(POLL):
                        raise TrialStopped("the run was stopped")
            finally:
                processes.end()
        if (code := process.poll()) is None:
            raise TrialFailed(f"process {process.pid} cannot be killed: find out what it waits for, and end it")
        return ended_with(code, log, begun)


def _write_request(request: Request, folder: TrialFolder) -> None:
    """Write request.json, unless the folder has the same one: then the trainer may continue from its checkpoint."""
    text = request.as_json()
    if _request_in(folder) != text.encode():
        folder.events.unlink(missing_ok=True)
        write_whole(folder.request, text)


def _request_in(folder: TrialFolder) -> bytes:
    """The content of a folder's request.json; empty where it cannot be read, so that mixopt did not write it."""
    try:
        return read_own(folder.request)
    except OSError as error:
        if may_pass(error):
            raise
        return b""


def _rename_result_of_another(request: Request, folder: TrialFolder) -> None:
    """Rename the result of another request, as when an older journal was restored and trials have other numbers now."""
    if not (folder.result.exists() and folder.request.exists()):
        return
    try:
        found = json.loads(_request_in(folder))
    except (ValueError, RecursionError):
        found = None
    expected = json.loads(request.as_json())
    if not isinstance(found, dict) or {**found, "warm_start": None} != {**expected, "warm_start": None}:
        folder.result.rename(folder.result.with_suffix(".of-another-request"))


def _reason(code: int, stuck: Watchdog | None, tries: int) -> str:
    """Why there is no result: from the exit code, or the watchdog that found the trainer stuck."""
    if stuck:
        return f"the trainer was stuck {tries} times: it wrote no event for {stuck.limit:g} s"
    if code == os.EX_TEMPFAIL:
        return f"the trainer asked {tries} times for a restart (exit code {code})"
    if code < 0:
        return f"the trainer was killed {tries} times, the last time by {signal_name(-code)}"
    return f"the trainer ended with exit code {code}" if code else "the trainer wrote no result.json"

"""Any program as a trainer: a process of its own a trial, spoken to through the files of the contract.

The program gets the path of request.json and must write result.json, which alone says that it is done. Without one the
trial failed, told with the exit code and the last lines of the log. The same request again in the same folder
may go on where its trainer was; a trainer that starts anew empties events.jsonl itself. One that ends with exit code 75
without a result (out of a device that it shares, preempted), or is killed, is tried again there.
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
from mixopt.trainers.folder_lock import claimed, note_command
from mixopt.trainers.processes import Processes, environment_of
from mixopt.trainers.progress import Silence, furthest_step

POLL = 0.2  # seconds between looks at a running trainer
SIGNALLED = 2.0  # seconds after which a signal that ended a trainer has reached us too, where it was meant for both
TRIES, KILLED_TRIES = 3, 5  # of a trainer that asks to be tried again, and of one that is killed
PAUSE = 10.0  # seconds before the second try of one that asked; each further one waits twice as long
KILLED_PAUSE = 1.0  # of one that was killed, or stuck
DISK_TRIES = 90  # PAUSE apart, of a disk that is full or away: a quarter of an hour
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
                _set_aside_of_another(request, folder)
                self._train(request, folder, stop)
                return Result.read(folder.result, request)
            except OSError as error:
                what = f"{error.filename or folder.path}: {error.strerror}"
                if not may_pass(error) or attempt == DISK_TRIES:
                    raise TrialFailed(f"{what}: {fix_of(error)}") from error
                warnings.warn(f"{what}: tried again for {DISK_TRIES * PAUSE / 60:.0f} min", stacklevel=2)
                if stop.wait(PAUSE):
                    raise TrialStopped("the run was stopped") from error

    def _watch(self, folder: TrialFolder) -> "Silence | None":
        return Silence(folder.events, self._silence) if self._silence else None

    def _train(self, request: Request, folder: TrialFolder, stop: Event) -> None:
        """Run the trainer until there is a result, which is all that counts: whatever it exits with, whoever ran it."""
        argv = [part.replace(PLACEHOLDER, str(folder.request)) for part in self._argv]
        attempt, reached = 0, 0
        while True:
            watch = self._watch(folder)
            with claimed(folder, stop, watch) as lock:
                if lock is None:
                    return
                _ask(request, folder)
                if attempt == 0:
                    folder.log.unlink(missing_ok=True)
                code = self.execute(argv, folder.log, stop, lock, watch)
            if folder.result.exists():
                return
            step = furthest_step(folder.events)
            attempt, reached = 1 if step > reached else attempt + 1, max(step, reached)
            stuck = watch is not None and watch.too_long
            killed = code < 0 or stuck
            tries = TRIES if stuck or code == os.EX_TEMPFAIL else KILLED_TRIES if killed else 1
            if attempt < tries:
                stopped = stop.wait((KILLED_PAUSE if killed else PAUSE) * 2 ** (attempt - 1))
            else:  # a scheduler signals all that it has started at once, and trainers answer in ways of their own
                stopped = stop.wait(SIGNALLED)
            if stopped:
                raise TrialStopped("the run was stopped")
            if attempt >= tries:
                raise TrialFailed(_reason(code, watch if stuck else None, attempt), code, log_tail(folder.log))

    def execute(
        self, argv: list[str], log: Path, stop: Event, lock: IO[str] | None = None, watch: Silence | None = None
    ) -> int:
        """Run a command to its end, its output added to `log`, in whose folder it trains; it alone holds `lock` then.

        It is ended where `watch` finds it stuck. Processes that outlive it are ended. Returns how it ended: the exit
        code, negative where a signal ended it.

        Raises:
            OSError: it cannot be started at the moment, as where there are too many processes.
            TrialFailed: it cannot be started.
            TrialStopped: `stop` was set first; the command and all that it has started are gone.
        """
        own = environment_of(log.parent)
        check_own(log)
        with log.open("a") as output:
            begun = os.fstat(output.fileno()).st_size
            try:
                process = subprocess.Popen(
                    argv,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    stdin=subprocess.DEVNULL,
                    env={"OMP_NUM_THREADS": "1", **os.environ, **self._environment, **own},
                    pass_fds=[lock.fileno()] if lock else [],
                    start_new_session=True,  # so that Ctrl-C reaches us alone
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
                while process.poll() is None and not (watch and watch.too_long):
                    processes.look()
                    if stop.wait(POLL):
                        raise TrialStopped("the run was stopped")
            finally:
                processes.end()
        if (code := process.poll()) is None:
            raise TrialFailed(f"process {process.pid} cannot be ended: look what it waits for")
        return ended_with(code, log, begun)


def _ask(request: Request, folder: TrialFolder) -> None:
    """Write the request, where it does not stand there: then the trainer may go on where it was."""
    said = request.as_json()
    if _request_in(folder) != said.encode():
        folder.events.unlink(missing_ok=True)
        write_whole(folder.request, said)


def _request_in(folder: TrialFolder) -> bytes:
    """The request that stands in a folder; nothing where what stands there cannot be one of ours."""
    try:
        return read_own(folder.request)
    except OSError as error:
        if may_pass(error):
            raise
        return b""


def _set_aside_of_another(request: Request, folder: TrialFolder) -> None:
    """Rename a result that stands beside another request, as where an older journal was restored and numbers moved."""
    if not (folder.result.exists() and folder.request.exists()):
        return
    try:
        said = json.loads(_request_in(folder))
    except (ValueError, RecursionError):
        said = None
    asked = json.loads(request.as_json())
    if not isinstance(said, dict) or {**said, "warm_start": None} != {**asked, "warm_start": None}:
        folder.result.rename(folder.result.with_suffix(".of-another-request"))


def _reason(code: int, stuck: Silence | None, tries: int) -> str:
    """Why there is no result, of how it ended, and of the watch that found the trainer stuck, if one did."""
    if stuck:
        return f"the trainer said nothing for {stuck.limit:g} s, and that {tries} times"
    if code == os.EX_TEMPFAIL:
        return f"the trainer asked {tries} times to be tried again (exit code {code})"
    if code < 0:
        return f"the trainer was killed {tries} times, by {signal_name(-code)} at last"
    return f"the trainer ended with exit code {code}" if code else "the trainer wrote no result.json"

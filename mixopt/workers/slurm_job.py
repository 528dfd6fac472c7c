"""A worker's job on SLURM: what it does when SLURM ends it, so that it goes on by itself.

SLURM warns all processes of a job at once, by SIGUSR2, before its time limit, and ends them by SIGTERM when that comes.
The worker ends its trainers politely on either, and the job is queued again under its number.
"""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mixopt.leases.slurm import own_job

if TYPE_CHECKING:
    from submitit.helpers import DelayedSubmission

POLL = 0.2  # seconds between looks at the worker
SAME_SIGNAL = 3.0  # seconds in which a signal that ended the worker reaches the job's own process too
INTERRUPTED = 130  # the worker's exit code when it was told to end
TRIES = 10  # a second apart: SLURM's signals reach scontrol too


def start(argv: Sequence[str]) -> subprocess.Popen[bytes]:
    """A worker: `mixopt` with these arguments."""
    return subprocess.Popen([sys.executable, "-m", "mixopt.cli", *argv], stdin=subprocess.DEVNULL)


class Job:
    """What submitit runs: a worker, whose exit code becomes that of the job.

    Args:
        argv: of `mixopt`.
        patience: seconds that the worker has to end its trainers after a warning.
    """

    def __init__(self, argv: Sequence[str], patience: float) -> None:
        self._argv, self._patience = list(argv), patience
        self._worker: subprocess.Popen[bytes] | None = None
        self._told = self._heeded = False

    def __call__(self) -> None:
        signal.signal(signal.SIGTERM, self._tell)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR2})  # blocked from the start of the process
        self._worker = start(self._argv)
        while (code := self._worker.poll()) is None:
            time.sleep(POLL)
            self._heed()
        if code < 0 or code == INTERRUPTED:
            time.sleep(SAME_SIGNAL)  # submitit's handler of a warning queues the job again meanwhile
            self._heed()
        sys.exit(code if code >= 0 else 128 - code)

    def checkpoint(self) -> "DelayedSubmission":
        """The worker's polite end, on a warning: submitit then queues the job again, with what this returns."""
        from submitit.helpers import DelayedSubmission

        if self._worker and self._ended(SAME_SIGNAL / 3) is None:  # the warning reaches it too, under srun
            self._end_worker()
        code = self._ended(self._patience)
        if code is not None and code >= 0 and code != INTERRUPTED:
            sys.exit(code)  # by itself: the study is complete, or the worker failed
        return DelayedSubmission(Job(self._argv, self._patience))

    def _tell(self, *_: Any) -> None:
        self._told = True

    def _heed(self) -> None:
        """Act on SIGTERM, once."""
        if self._told and not self._heeded:
            self._heeded = True
            if _over_limit():
                _requeue()
            self._end_worker()

    def _end_worker(self) -> None:
        if self._worker and self._worker.poll() is None:
            self._worker.send_signal(signal.SIGTERM)

    def _ended(self, seconds: float) -> int | None:
        """The worker's exit code, once it has one; not `wait`, which would wait for itself in a signal's handler."""
        if self._worker is None:
            return None
        ends = time.monotonic() + seconds
        while (code := self._worker.poll()) is None and time.monotonic() < ends:
            time.sleep(POLL)
        return code


def _over_limit() -> bool:
    """Whether SLURM ends this job for its time limit, or to make room: who cancels it wants no other."""
    if not (job := own_job()):
        return False
    said = _scontrol("show", "job", "-o", job).stdout
    spent, limit, preempted = (_field(said, name) for name in ("RunTime", "TimeLimit", "PreemptTime"))
    return preempted not in ("None", "") or (bool(limit) and _seconds(spent) >= _seconds(limit))


def _requeue() -> None:
    """Queue this job again, which it starts from once all of its processes have ended."""
    job = own_job()
    for _ in range(TRIES):
        done = _scontrol("requeue", job)
        if done.returncode == 0 or "pending" in done.stderr:
            return print(f"job {job} is queued again", file=sys.stderr)
        time.sleep(1)
    print(f"job {job} could not be queued again: {done.stderr.strip()}", file=sys.stderr)


def _scontrol(*arguments: str) -> subprocess.CompletedProcess[str]:
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # it inherits that
    try:
        return subprocess.run(["scontrol", *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL)
    except OSError as error:
        return subprocess.CompletedProcess(arguments, 127, "", f"scontrol: {error.strerror}")
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _field(said: str, name: str) -> str:
    found = re.search(rf"(?:^|\s){name}=(\S*)", said)
    return found[1] if found else ""


def _seconds(said: str) -> float:
    """SLURM's [days-]hours:minutes:seconds; no number (UNLIMITED) is never reached."""
    if not (found := re.fullmatch(r"(?:(\d+)-)?(\d+):(\d+):(\d+)", said)):
        return float("inf")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds).total_seconds()

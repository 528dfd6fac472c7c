"""A worker as a SLURM job, which is requeued when SLURM ends it for its time limit or a preemption.

SLURM sends all processes of a job SIGUSR2 some time before the time limit, and SIGTERM at the limit. On either the
worker ends its trainers (graceful shutdown), and the job is queued again under its number.
"""

import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from mixopt.errors import MixoptError
from mixopt.leases.slurm import TIMEOUT, own_job, show, slurm

if TYPE_CHECKING:
    from submitit.helpers import DelayedSubmission

POLL = 0.2  # seconds between checks of the worker
SAME_SIGNAL = 3.0  # seconds in which a signal that ended the worker reaches this process too
INTERRUPTED = 130  # exit code of a worker after a graceful shutdown
TRIES = 10  # to requeue, a second apart: SLURM's signals reach scontrol too


def start(argv: Sequence[str]) -> subprocess.Popen[bytes]:
    """Start `mixopt` with these arguments."""
    return subprocess.Popen([sys.executable, "-m", "mixopt.cli", *argv], stdin=subprocess.DEVNULL)


class Job:
    """What submitit runs: a worker, whose exit code becomes that of the job.

    Args:
        argv: Arguments of `mixopt`.
        patience: Seconds that the worker has to end its trainers after the warning.
    """

    def __init__(self, argv: Sequence[str], patience: float) -> None:
        self._argv, self._patience = list(argv), patience
        self._worker: subprocess.Popen[bytes] | None = None
        self._terminated = self._handled = False  # SIGTERM has come; this job has acted on it

    def __call__(self) -> None:
        """Run the worker (submitit calls this in the job)."""
        signal.signal(signal.SIGTERM, self._on_sigterm)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGUSR2})  # cluster.py has blocked it from the start
        self._worker = start(self._argv)
        while (code := self._worker.poll()) is None:
            time.sleep(POLL)
            self._handle_sigterm()
        if code < 0 or code == INTERRUPTED:
            time.sleep(SAME_SIGNAL)  # on a warning submitit's handler requeues the job meanwhile
            self._handle_sigterm()
        sys.exit(code if code >= 0 else 128 - code)

    def checkpoint(self) -> "DelayedSubmission":
        """Shut the worker down on SLURM's warning; submitit then requeues the job with what this returns."""
        from submitit.helpers import DelayedSubmission

        if self._worker and self._ended(SAME_SIGNAL / 3) is None:  # under srun the worker gets the warning itself
            self._end_worker()
        code = self._ended(self._patience)
        if code is not None and code >= 0 and code != INTERRUPTED:
            sys.exit(code)  # it ended by itself: the study is complete, or it failed
        return DelayedSubmission(Job(self._argv, self._patience))

    def _on_sigterm(self, *_: Any) -> None:
        self._terminated = True

    def _handle_sigterm(self) -> None:
        """Act on SIGTERM, once."""
        if self._terminated and not self._handled:
            self._handled = True
            if _ended_by_slurm():
                _requeue()
            self._end_worker()

    def _end_worker(self) -> None:
        if self._worker and self._worker.poll() is None:
            self._worker.send_signal(signal.SIGTERM)

    def _ended(self, seconds: float) -> int | None:
        """The worker's exit code, once it has one; `wait` would deadlock in a signal handler."""
        if self._worker is None:
            return None
        ends = time.monotonic() + seconds
        while (code := self._worker.poll()) is None and time.monotonic() < ends:
            time.sleep(POLL)
        return code


def _ended_by_slurm() -> bool:
    """Whether SLURM ends this job for its time limit or a preemption; a job that a user cancels is not requeued."""
    with _sigterm_blocked():
        job = show("job", own_job(), timeout=TIMEOUT)
    elapsed, limit, preempted = (job.get(name, "") for name in ("RunTime", "TimeLimit", "PreemptTime"))
    return preempted not in ("None", "") or (bool(limit) and _seconds(elapsed) >= _seconds(limit))


def _requeue() -> None:
    """Requeue this job; SLURM starts it again once all of its processes have ended."""
    job, failure = own_job(), ""
    for _ in range(TRIES):
        try:
            with _sigterm_blocked():
                slurm("scontrol", "requeue", job)
        except MixoptError as error:
            failure = str(error)
        else:
            failure = ""
        if not failure or "pending" in failure:
            return print(f"job {job} is queued again", file=sys.stderr)
        time.sleep(1)
    print(f"job {job} could not be queued again: {failure}", file=sys.stderr)


@contextmanager
def _sigterm_blocked() -> Iterator[None]:
    """Commands that are started in the block ignore the SIGTERM that SLURM sends to all processes of a job."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})  # children inherit the mask
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _seconds(text: str) -> float:
    """Seconds of SLURM's [days-]hours:minutes:seconds; infinite where there is no limit (UNLIMITED)."""
    if not (found := re.fullmatch(r"(?:(\d+)-)?(\d+):(\d+):(\d+)", text)):
        return float("inf")
    days, hours, minutes, seconds = (int(part or 0) for part in found.groups())
    return timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds).total_seconds()

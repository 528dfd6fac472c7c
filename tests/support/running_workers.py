"""Run workers: `mixopt study` in processes of its own, and workers and trial queues in this one."""

import os
import subprocess
import sys
import time
from collections.abc import Callable

from mixopt.leases.leases import Leases
from mixopt.study.plan import trainer_of
from mixopt.study.study import Study
from mixopt.study.trial_queue import TrialQueue
from mixopt.workers.worker import Worker


def start_command(*arguments: str) -> subprocess.Popen[str]:
    """Start `mixopt study ARGUMENTS` in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "mixopt.cli", "study", *arguments],
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def wait_for(process: subprocess.Popen[str], seconds: float = 120) -> tuple[int, str]:
    """The exit code and the output of a process, once it has ended."""
    output, _ = process.communicate(timeout=seconds)
    return process.returncode, output


def wait_until(condition: Callable[[], object], seconds: float = 60) -> None:
    """Wait until a condition holds."""
    ends = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < ends, f"the condition does not hold after {seconds} s"
        time.sleep(0.05)


def trial_queue(study: Study) -> TrialQueue:
    """A queue that takes the trials of a study under leases of this process."""
    return TrialQueue(study, Leases(study.folder))


class RecordedEvents:
    """A watcher that keeps what a worker reports, as tuples."""

    def __init__(self):
        self.lines = []

    def preparing(self, what):
        self.lines.append(("preparing", what))

    def study_started(self, done, planned):
        self.lines.append(("study started", done, planned))

    def trial_started(self, trial):
        self.lines.append(("started", trial.number, trial.label))

    def trial_event(self, trial, event):
        self.lines.append((event["kind"], trial.number, event["step"]))

    def trial_finished(self, trial, value):
        self.lines.append(("finished", trial.number, value))

    def trial_failed(self, trial, failure):
        self.lines.append(("failed", trial.number, str(failure)))

    def trial_pruned(self, trial):
        self.lines.append(("pruned", trial.number))

    def trial_left(self, trial):
        self.lines.append(("left", trial.number))


def run_worker(study: Study, slots: int = 1, more: int = 0) -> RecordedEvents:
    """Run a worker of the study's own trainer in this process, until it ends."""
    events = RecordedEvents()
    Worker(study, [trainer_of(study.spec)] * slots, events).run(more)
    return events

"""The loop that trains: trials side by side on this machine, one process a slot.

One thread here asks and tells; each slot's thread only waits for its trainer. Ctrl-C ends the trainers and leaves
their trials as running, and the next run of the loop takes them up again under the same numbers and weights.
"""

import json
import signal
import threading
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from pathlib import Path
from threading import Event
from typing import Protocol

from optuna.trial import TrialState

from mixopt.backends.base import Backend, TrialFailed, TrialStopped
from mixopt.errors import ScoresError
from mixopt.samplers.phased import PhasedSampler
from mixopt.storage import locked, mend_journal
from mixopt.study import Asked, Study

LOOK = 0.5  # seconds between looks at the running trials


class Watcher(Protocol):
    """Is told what happens, for people to see."""

    def preparing(self) -> None: ...

    def began(self, done: float, planned: int) -> None: ...

    def started(self, trial: Asked) -> None: ...

    def moved(self, trial: Asked, event: dict) -> None: ...

    def finished(self, trial: Asked, values: tuple[float, ...]) -> None: ...

    def failed(self, trial: Asked, failure: TrialFailed) -> None: ...


class Tail:
    """Reads what was appended to an events file since the last look."""

    def __init__(self, path: Path) -> None:
        self._path, self._read = path, 0

    def __iter__(self) -> Iterator[dict]:
        try:
            with self._path.open("rb") as file:
                file.seek(self._read)
                lines = file.read().splitlines(keepends=True)
        except FileNotFoundError:
            return
        for line in lines:
            if not line.endswith(b"\n"):
                return  # still being written
            self._read += len(line)
            try:
                event = json.loads(line)
            except ValueError:
                continue  # a trainer's slip; the result is what counts
            if isinstance(event, dict):
                yield event


@contextmanager
def interrupts_set(stop: Event) -> Iterator[None]:
    """Ctrl-C, a closed terminal and a polite kill set `stop`; KeyboardInterrupt is raised at the end of the block.

    An interrupt in the middle of a write could leave Optuna's journal locked. Only the main thread gets signals.
    """
    mine = threading.current_thread() is threading.main_thread()
    sent = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP) if mine else ()
    before = [signal.signal(number, lambda *_: stop.set()) for number in sent]
    try:
        yield
    finally:
        for number, handler in zip(sent, before):
            signal.signal(number, handler)
    if stop.is_set():
        raise KeyboardInterrupt


class LocalRunner:
    """Runs what is left of a study in `slots` at a time."""

    def __init__(self, study: Study, backend: Backend, slots: int, watcher: Watcher, more: int = 0) -> None:
        self._study, self._backend, self._slots, self._watcher = study, backend, slots, watcher
        self._more = more
        self._stop = Event()
        self._running: dict[Future, tuple[Asked, Tail]] = {}

    def run(self) -> None:
        """Raise the budget by `more` trials, then train until nothing is left.

        Raises:
            StudyBusyError: another process runs the study.
            TrialFailed: the backend cannot be prepared.
            KeyboardInterrupt: after the trainers have ended.
        """
        study = self._study
        with locked(study.folder), ThreadPoolExecutor(self._slots) as pool:
            with interrupts_set(self._stop):
                mend_journal(study.folder)
                study.begin(self._more)
                sampler = study.sampler()
                left = study.left_running(sampler)
                if not left and not self._wants_trial(sampler):
                    return
            self._watcher.preparing()
            self._backend.prepare()
            try:
                with interrupts_set(self._stop):
                    self._watcher.began(study.done, sampler.planned)
                    self._train(pool, sampler, left)
            except BaseException:
                self._stop.set()  # leaving the pool waits for the trainers to end
                raise

    def _train(self, pool: ThreadPoolExecutor, sampler: PhasedSampler, left: list[Asked]) -> None:
        """Keep the slots busy until nothing is left or the run is stopped; what was left running comes first."""
        while not self._stop.is_set():
            while len(self._running) < self._slots and (left or self._wants_trial(sampler)):
                if asked := left.pop(0) if left else self._study.ask(sampler):
                    self._start(pool, asked)
            if not self._running:
                return
            self._look()

    def _wants_trial(self, sampler: PhasedSampler) -> bool:
        if self._study.trials(TrialState.WAITING):
            return True
        position = sampler.position(self._study.past())
        return position is not None and not position.blocked

    def _start(self, pool: ThreadPoolExecutor, asked: Asked) -> None:
        future = pool.submit(self._backend.run, asked.request, asked.folder, self._stop)
        self._running[future] = asked, Tail(asked.folder.events)
        self._watcher.started(asked)

    def _look(self) -> None:
        """Wait a moment, pass on events, and record what has ended."""
        done, _ = wait(self._running, timeout=LOOK, return_when=FIRST_COMPLETED)
        for asked, tail in self._running.values():
            for event in tail:
                self._watcher.moved(asked, event)
        for future in sorted(done, key=lambda f: self._running[f][0].number):
            asked, _ = self._running.pop(future)
            self._record(asked, future)

    def _record(self, asked: Asked, future: Future) -> None:
        try:
            values = self._study.tell(asked.number, future.result())
        except TrialStopped:
            return
        except (TrialFailed, ScoresError) as error:
            failure = error if isinstance(error, TrialFailed) else TrialFailed(str(error))
            self._study.fail(asked.number, failure)
            self._watcher.failed(asked, failure)
        else:
            self._watcher.finished(asked, values)

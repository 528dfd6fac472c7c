"""The loop that trains: one worker, trials side by side in its slots, beside any number of other workers.

One thread here asks and tells, each slot's thread only waits for its trainer, and one more gives signs of life. Ctrl-C
ends the trainers and leaves their trials as running: whoever works on takes them up under their numbers and weights.
"""

import signal
import threading
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from contextlib import contextmanager
from dataclasses import dataclass, field
from threading import Event

from optuna.exceptions import UpdateFinishedTrialError

from mixopt.errors import ScoresError
from mixopt.history.keys import GPUS, HELD_SECONDS
from mixopt.leases.heartbeats import Heartbeats
from mixopt.leases.leases import LEASE, Leases
from mixopt.storage.transient_errors import PAUSE, Outage
from mixopt.study.circuit_breaker import trainer_never_worked
from mixopt.study.control import STOP, Control
from mixopt.study.pruning import Pruning
from mixopt.study.study import Study
from mixopt.study.trial_queue import LeasedTrial, TrialQueue
from mixopt.trainers.contract import Result, Trainer, TrialFailed, TrialStopped
from mixopt.workers.base_model import BaseJob
from mixopt.workers.events import Tail, Watcher

# The last two are schedulers' warnings.
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2)
LOOK = 0.5  # seconds between looks at the running trials
IDLE = 2.0  # seconds between looks for a trial while other workers have them all


def nohup(number: signal.Signals) -> bool:
    """Whether a signal is that of a closed terminal and was said to be ignored."""
    return number == signal.SIGHUP and signal.getsignal(number) is signal.SIG_IGN


@contextmanager
def interrupts_set(stop: Event) -> Iterator[None]:
    """Ctrl-C, a closed terminal, a polite kill and a scheduler's warning set `stop`.

    KeyboardInterrupt is raised at the end of the block: in the middle of a write it could leave things half done. Only
    the main thread gets signals.
    """
    mine = threading.current_thread() is threading.main_thread()
    sent = [number for number in SIGNALS if mine and not nohup(number)]
    before = [signal.signal(number, lambda *_: stop.set()) for number in sent]
    try:
        yield
    finally:
        for number, handler in zip(sent, before):
            signal.signal(number, handler)
    if stop.is_set():
        raise KeyboardInterrupt


@dataclass(frozen=True, eq=False)
class _Running:
    """A trial in a slot; `stop` ends its trainer."""

    slot: int
    held: LeasedTrial
    tail: Tail
    stop: Event
    since: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """That this worker has had it."""
        return time.monotonic() - self.since


class Worker:
    """Trains what is left of a study, in as many slots as there are backends.

    Args:
        backends: one a slot; they may pin GPUs of their own.
        patience: seconds without a sign of life after which another worker's trial is taken over.
        gpus: that each trial has to itself, where the study's budget counts them.
        submitted: a cluster has started it, maybe long after somebody wanted it: an order that was given since holds.
    """

    def __init__(
        self,
        study: Study,
        backends: Sequence[Trainer],
        watcher: Watcher,
        *,
        patience: float = LEASE,
        gpus: float = 0.0,
        submitted: bool = False,
    ) -> None:
        self._study, self._backends, self._watcher = study, backends, watcher
        self._submitted = submitted
        self._stop = Event()
        study.storage.interrupt_on(self._stop)
        self._desk, self._beats = TrialQueue(study, Leases(study.folder, patience), self._stop), Heartbeats()
        self._pruning, self._gpus = Pruning(study), gpus
        self._base, self._outage = BaseJob(study, watcher), Outage(study.folder.path)
        self._running: dict[Future[Result], _Running] = {}

    def run(self, more: int = 0) -> None:
        """Raise the budget by `more` trials, then train until nothing is left to anybody.

        Raises:
            TrialFailed: the backend cannot be prepared, or its trainer has never worked.
            StorageError: the storage or the study's folder is gone for good.
            KeyboardInterrupt: after the trainers have ended.
        """
        orders = Control(self._study.optuna)
        if self._submitted and orders.stand:
            return
        orders.taken_up()
        with interrupts_set(self._stop):
            self._desk.begin(more)
            if not (self._desk.open or self._base.wanted):
                return
        if what := self._backends[0].preparation:
            self._watcher.preparing(what)
        self._backends[0].prepare()
        self._beats.start()
        with interrupts_set(self._stop), ThreadPoolExecutor(len(self._backends)) as pool:
            try:
                self._watcher.began(self._study.done, self._desk.sampler.planned)
                self._train(pool, orders)
            finally:
                self._end()
        if failure := trainer_never_worked(self._study):
            raise failure

    def _train(self, pool: ThreadPoolExecutor, orders: Control) -> None:
        """Keep the slots busy until nothing is left or the run is stopped."""
        while not self._stop.is_set() and (word := orders.since()) != STOP:
            self._base.look()
            busy = {running.slot for running in self._running.values()} | self._base.slots
            free = sorted(set(range(len(self._backends))) - busy)
            if free and word is None and self._base.start(pool, free[0], self._backends[free[0]]):
                free.pop(0)
            while free and word is None and (held := self._desk.next()):
                self._start(pool, free.pop(0), held)
            if self._running or self._base.slots:
                self._look_patiently()
            elif word or not self._desk.open:
                return
            else:
                self._stop.wait(IDLE)

    def _start(self, pool: ThreadPoolExecutor, slot: int, held: LeasedTrial) -> None:
        if self._gpus:
            self._study.note(held.asked.number, {GPUS: self._gpus})
        running = _Running(slot, held, Tail(held.asked.folder.events), Event())
        self._beats.held[held.lease] = running.stop
        future = pool.submit(self._backends[slot].run, held.asked.request, held.asked.folder, running.stop)
        self._running[future] = running
        self._watcher.started(held.asked)

    def _look_patiently(self) -> None:
        """Look, through an outage of the file system: what has ended meanwhile is left, and taken up after it."""
        try:
            self._look()
        except OSError as error:
            self._outage.met(error)
            self._stop.wait(PAUSE)
        else:
            self._outage.over()

    def _look(self) -> None:
        """Wait a moment, pass on events, and record what has ended."""
        done, _ = wait([*self._running, *self._base.futures], timeout=LOOK, return_when=FIRST_COMPLETED)
        for running in self._running.values():
            for event in running.tail:
                self._watcher.moved(running.held.asked, event)
                if not running.held.lease.lost:
                    self._pruning.heard(running.held.asked, event)
        condemned = self._pruning.condemned()
        for running in self._running.values():
            if running.held.asked.number in condemned:
                running.stop.set()
        for future in sorted(done & self._running.keys(), key=lambda f: self._running[f].held.asked.number):
            self._record(self._running.pop(future), future)

    def _record(self, running: _Running, future: Future[Result]) -> None:
        try:
            self._tell(running, future)
        except UpdateFinishedTrialError:  # another worker was faster, while this one was asleep
            self._watcher.left(running.held.asked)
        finally:
            self._let_go(running)

    def _tell(self, running: _Running, future: Future[Result]) -> None:
        """Tell how a trial has ended, where it is still this worker's."""
        asked = running.held.asked
        if running.held.lease.lost or not self._study.is_running(asked.number):
            return self._watcher.left(asked)
        try:
            values = self._study.tell(asked.number, _result_of(future))
        except TrialStopped:
            if asked.number not in self._pruning.condemned():
                return self._watcher.left(asked)
            self._study.note(asked.number, {HELD_SECONDS: running.seconds})
            self._pruning.end(asked.number)
            self._watcher.pruned(asked)
        except (TrialFailed, ScoresError) as error:
            if self._stop.is_set():  # what was signalled to us was signalled to the trainer too
                return self._watcher.left(asked)
            failure = error if isinstance(error, TrialFailed) else TrialFailed(str(error))
            self._study.note(asked.number, {HELD_SECONDS: running.seconds})
            self._study.fail(asked.number, failure)
            self._watcher.failed(asked, failure)
        else:
            self._watcher.finished(asked, values)

    def _let_go(self, running: _Running) -> None:
        self._beats.held.pop(running.held.lease, None)
        self._desk.give_back(running.held)

    def _end(self) -> None:
        """End the trainers; their trials, finished or not, are left to be taken up."""
        for running in self._running.values():
            running.stop.set()
        self._base.end()
        wait(self._running)
        for running in self._running.values():
            self._let_go(running)
        self._beats.end()


def _result_of(future: Future[Result]) -> Result:
    """What a slot came to; a backend that breaks in a way of its own has failed its trial, and not the others."""
    try:
        return future.result()
    except (TrialFailed, TrialStopped, ScoresError):
        raise
    except Exception as error:
        raise TrialFailed(f"the backend broke: {type(error).__name__}: {error}") from error

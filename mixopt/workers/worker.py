"""The worker: a loop that trains the trials of a study in slots, beside any number of other workers.

The main thread asks for trials and tells their results, the thread of each slot waits for its trainer, and one more
gives heartbeats. Ctrl-C ends the trainers and leaves their trials running in the storage: another worker, or the next
`mixopt study resume`, takes them over with their numbers and weights.
"""

from collections.abc import Sequence
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from threading import Event

from mixopt.leases.leases import LEASE_TIMEOUT, Leases
from mixopt.storage.transient_errors import PAUSE, Outage
from mixopt.study.circuit_breaker import trainer_never_worked
from mixopt.study.control import STOP, Control
from mixopt.study.study import Study
from mixopt.study.trial_queue import TrialQueue
from mixopt.trainers.contract import Trainer
from mixopt.workers.base_model import BaseModelJob
from mixopt.workers.running_trials import RunningTrials
from mixopt.workers.signals import signals_set
from mixopt.workers.watcher import Watcher

POLL = 0.5  # seconds between checks of the running trials
IDLE = 2.0  # seconds between requests for a trial while other workers have them all


class Worker:
    """Trains what is left of a study, in one slot for each trainer.

    Args:
        study: To train.
        trainers: One for each slot; each may use GPUs of its own.
        watcher: Is told what happens.
        patience: Seconds without a heartbeat after which another worker's trial is taken over.
        gpus: GPUs that each trial uses, where the study's budget counts them.
        submitted: Whether a cluster started this worker, maybe long after it was submitted: then it obeys a `pause` or
            `stop` that was given since.
    """

    def __init__(
        self,
        study: Study,
        trainers: Sequence[Trainer],
        watcher: Watcher,
        *,
        patience: float = LEASE_TIMEOUT,
        gpus: float = 0.0,
        submitted: bool = False,
    ) -> None:
        self._study, self._trainers, self._watcher = study, trainers, watcher
        self._submitted, self._stop = submitted, Event()
        study.storage.interrupt_on(self._stop)
        self._queue = TrialQueue(study, Leases(study.folder, patience), self._stop)
        self._running = RunningTrials(study, trainers, self._queue, watcher, self._stop, gpus)
        self._base, self._outage = BaseModelJob(study, watcher), Outage(study.folder.path)

    def run(self, more: int = 0) -> None:
        """Train until nothing is left for any worker.

        Args:
            more: Trials by which the study's budget is raised first.

        Raises:
            TrialFailed: The trainer cannot be prepared, or has never worked (circuit breaker).
            StorageError: The storage or the study's folder is lost for good.
            KeyboardInterrupt: A signal told the worker to end; its trainers have ended.
        """
        control = Control(self._study.optuna)
        if self._submitted and control.in_force:
            return
        control.lift()
        with signals_set(self._stop):
            self._queue.begin(more)
            if not (self._queue.open or self._base.wanted):
                return
        if what := self._trainers[0].preparation:
            self._watcher.preparing(what)
        self._trainers[0].prepare()
        self._running.start_heartbeats()
        with signals_set(self._stop), ThreadPoolExecutor(len(self._trainers)) as pool:
            try:
                self._watcher.study_started(self._study.done, self._queue.sampler.planned)
                self._train(pool, control)
            finally:
                self._running.stop()
                self._base.end()
                self._running.end()
        if failure := trainer_never_worked(self._study):
            raise failure

    def _train(self, pool: ThreadPoolExecutor, control: Control) -> None:
        """Keep the slots busy until nothing is left or the worker is told to end."""
        while not self._stop.is_set() and (order := control.new_order()) != STOP:
            self._base.update()
            free = sorted(set(range(len(self._trainers))) - self._running.slots - self._base.slots)
            if free and order is None and self._base.start(pool, free[0], self._trainers[free[0]]):
                free.pop(0)
            while free and order is None and (leased := self._queue.next()):
                self._running.start(pool, free.pop(0), leased)
            if self._running.futures or self._base.slots:
                self._update_running()
            elif order or not self._queue.open:
                return
            else:
                self._stop.wait(IDLE)

    def _update_running(self) -> None:
        """Wait a moment and record what has ended; in an outage of the file system it stays to be recorded after it."""
        try:
            ended, _ = wait([*self._running.futures, *self._base.futures], timeout=POLL, return_when=FIRST_COMPLETED)
            self._running.update(ended)
        except OSError as error:
            self._outage.met(error)
            self._stop.wait(PAUSE)
        else:
            self._outage.over()

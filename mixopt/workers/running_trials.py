"""The trials that run in a worker's slots: start them, pass on their events, and record how they end."""

import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from threading import Event

from optuna.exceptions import UpdateFinishedTrialError

from mixopt.errors import ScoresError
from mixopt.history.keys import GPUS, HELD_SECONDS
from mixopt.leases.heartbeats import Heartbeats
from mixopt.study.pruning import Pruning
from mixopt.study.study import Study
from mixopt.study.trial_queue import LeasedTrial, TrialQueue
from mixopt.trainers.contract import Result, Trainer, TrialFailed, TrialStopped
from mixopt.workers.event_tail import EventTail
from mixopt.workers.watcher import Watcher


@dataclass(frozen=True, eq=False)
class _RunningTrial:
    """A trial in a slot; `stop` ends its trainer."""

    slot: int
    leased: LeasedTrial
    events: EventTail
    stop: Event
    started: float = field(default_factory=time.monotonic)

    @property
    def seconds(self) -> float:
        """How long this worker has trained it."""
        return time.monotonic() - self.started


class RunningTrials:
    """The trials in a worker's slots.

    Args:
        study: That they belong to.
        trainers: One for each slot.
        queue: That gave the trials, and gets them back.
        watcher: Is told what happens.
        shutdown: Set once the worker was told to end.
        gpus: GPUs that each trial uses, where the study's budget counts them.
    """

    def __init__(
        self,
        study: Study,
        trainers: Sequence[Trainer],
        queue: TrialQueue,
        watcher: Watcher,
        shutdown: Event,
        gpus: float = 0.0,
    ) -> None:
        self._study, self._trainers, self._queue, self._watcher = study, trainers, queue, watcher
        self._shutdown, self._gpus = shutdown, gpus
        self._heartbeats, self._pruning = Heartbeats(), Pruning(study)
        self._running: dict[Future[Result], _RunningTrial] = {}

    @property
    def futures(self) -> list[Future[Result]]:
        """Of the running trials."""
        return list(self._running)

    @property
    def slots(self) -> set[int]:
        """The slots in use."""
        return {running.slot for running in self._running.values()}

    def start_heartbeats(self) -> None:
        """Keep the leases of running trials alive from now on."""
        self._heartbeats.start()

    def start(self, pool: ThreadPoolExecutor, slot: int, leased: LeasedTrial) -> None:
        """Start the trainer of a trial in a thread of the pool."""
        asked = leased.asked
        if self._gpus:
            self._study.note(asked.number, {GPUS: self._gpus})
        running = _RunningTrial(slot, leased, EventTail(asked.folder.events), Event())
        self._heartbeats.leases[leased.lease] = running.stop
        self._running[pool.submit(self._trainers[slot].run, asked.request, asked.folder, running.stop)] = running
        self._watcher.trial_started(asked)

    def update(self, ended: set[Future[Result]]) -> None:
        """Pass on new events, prune, and record the trials that have ended.

        Args:
            ended: Futures that have ended; others among them are ignored.
        """
        for running in self._running.values():
            for event in running.events:
                self._watcher.trial_event(running.leased.asked, event)
                if not running.leased.lease.lost:
                    self._pruning.observe(running.leased.asked, event)
        marked = self._pruning.marked()
        for running in self._running.values():
            if running.leased.asked.number in marked:
                running.stop.set()
        for future in sorted(ended & self._running.keys(), key=lambda f: self._running[f].leased.asked.number):
            self._record(self._running.pop(future), future)

    def stop(self) -> None:
        """Tell the trainers to end."""
        for running in self._running.values():
            running.stop.set()

    def end(self) -> None:
        """Wait for the trainers to end, and leave their trials, finished or not, to other workers."""
        wait(self._running)
        for running in self._running.values():
            self._give_back(running)
        self._heartbeats.end()

    def _record(self, running: _RunningTrial, future: Future[Result]) -> None:
        try:
            self._tell(running, future)
        except UpdateFinishedTrialError:  # another worker told it, while this one was suspended
            self._watcher.trial_left(running.leased.asked)
        finally:
            self._give_back(running)

    def _tell(self, running: _RunningTrial, future: Future[Result]) -> None:
        """Tell the study how a trial has ended, where this worker still owns it."""
        asked = running.leased.asked
        if running.leased.lease.lost or not self._study.is_running(asked.number):
            return self._watcher.trial_left(asked)
        try:
            values = self._study.tell(asked.number, _result_of(future))
        except TrialStopped:
            if asked.number not in self._pruning.marked():
                return self._watcher.trial_left(asked)
            self._study.note(asked.number, {HELD_SECONDS: running.seconds})
            self._pruning.end(asked.number)
            self._watcher.trial_pruned(asked)
        except (TrialFailed, ScoresError) as error:
            if self._shutdown.is_set():  # the trainer got the signal of this worker too
                return self._watcher.trial_left(asked)
            failure = error if isinstance(error, TrialFailed) else TrialFailed(str(error))
            self._study.note(asked.number, {HELD_SECONDS: running.seconds})
            self._study.fail(asked.number, failure)
            self._watcher.trial_failed(asked, failure)
        else:
            self._watcher.trial_finished(asked, values)

    def _give_back(self, running: _RunningTrial) -> None:
        self._heartbeats.leases.pop(running.leased.lease, None)
        self._queue.give_back(running.leased)


def _result_of(future: Future[Result]) -> Result:
    """The result of a trainer; an unexpected exception of a trainer fails its own trial only."""
    try:
        return future.result()
    except (TrialFailed, TrialStopped, ScoresError):
        raise
    except Exception as error:
        raise TrialFailed(f"the trainer raised {type(error).__name__}: {error}") from error

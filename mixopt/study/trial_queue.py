"""Which trial a worker trains next: first the trials whose worker died or stopped, then new ones.

When a worker dies, its trial stays in the storage as running. The next worker that asks finds the lease abandoned
(leases/leases.py), takes the lease, and trains the trial under its number and with its weights. A trial that has lost
five workers to crashes fails.

Workers ask one at a time, under the study's lock, so the budget holds and every row of a design is trained once. Only
the worker that holds a trial's lease writes its result.
"""

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from threading import Event

from filelock import Timeout
from optuna.trial import FrozenTrial, TrialState

from mixopt.errors import StrategyError
from mixopt.history.keys import BY_HAND
from mixopt.leases.leases import Lease, Leases
from mixopt.samplers.phased import PhasedSampler
from mixopt.storage.transient_errors import PAUSE, Outage
from mixopt.study.asked_trial import AskedTrial
from mixopt.study.circuit_breaker import reset_circuit_breaker, trainer_never_worked
from mixopt.study.limits import Limits
from mixopt.study.pruning import Pruning
from mixopt.study.study import Study
from mixopt.trainers.contract import TrialFailed

QUEUE = 5.0  # seconds that a worker waits for the lock before it looks at its running trials again
MOST_DEATHS = 5  # a trial that has lost so many workers to crashes fails


@dataclass(frozen=True, eq=False)
class LeasedTrial:
    """A trial to train, and the lease that gives the right to train it."""

    asked: AskedTrial
    lease: Lease


class TrialQueue:
    """Give the trials of a study to one worker among others.

    Args:
        study: the study.
        leases: the leases of its trials.
        stop: once it is set, the queue waits no longer.
        outage: counts how long the study's folder has been away.
    """

    def __init__(self, study: Study, leases: Leases, stop: Event | None = None, outage: Outage | None = None) -> None:
        self._study, self._leases, self._stop = study, leases, stop or Event()
        self._outage = outage or Outage(study.folder.path)
        self._limits, self._pruning = Limits(study, note=True), Pruning(study)
        self._own: set[int] = set()  # trials that this worker trains
        self._sampler_of = lru_cache(1)(lambda extra: study.sampler())

    def begin(self, more: int) -> None:
        """Raise the budget by `more` trials; where no other worker is active, forget earlier failures.

        Raises:
            StorageError: as `next`.
        """
        while not self._stop.is_set():
            try:
                if more:
                    self._study.add(more)
                    more = 0
                self._reset_failures()
            except OSError as error:
                self._outage.met(error)
                self._stop.wait(PAUSE)
            else:
                return self._outage.over()

    def _reset_failures(self) -> None:
        with suppress(Timeout), self._study.lock.acquire(cancel_check=self._stop.is_set):
            if not self._study.busy:
                self._study.reset_failures()
                reset_circuit_breaker(self._study)

    def next(self) -> LeasedTrial | None:
        """Return a trial to train, or None if there is none at the moment; see `open`.

        Raises:
            StrategyError: the strategy proposes no further mixture.
            StorageError: the folder cannot be used for good, or has been away for too long.
        """
        try:
            with (
                self._study.lock.acquire(timeout=QUEUE, cancel_check=self._stop.is_set),
                self._study.storage.read_once(),
            ):
                leased = self._abandoned() or self._new()
                self._outage.over()
                return leased
        except Timeout:
            return None
        except OSError as error:
            self._outage.met(error)
            return None

    def next_manual(self) -> AskedTrial | None:
        """Return a new trial that a person trains and tells, or None if there is none at the moment."""
        with self._study.lock:
            while self._wants_trial():
                self._limits.begins()
                if asked := self._study.ask(self.sampler, {BY_HAND: True}):
                    return asked
        return None

    def give_back(self, leased: LeasedTrial) -> None:
        """Release a trial that has finished, or that another worker should take."""
        self._own.discard(leased.asked.number)
        leased.lease.release()

    @property
    def open(self) -> bool:
        """Whether there is a trial to train, or may be one later.

        There may be one while other workers train: they may leave their trials, and a later phase waits for them.
        Trials that a person trains do not count.
        """
        others = (trial.number not in self._own for trial in self._in_training())
        return any(others) or self._may_begin()

    @property
    def sampler(self) -> PhasedSampler:
        """The sampler of the study file and of the trials beyond it, which another worker may have added."""
        return self._sampler_of(self._study.extra)

    def _in_training(self) -> list[FrozenTrial]:
        """The running trials that workers train."""
        return [t for t in self._study.trials(TrialState.RUNNING) if not t.user_attrs.get(BY_HAND)]

    def _abandoned(self) -> LeasedTrial | None:
        """Take over a trial whose worker died or stopped."""
        for trial in self._in_training():
            number, turn = trial.number, self._leases.turn(trial.number)
            if number in self._own or not self._leases.abandoned(number, turn):
                continue
            deaths, lease = self._leases.deaths(number), self._lease(number, turn + 1)
            if lease and (asked := self._resumed(number, deaths)):
                return self._hold(asked, lease)
            if lease:
                lease.release()
        return None

    def _resumed(self, number: int, deaths: int) -> AskedTrial | None:
        """The request of an abandoned trial, if it still wants training; otherwise the trial ends here."""
        if not self._study.is_running(number):
            return None  # its worker had recorded the result before it released the lease
        if number in self._pruning.marked():
            self._pruning.end(number)
            return None
        try:
            if deaths >= MOST_DEATHS:
                raise StrategyError(f"its worker died {deaths} times")
            return self._study.resume(number, self.sampler)
        except StrategyError as reason:  # also where it has no weights and no mixture is left
            self._study.fail(number, TrialFailed(str(reason)))
            return None

    def _new(self) -> LeasedTrial | None:
        """Begin a new trial."""
        while self._may_begin():
            self._limits.begins()
            if asked := self._study.ask(self.sampler):
                lease = self._lease(asked.number, 1)
                return self._hold(asked, lease) if lease else None
        return None

    def _wants_trial(self) -> bool:
        return self._study.wants_trial(self.sampler) and not self._limits.reached(self.sampler)

    def _may_begin(self) -> bool:
        """Whether a worker may begin a new trial."""
        return self._wants_trial() and trainer_never_worked(self._study) is None

    def _lease(self, number: int, turn: int) -> Lease | None:
        """Take the lease of a trial; None if another worker was faster, or if a file blocks its folder: it fails."""
        try:
            return self._leases.take(number, turn)
        except (FileExistsError, NotADirectoryError) as error:
            if not self._study.folder.trial(number).path.parent.is_dir():  # then every trial would fail
                raise
            self._study.fail(number, TrialFailed(f"{error.filename}: is no folder: move it away"))
            return None

    def _hold(self, asked: AskedTrial, lease: Lease) -> LeasedTrial:
        self._own.add(asked.number)
        return LeasedTrial(asked, lease)

"""Where a worker gets its trials: those that lost their owner first, then new ones.

Workers ask one at a time, so that the budget is kept and every design is trained once. A trial's weights are recorded
by its owner alone.
"""

from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from threading import Event

from filelock import FileLock, Timeout
from optuna.trial import FrozenTrial, TrialState

from mixopt.errors import StrategyError
from mixopt.history.keys import BY_HAND
from mixopt.leases.leases import Lease, Leases
from mixopt.samplers.phased import PhasedSampler
from mixopt.storage.transient_errors import PAUSE, Outage
from mixopt.study.circuit_breaker import reset_circuit_breaker, trainer_never_worked
from mixopt.study.limits import Limits
from mixopt.study.pruning import Pruning
from mixopt.study.study import AskedTrial, Study
from mixopt.trainers.contract import TrialFailed

POLL = 0.1  # seconds between tries for the turn
QUEUE = 5.0  # seconds that a worker waits for its turn before it looks at its running trials again
OWNERS = 5  # that a trial may lose before it is given up


@dataclass(frozen=True, eq=False)
class LeasedTrial:
    """A trial to train, and the right to do so."""

    asked: AskedTrial
    lease: Lease


class TrialQueue:
    """Hands out the trials of a study to one worker among others; once `stop` is set it waits no longer."""

    def __init__(self, study: Study, leases: Leases, stop: Event | None = None, outage: Outage | None = None) -> None:
        self._study, self._leases, self._stop = study, leases, stop or Event()
        self._outage = outage or Outage(study.folder.path)
        self._limits, self._pruning = Limits(study, note=True), Pruning(study)
        self._own: set[int] = set()  # trials that this worker holds
        self._turn = FileLock(study.folder.queue_lock, poll_interval=POLL)
        self._sampler_of = lru_cache(1)(lambda extra: study.sampler())

    def begin(self, more: int) -> None:
        """Raise the budget by `more` trials; where nobody else is at work, failed mixtures get their chances again.

        Raises:
            StorageError: as `next`.
        """
        while not self._stop.is_set():
            try:
                if more:
                    self._study.add(more)
                    more = 0
                self._forgive()
            except OSError as error:
                self._outage.met(error)
                self._stop.wait(PAUSE)
            else:
                return self._outage.over()

    def _forgive(self) -> None:
        with suppress(Timeout), self._turn.acquire(cancel_check=self._stop.is_set):
            if not self._study.busy:
                self._study.reset_failures()
                reset_circuit_breaker(self._study)

    def next(self) -> LeasedTrial | None:
        """A trial to train, or None where there is none at the moment; see `open`.

        Raises:
            StorageError: the folder cannot be used, which does not pass, or has not passed.
        """
        try:
            with (
                self._turn.acquire(timeout=QUEUE, cancel_check=self._stop.is_set),
                self._study.storage.read_once(),
            ):
                held = self._left_behind() or self._new()
                self._outage.over()
                return held
        except Timeout:
            return None
        except OSError as error:
            self._outage.met(error)
            return None

    def by_hand(self) -> AskedTrial | None:
        """A new trial that somebody trains and tells by hand; None where there is none at the moment."""
        with self._turn:
            while self._wants_trial():
                self._limits.begins()
                if not self._study.trials(TrialState.WAITING):
                    return self._study.new_whole_trial(self.sampler, {BY_HAND: True})
                number = self._study.new_trial(self.sampler)
                self._study.note(number, {BY_HAND: True})
                try:
                    asked = self._study.taken_up(number, self.sampler)
                except StrategyError as reason:
                    self._study.fail(number, TrialFailed(str(reason)))
                    raise
                if asked:
                    return asked
        return None

    def give_back(self, held: LeasedTrial) -> None:
        """Done with a trial: it is finished, or left for another worker."""
        self._own.discard(held.asked.number)
        held.lease.release()

    @property
    def open(self) -> bool:
        """Whether there is something to train, or may be later: others' trials are running, which may be left behind,
        or which a later phase waits for. Nobody waits for those that are told by hand."""
        others = (trial.number not in self._own for trial in self._in_training())
        return any(others) or self._may_begin()

    @property
    def sampler(self) -> PhasedSampler:
        """Of the study file and of the trials beyond it, whose number another worker may have raised."""
        return self._sampler_of(self._study.extra)

    def _in_training(self) -> list[FrozenTrial]:
        """Running trials that are workers' to train."""
        return [t for t in self._study.trials(TrialState.RUNNING) if not t.user_attrs.get(BY_HAND)]

    def _left_behind(self) -> LeasedTrial | None:
        for trial in self._in_training():
            number, turn = trial.number, self._leases.turn(trial.number)
            if number in self._own or not self._leases.abandoned(number, turn):
                continue
            deaths, lease = self._leases.deaths(number), self._lease(number, turn + 1)
            if lease and (asked := self._taken_up(number, deaths)):
                return self._hold(asked, lease)
            if lease:
                lease.release()
        return None

    def _taken_up(self, number: int, deaths: int) -> AskedTrial | None:
        """An abandoned trial, if it still wants training."""
        if not self._study.is_running(number):
            return None  # its owner had finished it, and then let go
        if number in self._pruning.condemned():
            self._pruning.end(number)
            return None
        try:
            if deaths >= OWNERS:
                raise StrategyError(f"its worker died {deaths} times")
            return self._study.taken_up(number, self.sampler)
        except StrategyError as reason:  # also where no mixture is left for one that was left without weights
            self._study.fail(number, TrialFailed(str(reason)))
            return None

    def _wants_trial(self) -> bool:
        return self._study.wants_trial(self.sampler) and not self._limits.reached(self.sampler)

    def _may_begin(self) -> bool:
        """Whether a worker may take a new trial."""
        return self._wants_trial() and trainer_never_worked(self._study) is None

    def _new(self) -> LeasedTrial | None:
        while self._may_begin():
            self._limits.begins()
            if not self._study.trials(TrialState.WAITING):
                whole = self._study.new_whole_trial(self.sampler)
                lease = self._lease(whole.number, 1)
                return self._hold(whole, lease) if lease else None
            number = self._study.new_trial(self.sampler)
            lease = self._lease(number, 1)
            if lease is None:
                return None
            if asked := self._study.taken_up(number, self.sampler):
                return self._hold(asked, lease)
            lease.release()
        return None

    def _lease(self, number: int, turn: int) -> Lease | None:
        """The right to train a trial; None where somebody was faster, or a file is in its folder's place: it fails."""
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

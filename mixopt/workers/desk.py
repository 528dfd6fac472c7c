"""Where a worker gets its trials: those that lost their owner first, then new ones.

Workers ask one at a time, so that the budget is kept and every design is trained once. Should the lock not come
within QUEUE seconds (a worker is stopped in the middle of its turn) they ask all the same: leases let only one train a
trial, and claims let no proposal be made twice (samplers/claims.py).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from filelock import FileLock, Timeout
from optuna.trial import TrialState

from mixopt.backends.base import TrialFailed
from mixopt.errors import StorageError
from mixopt.samplers.phased import PhasedSampler
from mixopt.study import Asked, Study
from mixopt.workers.leases import Lease, Leases

QUEUE = 120.0  # seconds
OWNERS = 5  # that a trial may lose before it is given up


@dataclass(frozen=True, eq=False)
class Held:
    """A trial to train, and the right to do so."""

    asked: Asked
    lease: Lease


class Desk:
    """Hands out the trials of a study to one worker among others."""

    def __init__(self, study: Study, leases: Leases) -> None:
        self._study, self._leases = study, leases
        self._own: set[int] = set()  # trials that this worker holds
        self._sampler_of = lru_cache(1)(lambda extra: study.sampler())

    def begin(self, more: int) -> None:
        """Raise the budget by `more` trials; where nobody else is at work, failed mixtures get their chances again."""
        with self._turn():
            if more:
                self._study.add(more)
            if not self._study.busy:
                self._study.forgive()

    def next(self) -> Held | None:
        """A trial to train, or None where there is none at the moment; see `open`."""
        with self._turn():
            return self._left_behind() or self._new()

    def give_back(self, held: Held) -> None:
        """Done with a trial: it is finished, or left for another worker."""
        self._own.discard(held.asked.number)
        held.lease.release()

    @property
    def open(self) -> bool:
        """Whether there is something to train, or may be later: others' trials are running, which may be left behind,
        or which a later phase waits for."""
        others = (trial.number not in self._own for trial in self._study.trials(TrialState.RUNNING))
        return any(others) or self._study.wants_trial(self.sampler)

    @property
    def sampler(self) -> PhasedSampler:
        """Of the study file and of the trials beyond it, whose number another worker may have raised."""
        return self._sampler_of(self._study.extra)

    def _left_behind(self) -> Held | None:
        for trial in self._study.trials(TrialState.RUNNING):
            if trial.number in self._own or not self._leases.abandoned(trial.number):
                continue
            deaths = self._leases.deaths(trial.number)
            lease = self._leases.take(trial.number)
            if lease and self._study.to_prune(trial.number):
                self._study.pruned(trial.number)
                lease.release()
            elif lease and deaths >= OWNERS:
                self._study.fail(trial.number, TrialFailed(f"its worker died {deaths} times"))
                lease.release()
            elif lease and (asked := self._study.taken_up(trial.number, self.sampler)):
                return self._hold(asked, lease)
        return None

    def _new(self) -> Held | None:
        while self._study.wants_trial(self.sampler):
            if asked := self._study.ask(self.sampler):
                lease = self._leases.take(asked.number)
                return self._hold(asked, lease) if lease else None
        return None

    def _hold(self, asked: Asked, lease: Lease) -> Held:
        self._own.add(asked.number)
        return Held(asked, lease)

    @contextmanager
    def _turn(self) -> Iterator[None]:
        lock = FileLock(self._study.folder.desk)
        try:
            lock.acquire(timeout=QUEUE)
        except Timeout:
            pass
        except OSError as error:
            raise StorageError(f"{self._study.folder.desk}: cannot be locked ({error.strerror}): mend it") from error
        try:
            yield
        finally:
            lock.release()

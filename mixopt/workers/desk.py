"""Where a worker gets its trials: those that lost their owner first, then new ones.

Workers ask one at a time, so that the budget is kept and every design is trained once. A trial's weights are recorded
by its owner alone.
"""

import warnings
from dataclasses import dataclass
from functools import lru_cache

from filelock import FileLock, Timeout
from optuna.trial import TrialState

from mixopt.backends.base import TrialFailed
from mixopt.errors import StrategyError
from mixopt.samplers.phased import PhasedSampler
from mixopt.study import Asked, Study
from mixopt.workers.leases import Lease, Leases

QUEUE = 5.0  # seconds that a worker waits for its turn before it looks at its running trials again
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
        self._turn = FileLock(study.folder.desk)
        self._sampler_of = lru_cache(1)(lambda extra: study.sampler())

    def begin(self, more: int) -> None:
        """Raise the budget by `more` trials; where nobody else is at work, failed mixtures get their chances again."""
        with self._turn:
            if more:
                self._study.add(more)
            if not self._study.busy:
                self._study.forgive()

    def next(self) -> Held | None:
        """A trial to train, or None where there is none at the moment; see `open`."""
        try:
            with self._turn.acquire(timeout=QUEUE):
                return self._left_behind() or self._new()
        except Timeout:
            return None
        except OSError as error:  # a full disk, a file system that is away
            warnings.warn(f"{error.filename}: cannot be written ({error.strerror}): tried again", stacklevel=2)
            return None

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
            number, turn = trial.number, self._leases.turn(trial.number)
            if number in self._own or not self._leases.abandoned(number, turn):
                continue
            deaths, lease = self._leases.deaths(number), self._leases.take(number, turn + 1)
            if lease and (asked := self._taken_up(number, deaths)):
                return self._hold(asked, lease)
            if lease:
                lease.release()
        return None

    def _taken_up(self, number: int, deaths: int) -> Asked | None:
        """An abandoned trial, if it still wants training."""
        if not self._study.is_running(number):
            return None  # its owner had finished it, and then let go
        if number in self._study.to_prune():
            self._study.pruned(number)
            return None
        try:
            if deaths >= OWNERS:
                raise StrategyError(f"its worker died {deaths} times")
            return self._study.taken_up(number, self.sampler)
        except StrategyError as reason:  # also where no mixture is left for one that was left without weights
            self._study.fail(number, TrialFailed(str(reason)))
            return None

    def _new(self) -> Held | None:
        while self._study.wants_trial(self.sampler):
            number = self._study.new_trial(self.sampler)
            lease = self._leases.take(number, 1)
            if lease is None:
                return None
            if asked := self._study.taken_up(number, self.sampler):
                return self._hold(asked, lease)
            lease.release()
        return None

    def _hold(self, asked: Asked, lease: Lease) -> Held:
        self._own.add(asked.number)
        return Held(asked, lease)

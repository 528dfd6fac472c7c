"""A storage that repeats calls of another one while it is away; each trial is created and ended once."""

import copy
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from threading import Event
from typing import Any, Protocol, runtime_checkable
from uuid import uuid4

from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState, create_trial
from tenacity import Retrying

from mixopt.storage.forwarding import ForwardingStorage, P, R
from mixopt.storage.journal import MARK
from mixopt.storage.retry import RetryPolicy
from mixopt.storage.secrets import Secrets

LONGEST_OUTAGE = 900.0  # seconds
BATCH = 1000  # finished trials that are added in one write


@runtime_checkable
class AddsFinished(Protocol):
    """A storage that adds many finished trials in one write."""

    def add_finished(self, study_id: int, trials: Sequence[FrozenTrial]) -> None:
        """Add finished trials."""


class RetryingStorage(ForwardingStorage):
    """Forwards to another storage, and repeats a call while its failure is transient.

    A call raises StorageError where the outage lasts too long, and other errors as they come.

    Args:
        storage: the other storage.
        name: what it is called in messages; without passwords.
        longest_outage: seconds for which a call is repeated.
        secrets: what no error may show.
    """

    def __init__(
        self, storage: BaseStorage, name: str, longest_outage: float = LONGEST_OUTAGE, secrets: Secrets | None = None
    ) -> None:
        super().__init__(storage)
        self._policy = RetryPolicy(name, longest_outage, secrets)
        self._seen: dict[tuple[str, int], Any] | None = None

    def read(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a method of the other storage that changes nothing, and repeat it while the storage is away."""
        return self._policy.call(self._policy.attempts(), call, *args, **kwargs)

    def write(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a method of the other storage that changes something, and repeat it while the storage is away."""
        return self._write(self._policy.attempts(), call, *args, **kwargs)

    def interrupt_on(self, stop: Event) -> None:
        """Have calls that wait for the storage raise KeyboardInterrupt once `stop` is set."""
        self._policy.stop = stop

    @contextmanager
    def read_once(self) -> Iterator[None]:
        """Within, read a study's trials and attributes once, until something is written here."""
        self._seen = {}
        try:
            yield
        finally:
            self._seen = None

    def get_all_trials(
        self, study_id: int, deepcopy: bool = True, states: Container[TrialState] | None = None
    ) -> list[FrozenTrial]:
        """Return the trials of a study, as read before where `read_once` says so."""
        if self._seen is None:
            return super().get_all_trials(study_id, deepcopy, states)
        trials = self._read_once("trials", study_id, lambda: self._storage.get_all_trials(study_id, deepcopy=False))
        found = [trial for trial in trials if states is None or trial.state in states]
        return copy.deepcopy(found) if deepcopy else found

    def get_study_user_attrs(self, study_id: int) -> dict[str, Any]:
        """Return the user attributes of a study, as read before where `read_once` says so."""
        if self._seen is None:
            return super().get_study_user_attrs(study_id)
        read = self._read_once("attributes", study_id, lambda: self._storage.get_study_user_attrs(study_id))
        return copy.deepcopy(read)

    def create_new_trial(self, study_id: int, template_trial: FrozenTrial | None = None) -> int:
        """Create a trial as any storage does, once also where it was made and only the answer was lost.

        Each trial carries a mark of its own, by which a second try finds it.
        """
        attempts, mark = self._policy.attempts(), uuid4().hex
        marked = _marked(template_trial or create_trial(state=TrialState.RUNNING), mark)

        def create() -> int:
            there = self._storage.get_all_trials(study_id, deepcopy=False) if _is_repeated(attempts) else []
            for trial in there:
                if trial.system_attrs.get(MARK) == mark:
                    return self._storage.get_trial_id_from_study_id_trial_number(study_id, trial.number)
            return self._storage.create_new_trial(study_id, marked)

        return self._write(attempts, create)

    def add_finished(self, study_id: int, trials: Iterable[FrozenTrial]) -> None:
        """Add trials that finished elsewhere, BATCH of them in one write where the storage can.

        After a kill the first of them are there.
        """
        rest = iter(trials)
        while batch := list(islice(rest, BATCH)):
            if isinstance(self._storage, AddsFinished):
                self._add_batch(self._storage, study_id, batch)
            else:
                for trial in batch:
                    self.create_new_trial(study_id, trial)

    def _add_batch(self, storage: AddsFinished, study_id: int, trials: Sequence[FrozenTrial]) -> None:
        attempts, marked = self._policy.attempts(), [_marked(trial, uuid4().hex) for trial in trials]

        def add() -> None:
            there = self._storage.get_all_trials(study_id, deepcopy=False) if _is_repeated(attempts) else []
            if marked[-1].system_attrs[MARK] not in [trial.system_attrs.get(MARK) for trial in there]:
                storage.add_finished(study_id, marked)  # else only the answer was lost

        self._write(attempts, add)

    def set_trial_state_values(self, trial_id: int, state: TrialState, values: Sequence[float] | None = None) -> bool:
        """End or start a trial as any storage does; a call whose answer was lost counts as done."""
        attempts = self._policy.attempts()
        try:
            return self._write(attempts, self._storage.set_trial_state_values, trial_id, state, values)
        except UpdateFinishedTrialError:
            trial = self.get_trial(trial_id)
            same = trial.state == state and (trial.values or None) == (list(values) if values else None)
            if _is_repeated(attempts) and same:
                return True
            raise

    def tell(
        self,
        trial_id: int,
        state: TrialState,
        values: Sequence[float] | None,
        notes: Mapping[str, Any],
        scores: Mapping[int, float],
    ) -> None:
        """End a running trial. Its state comes last, so a trial that has ended is whole.

        Args:
            trial_id: the trial.
            state: how it ended.
            values: one an objective.
            notes: user attributes by key.
            scores: the objective by training step.

        Raises:
            UpdateFinishedTrialError: it has ended already.
        """
        for key, note in notes.items():
            self.set_trial_user_attr(trial_id, key, note)
        for step, score in scores.items():
            self.set_trial_intermediate_value(trial_id, step, score)
        self.set_trial_state_values(trial_id, state, values)

    def _write(self, attempts: Retrying, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        if self._seen is not None:
            self._seen.clear()
        return self._policy.call(attempts, call, *args, **kwargs)

    def _read_once(self, what: str, study_id: int, call: Callable[[], R]) -> R:
        assert self._seen is not None
        if (what, study_id) not in self._seen:
            self._seen[what, study_id] = self.read(call)
        found: R = self._seen[what, study_id]
        return found


def _marked(trial: FrozenTrial, mark: str) -> FrozenTrial:
    """Return a copy of a trial with a mark."""
    marked = copy.copy(trial)
    marked.system_attrs = {**trial.system_attrs, MARK: mark}
    return marked


def _is_repeated(attempts: Retrying) -> bool:
    """Whether a call was tried before."""
    return bool(attempts.statistics["attempt_number"] > 1)

"""A storage that calls another one again while it is away, and makes and ends each trial once."""

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
from mixopt.storage.journal import MADE
from mixopt.storage.patience import Patience
from mixopt.storage.secrets import Secrets

PATIENCE = 900.0  # seconds that an outage may last
BATCH = 1000  # finished trials that are added in one write


@runtime_checkable
class AddsFinished(Protocol):
    """A storage that adds many finished trials in one write."""

    def add_finished(self, study_id: int, trials: Sequence[FrozenTrial]) -> None:
        """Add finished trials."""


class PatientStorage(ForwardingStorage):
    """Calls another storage, again for `patience` seconds while its failure is one that may pass.

    Its calls raise StorageError where the outage has lasted longer, and other errors as they come.

    Args:
        storage: the other storage.
        name: what it is called in messages; without passwords.
        patience: seconds that an outage may last.
        secrets: what no error may show.
    """

    def __init__(
        self, storage: BaseStorage, name: str, patience: float = PATIENCE, secrets: Secrets | None = None
    ) -> None:
        super().__init__(storage)
        self._patience = Patience(name, patience, secrets)
        self._seen: dict[tuple[str, int], Any] | None = None

    def read(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a method of the other storage that changes nothing, again while it is away."""
        return self._patience.insist(self._patience.tries(), call, *args, **kwargs)

    def write(self, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Call a method of the other storage that changes something, again while it is away."""
        return self._write(self._patience.tries(), call, *args, **kwargs)

    def heed(self, stop: Event) -> None:
        """Have calls that wait for the storage raise KeyboardInterrupt once `stop` is set."""
        self._patience.stop = stop

    @contextmanager
    def one_look(self) -> Iterator[None]:
        """Within, read a study's trials and attributes once, until something is written here."""
        self._seen = {}
        try:
            yield
        finally:
            self._seen = None

    def get_all_trials(
        self, study_id: int, deepcopy: bool = True, states: Container[TrialState] | None = None
    ) -> list[FrozenTrial]:
        if self._seen is None:
            return super().get_all_trials(study_id, deepcopy, states)
        trials = self._read_once("trials", study_id, lambda: self._storage.get_all_trials(study_id, deepcopy=False))
        found = [trial for trial in trials if states is None or trial.state in states]
        return copy.deepcopy(found) if deepcopy else found

    def get_study_user_attrs(self, study_id: int) -> dict[str, Any]:
        if self._seen is None:
            return super().get_study_user_attrs(study_id)
        read = self._read_once("attributes", study_id, lambda: self._storage.get_study_user_attrs(study_id))
        return copy.deepcopy(read)

    def create_new_trial(self, study_id: int, template_trial: FrozenTrial | None = None) -> int:
        """Create a trial as any storage does, once also where it was made and only the answer was lost.

        Each trial carries a mark of its own, by which a second try finds it.
        """
        tries, mark = self._patience.tries(), uuid4().hex
        marked = _marked(template_trial or create_trial(state=TrialState.RUNNING), mark)

        def create() -> int:
            there = self._storage.get_all_trials(study_id, deepcopy=False) if _is_again(tries) else []
            for trial in there:
                if trial.system_attrs.get(MADE) == mark:
                    return self._storage.get_trial_id_from_study_id_trial_number(study_id, trial.number)
            return self._storage.create_new_trial(study_id, marked)

        return self._write(tries, create)

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
        tries, marked = self._patience.tries(), [_marked(trial, uuid4().hex) for trial in trials]

        def add() -> None:
            there = self._storage.get_all_trials(study_id, deepcopy=False) if _is_again(tries) else []
            if marked[-1].system_attrs[MADE] not in [trial.system_attrs.get(MADE) for trial in there]:
                storage.add_finished(study_id, marked)  # else only the answer was lost

        self._write(tries, add)

    def set_trial_state_values(self, trial_id: int, state: TrialState, values: Sequence[float] | None = None) -> bool:
        """End or start a trial as any storage does; a call whose answer was lost counts as done."""
        tries = self._patience.tries()
        try:
            return self._write(tries, self._storage.set_trial_state_values, trial_id, state, values)
        except UpdateFinishedTrialError:
            trial = self.get_trial(trial_id)
            same = trial.state == state and (trial.values or None) == (list(values) if values else None)
            if _is_again(tries) and same:
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

    def _write(self, tries: Retrying, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        if self._seen is not None:
            self._seen.clear()
        return self._patience.insist(tries, call, *args, **kwargs)

    def _read_once(self, what: str, study_id: int, call: Callable[[], R]) -> R:
        assert self._seen is not None
        if (what, study_id) not in self._seen:
            self._seen[what, study_id] = self.read(call)
        found: R = self._seen[what, study_id]
        return found


def _marked(trial: FrozenTrial, mark: str) -> FrozenTrial:
    """The trial with a mark of its own."""
    marked = copy.copy(trial)
    marked.system_attrs = {**trial.system_attrs, MADE: mark}
    return marked


def _is_again(tries: Retrying) -> bool:
    """Whether a call was tried before."""
    return bool(tries.statistics["attempt_number"] > 1)

"""A storage that waits for its server to come back, its disk to have room, its network to mend.

A study runs for weeks, and a run that has cost a day must not be lost to a database that restarts in the minute in
which the run is told. Every call may be repeated: a trial carries a mark from before it is made, by which a second try
finds it. One whose worker died before it heard of it is taken up like any other (workers/leases.py).
"""

import copy
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from threading import Event
from typing import Any
from uuid import uuid4

from optuna.exceptions import UpdateFinishedTrialError
from optuna.storages import BaseStorage
from optuna.trial import FrozenTrial, TrialState, create_trial

from mixopt.storage.journal import MADE
from mixopt.storage.patience import Patience
from mixopt.storage.secrets import Secrets

PATIENCE = 900.0  # seconds that an outage may last
AT_ONCE = 1000  # finished trials that are added in one write
READS = ("get_", "check_")  # how the names of calls begin that change nothing


class PatientStorage(BaseStorage):
    """Calls another storage, again for `patience` seconds while its failure is one that may pass.

    Its calls raise StorageError where the outage has lasted longer, and other errors as they come.

    Args:
        name: what the storage is called in messages; without passwords.
        secrets: what no error of its may show.
    """

    def __init__(
        self,
        storage: BaseStorage,
        name: str,
        patience: float = PATIENCE,
        secrets: Secrets | None = None,
    ) -> None:
        self._storage, self._patience = storage, Patience(name, patience, secrets)
        self._look: dict[tuple[str, int], Any] | None = None

    def heed(self, stop: Event) -> None:
        """Have calls that wait for the storage raise KeyboardInterrupt once `stop` is set."""
        self._patience.stop = stop

    @contextmanager
    def one_look(self) -> Iterator[None]:
        """Within, a study's trials and attributes that were read are not read again until something is written here."""
        self._look = {}
        try:
            yield
        finally:
            self._look = None

    def get_all_trials(
        self, study_id: int, deepcopy: bool = True, states: Container[TrialState] | None = None
    ) -> list[FrozenTrial]:
        if self._look is None:
            return list(self._call("get_all_trials", study_id, deepcopy, states))
        trials = self._seen("get_all_trials", study_id, False)
        found = [trial for trial in trials if states is None or trial.state in states]
        return copy.deepcopy(found) if deepcopy else found

    def get_study_user_attrs(self, study_id: int) -> dict[str, Any]:
        return copy.deepcopy(self._seen("get_study_user_attrs", study_id))

    def create_new_trial(self, study_id: int, template_trial: FrozenTrial | None = None) -> int:
        """As any storage; a trial that was made, and only the answer lost, is not made twice: it carries a mark."""
        tries, mark = self._patience.tries(), uuid4().hex
        marked = _marked(template_trial or create_trial(state=TrialState.RUNNING), mark)

        def create() -> int:
            again = tries.statistics["attempt_number"] > 1
            there = self._storage.get_all_trials(study_id, deepcopy=False) if again else []
            made = [trial._trial_id for trial in there if trial.system_attrs.get(MADE) == mark]
            return made[0] if made else self._storage.create_new_trial(study_id, marked)

        return int(self._write(tries, create))

    def add_finished(self, study_id: int, trials: Iterable[FrozenTrial]) -> None:
        """Add trials that were finished elsewhere, AT_ONCE of them in one write where the storage can.

        After a kill the first of them are there.
        """
        add = getattr(self._storage, "add_finished", None)
        rest = iter(trials)
        while some := list(islice(rest, AT_ONCE)):
            if add is None:
                for trial in some:
                    self.create_new_trial(study_id, trial)
                continue
            tries, marked = self._patience.tries(), [_marked(trial, uuid4().hex) for trial in some]

            def write(marked: list[FrozenTrial] = marked, tries: Any = tries) -> None:
                again = tries.statistics["attempt_number"] > 1
                there = self._storage.get_all_trials(study_id, deepcopy=False) if again else []
                if marked[-1].system_attrs[MADE] not in [trial.system_attrs.get(MADE) for trial in there]:
                    add(study_id, marked)  # else only the answer was lost

            self._write(tries, write)

    def set_trial_state_values(self, trial_id: int, state: TrialState, values: Sequence[float] | None = None) -> bool:
        return bool(self._end(self._storage.set_trial_state_values, trial_id, state, values))

    def tell(
        self,
        trial_id: int,
        state: TrialState,
        values: Sequence[float] | None,
        notes: Mapping[str, Any],
        scores: Mapping[int, float],
    ) -> None:
        """End a running trial, with notes as user attributes and with scores by step; as one where the storage can.

        Raises:
            UpdateFinishedTrialError: it has ended already.
        """
        if tell := getattr(self._storage, "tell", None):
            self._end(tell, trial_id, state, values, notes, scores)
            return
        for key, note in notes.items():
            self.set_trial_user_attr(trial_id, key, note)
        for step, score in scores.items():
            self.set_trial_intermediate_value(trial_id, step, score)
        self.set_trial_state_values(trial_id, state, values)

    def _end(self, call: Callable, trial_id: int, state: TrialState, values: Sequence[float] | None, *more: Any) -> Any:
        """A call that ends a trial; that it had been heard, and only the answer lost, is as good as an answer."""
        tries = self._patience.tries()
        try:
            return self._write(tries, call, trial_id, state, values, *more)
        except UpdateFinishedTrialError:
            trial = self.get_trial(trial_id)
            lost = tries.statistics["attempt_number"] > 1
            if lost and trial.state == state and (trial.values or None) == (list(values) if values else None):
                return True
            raise

    def _write(self, tries: Any, call: Callable[..., Any], *args: Any) -> Any:
        if self._look is not None:
            self._look.clear()
        return self._patience.insist(tries, call, *args)

    def _seen(self, name: str, study_id: int, *args: Any) -> Any:
        """What was read of a study, once within a look."""
        if self._look is None:
            return self._call(name, study_id, *args)
        if (name, study_id) not in self._look:
            self._look[name, study_id] = self._call(name, study_id, *args)
        return self._look[name, study_id]

    def _call(self, name: str, *args: Any, **kwargs: Any) -> Any:
        return self._patience.insist(self._patience.tries(), getattr(self._storage, name), *args, **kwargs)


def _marked(trial: FrozenTrial, mark: str) -> FrozenTrial:
    """The trial with a mark of its own, by which a second try finds it."""
    marked = copy.copy(trial)
    marked.system_attrs = {**trial.system_attrs, MADE: mark}
    return marked


def _passed_on(name: str) -> Callable[..., Any]:
    def method(self: PatientStorage, *args: Any, **kwargs: Any) -> Any:
        if self._look is not None and not name.startswith(READS):
            self._look.clear()
        return self._call(name, *args, **kwargs)

    method.__name__ = name
    return method


for _name in vars(BaseStorage):
    if not _name.startswith("_") and _name not in vars(PatientStorage):
        setattr(PatientStorage, _name, _passed_on(_name))
PatientStorage.__abstractmethods__ = frozenset()

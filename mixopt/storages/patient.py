"""A storage that waits for its server to come back, its disk to have room, its network to mend.

A study runs for weeks, and a run that has cost a day must not be lost to a database that restarts in the minute in
which the run is told. Every call may be repeated: at worst a trial was made of which its worker never heard, and that
is left running without an owner and taken up like any other (workers/leases.py).
"""

import warnings
from collections.abc import Callable, Sequence
from typing import Any

from optuna.exceptions import StorageInternalError, UpdateFinishedTrialError
from optuna.storages import BaseStorage
from optuna.trial import TrialState
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_delay, wait_exponential

from mixopt.errors import StorageError

PATIENCE = 900.0  # seconds that an outage may last
LONGEST_WAIT = 5.0  # seconds between tries
FINAL = (FileNotFoundError, PermissionError, IsADirectoryError, NotADirectoryError)  # OSErrors that do not pass
PASSING_SQL = ("OperationalError", "InterfaceError")  # of SQLAlchemy's
PASSING_RPC = ("UNAVAILABLE", "DEADLINE_EXCEEDED", "UNKNOWN")  # gRPC's; UNKNOWN where the database behind it is away


def passes(error: BaseException) -> bool:
    """Whether a call may succeed later: a server that is away, a full disk, and not a mistake in the call."""
    if isinstance(error, StorageInternalError) and error.__cause__ is not None:
        return passes(error.__cause__)
    if type(error).__module__.startswith("sqlalchemy"):
        return type(error).__name__ in PASSING_SQL
    if (code := getattr(error, "code", None)) and type(error).__module__.startswith("grpc"):
        return code().name in PASSING_RPC
    return isinstance(error, OSError) and not isinstance(error, FINAL)


def reason(error: BaseException) -> str:
    """The first line of what went wrong."""
    error = error.__cause__ if isinstance(error, StorageInternalError) and error.__cause__ else error
    if type(error).__module__.startswith("grpc"):
        return str(error.code().name.lower())  # type: ignore[attr-defined]
    return (str(getattr(error, "orig", None) or error).strip().splitlines() or [type(error).__name__])[0]


class PatientStorage(BaseStorage):
    """Calls another storage, again for `patience` seconds while its failure is one that may pass.

    Its calls raise StorageError where the outage has lasted longer, and other errors as they come.

    Args:
        name: what the storage is called in messages; without passwords.
        reason: what is said of an error; without passwords.
    """

    def __init__(
        self,
        storage: BaseStorage,
        name: str,
        patience: float = PATIENCE,
        reason: Callable[[BaseException], str] = reason,
    ) -> None:
        self._storage, self._name, self._patience, self._reason = storage, name, patience, reason

    def set_trial_state_values(self, trial_id: int, state: TrialState, values: Sequence[float] | None = None) -> bool:
        tries = self._tries()
        try:
            return bool(self._insisting(tries, self._storage.set_trial_state_values, trial_id, state, values))
        except UpdateFinishedTrialError:
            trial = self.get_trial(trial_id)
            lost = tries.statistics["attempt_number"] > 1  # the answer was, and not the call
            if lost and trial.state == state and (trial.values or None) == (list(values) if values else None):
                return True
            raise

    def _tries(self) -> Retrying:
        return Retrying(
            retry=retry_if_exception(passes),
            wait=wait_exponential(0.1, max=LONGEST_WAIT),
            stop=stop_after_delay(self._patience),
            before_sleep=self._say,
            reraise=True,
        )

    def _insisting(self, tries: Retrying, call: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        try:
            return tries(call, *args, **kwargs)
        except Exception as error:
            if not passes(error):
                raise
            raise StorageError(
                f"{self._name} has not answered for {self._patience:g} s ({self._reason(error)}): mend it, and resume"
            ) from error

    def _say(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        why = self._reason(error) if error else "no answer"
        warnings.warn(f"{self._name} does not answer ({why}): tried again for {self._patience:g} s", stacklevel=2)


def _passed_on(name: str) -> Callable[..., Any]:
    def method(self: PatientStorage, *args: Any, **kwargs: Any) -> Any:
        return self._insisting(self._tries(), getattr(self._storage, name), *args, **kwargs)

    method.__name__ = name
    return method


for _name in vars(BaseStorage):
    if not _name.startswith("_") and _name not in vars(PatientStorage):
        setattr(PatientStorage, _name, _passed_on(_name))
PatientStorage.__abstractmethods__ = frozenset()

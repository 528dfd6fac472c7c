"""Which failures of a storage may pass, and how long a call waits for that."""

import warnings
from collections.abc import Callable
from threading import Event
from typing import ParamSpec, TypeVar

from optuna.exceptions import StorageInternalError
from tenacity import RetryCallState, Retrying, retry_if_exception, stop_after_delay, wait_exponential

from mixopt.errors import StorageError
from mixopt.storage.secrets import Secrets
from mixopt.storage.transient_errors import fix_of, may_pass

P = ParamSpec("P")
R = TypeVar("R")
LONGEST_WAIT = 5.0  # seconds between tries
PASSING_SQL = ("OperationalError", "InterfaceError")  # of SQLAlchemy's
PASSING_RPC = ("UNAVAILABLE", "DEADLINE_EXCEEDED", "UNKNOWN")  # gRPC's; UNKNOWN where the database behind it is away
NOT_READY = "FutureTimeoutError"  # gRPC's, of a proxy that does not answer yet


def passes(error: BaseException) -> bool:
    """Whether a call may succeed later: a server that is away, a full disk, and not a mistake in the call."""
    if isinstance(error, StorageInternalError) and error.__cause__ is not None:
        return passes(error.__cause__)
    if type(error).__module__.startswith("sqlalchemy"):
        return type(error).__name__ in PASSING_SQL
    if type(error).__module__.startswith("grpc"):
        code = getattr(error, "code", None)
        return code().name in PASSING_RPC if code else type(error).__name__ == NOT_READY
    return isinstance(error, OSError) and may_pass(error)


def reason(error: BaseException) -> str:
    """The first line of what went wrong."""
    error = error.__cause__ if isinstance(error, StorageInternalError) and error.__cause__ else error
    if code := getattr(error, "code", None) if type(error).__module__.startswith("grpc") else None:
        return str(code().name.lower())
    return (str(getattr(error, "orig", None) or error).strip().splitlines() or [type(error).__name__])[0]


class Patience:
    """Calls something again for `seconds` while its failure is one that may pass, and says so.

    Args:
        name: what it is called in messages; without passwords.
        secrets: what no error may show.

    Attributes:
        stop: set by who is asked to end, as by Ctrl-C; then a call that waits raises KeyboardInterrupt.
    """

    def __init__(self, name: str, seconds: float, secrets: Secrets | None = None) -> None:
        self._name, self._seconds, self._secrets = name, seconds, secrets or Secrets("")
        self.stop = Event()

    def tries(self) -> Retrying:
        """The tries of one call; how many it took is in its statistics."""
        return Retrying(
            retry=retry_if_exception(passes),
            wait=wait_exponential(0.1, max=LONGEST_WAIT),
            stop=stop_after_delay(self._seconds),
            sleep=self._sleep,
            before_sleep=self._say,
            reraise=True,
        )

    def insist(self, tries: Retrying, call: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """What a call returns.

        Raises:
            StorageError: its failure has not passed, or is one of the file system's that does not pass.
            Exception: others as they come, without secrets; one that cannot be had without is a StorageError.
        """
        try:
            return tries(call, *args, **kwargs)
        except Exception as error:
            passing = passes(error)
            cause = error if self._secrets.hide_in(error) else None
            why = self._secrets.hidden(reason(error))
            if passing:
                told = f"{self._name} has not answered for {self._seconds:g} s ({why}): fix it, and resume"
            elif isinstance(error, OSError):
                told = f"{self._name}: cannot be used ({error.strerror or why}): {fix_of(error)}, and resume"
            elif cause:
                raise
            else:
                told = f"{self._name} has failed ({why}): fix it, and resume"
        raise StorageError(told) from cause

    def _sleep(self, seconds: float) -> None:
        if self.stop.wait(seconds):
            raise KeyboardInterrupt

    def _say(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        why = "no answer"
        if error:
            self._secrets.hide_in(error)
            why = self._secrets.hidden(reason(error))
        warnings.warn(f"{self._name} does not answer ({why}): tried again for {self._seconds:g} s", stacklevel=1)

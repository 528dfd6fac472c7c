"""Which failures of a storage are transient, and how long a call is repeated."""

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
LONGEST_WAIT = 5.0  # seconds between attempts
TRANSIENT_SQL = ("OperationalError", "InterfaceError")  # SQLAlchemy's
TRANSIENT_RPC = ("UNAVAILABLE", "DEADLINE_EXCEEDED", "UNKNOWN")  # gRPC's; UNKNOWN where the database behind it is away
NOT_READY = "FutureTimeoutError"  # gRPC's, of a proxy that does not answer yet


def is_transient(error: BaseException) -> bool:
    """Whether a call may succeed later: a server is away or a disk is full, and the call itself is right."""
    if isinstance(error, StorageInternalError) and error.__cause__ is not None:
        return is_transient(error.__cause__)
    if type(error).__module__.startswith("sqlalchemy"):
        return type(error).__name__ in TRANSIENT_SQL
    if type(error).__module__.startswith("grpc"):
        code = getattr(error, "code", None)
        return code().name in TRANSIENT_RPC if code else type(error).__name__ == NOT_READY
    return isinstance(error, OSError) and may_pass(error)


def reason(error: BaseException) -> str:
    """Return the first line of what went wrong."""
    error = error.__cause__ if isinstance(error, StorageInternalError) and error.__cause__ else error
    if code := getattr(error, "code", None) if type(error).__module__.startswith("grpc") else None:
        return str(code().name.lower())
    return (str(getattr(error, "orig", None) or error).strip().splitlines() or [type(error).__name__])[0]


class RetryPolicy:
    """Repeats a call while its failure is transient, and warns of it.

    Args:
        name: what the storage is called in messages; without passwords.
        seconds: how long a call is repeated.
        secrets: what no error may show.

    Attributes:
        stop: set when the process is asked to end, as by Ctrl-C; then a call that waits raises KeyboardInterrupt.
    """

    def __init__(self, name: str, seconds: float, secrets: Secrets | None = None) -> None:
        self._name, self._seconds, self._secrets = name, seconds, secrets or Secrets("")
        self.stop = Event()

    def attempts(self) -> Retrying:
        """Return the attempts of one call; their number is in its statistics."""
        return Retrying(
            retry=retry_if_exception(is_transient),
            wait=wait_exponential(0.1, max=LONGEST_WAIT),
            stop=stop_after_delay(self._seconds),
            sleep=self._sleep,
            before_sleep=self._warn,
            reraise=True,
        )

    def call(self, attempts: Retrying, function: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
        """Return what a call returns, in the end.

        Args:
            attempts: what `attempts` returned, for this call.
            function: the function to call.
            *args: its arguments.
            **kwargs: its named arguments.

        Raises:
            StorageError: the failure lasts too long, or the file system failed for good.
            Exception: any other as it comes, without secrets; one that cannot be cleaned becomes a StorageError.
        """
        try:
            return attempts(function, *args, **kwargs)
        except Exception as error:
            transient = is_transient(error)
            cause = error if self._secrets.mask_error(error) else None
            why = self._secrets.mask(reason(error))
            if transient:
                message = f"{self._name} has not answered for {self._seconds:g} s ({why}): fix it, and resume"
            elif isinstance(error, OSError):
                message = f"{self._name}: cannot be used ({error.strerror or why}): {fix_of(error)}, and resume"
            elif cause:
                raise
            else:
                message = f"{self._name} has failed ({why}): fix it, and resume"
        raise StorageError(message) from cause

    def _sleep(self, seconds: float) -> None:
        if self.stop.wait(seconds):
            raise KeyboardInterrupt

    def _warn(self, state: RetryCallState) -> None:
        error = state.outcome.exception() if state.outcome else None
        why = "no answer"
        if error:
            self._secrets.mask_error(error)
            why = self._secrets.mask(reason(error))
        warnings.warn(f"{self._name} does not answer ({why}): tried again for {self._seconds:g} s", stacklevel=1)

"""Which errors of a file system are transient, and how long a worker tries again.

A full disk gets room again, and a file server comes back. A read-only mount or a missing permission stays until
somebody fixes it, so nothing waits for it. Trials, leases, journals and the base model all use these rules.
"""

import errno
import time
import warnings
from pathlib import Path

from mixopt.errors import StorageError

LONGEST = 900.0  # seconds that a transient error may last
PAUSE = 5.0  # seconds between attempts
_NAMES = (
    *("ENOSPC", "EDQUOT"),  # no room
    *("EIO", "ESTALE", "ENOTCONN", "ESHUTDOWN", "EREMOTEIO"),  # a disk or a file server that is away
    *("ETIMEDOUT", "EHOSTDOWN", "EHOSTUNREACH", "ENETDOWN", "ENETUNREACH", "ENETRESET", "ENOLINK", "ECOMM", "EPROTO"),
    *("ECONNREFUSED", "ECONNRESET", "ECONNABORTED", "EPIPE"),
    *(
        "EAGAIN",
        "EINTR",
        "EBUSY",
        "ETXTBSY",
        "EDEADLK",
        "ENOLCK",
        "ENFILE",
        "EMFILE",
        "ENOMEM",
        "ENOBUFS",
    ),  # resources
)
TRANSIENT = frozenset(getattr(errno, name) for name in _NAMES if hasattr(errno, name))
NO_LINKS = frozenset({errno.EPERM, errno.EOPNOTSUPP, errno.ENOTSUP, errno.ENOSYS})  # os.link where there are none
_FIXES = {
    errno.ENOSPC: "make room on the disk",
    errno.EDQUOT: "make room, or raise the quota",
    errno.EROFS: "mount it writable",
    errno.EACCES: "change its permissions",
    errno.EPERM: "change its permissions",
    errno.ENOENT: "put it back",
    errno.ENOTDIR: "move away the file that is in a folder's place",
    errno.EEXIST: "move away what is in its place",
    errno.EISDIR: "move away the folder that is in a file's place",
    errno.ENAMETOOLONG: "use a shorter path",
    errno.ELOOP: "remove the link that leads to itself",
    errno.EXDEV: "remove the link",
    errno.EFBIG: "raise the limit on the size of files (ulimit -f)",
    errno.EMFILE: "raise the limit on open files (ulimit -n)",
    errno.ENFILE: "raise the machine's limit on open files",
    errno.EOPNOTSUPP: "put the study on a file system with locks",
    errno.ENOSYS: "put the study on a file system with locks",
    errno.ENOLCK: "put the study on a file system with locks",
}


def may_pass(error: OSError) -> bool:
    """Whether an error may go away by itself, so that another attempt makes sense."""
    return error.errno in TRANSIENT if error.errno else isinstance(error, (ConnectionError, TimeoutError))


def fix_of(error: OSError) -> str:
    """Return what a person can do about an error, as a phrase for a message."""
    return _FIXES.get(error.errno or 0, "check the file system")


class Outage:
    """Counts how long a file system has failed, for one caller.

    Args:
        path: the path in the message where an error names no file.
        longest: seconds of failures without a success, after which `met` raises.
    """

    def __init__(self, path: Path, longest: float = LONGEST) -> None:
        self._path, self._longest = path, longest
        self._since: float | None = None

    def met(self, error: OSError) -> None:
        """Warn of an error, once an outage; the caller tries again.

        Raises:
            StorageError: the error is not transient, or has lasted too long; the message names the path and the fix.
        """
        name, why = error.filename or self._path, error.strerror or str(error)
        if not may_pass(error):
            raise StorageError(f"{name}: cannot be used ({why}): {fix_of(error)}, and resume") from error
        if self._since is None:
            self._since = time.monotonic()
            warnings.warn(f"{name}: cannot be used ({why}): tried again for {_span(self._longest)}", stacklevel=2)
        elif time.monotonic() - self._since >= self._longest:
            raise StorageError(
                f"{name}: could not be used for {_span(self._longest)} ({why}): {fix_of(error)}, and resume"
            ) from error

    def over(self) -> None:
        """Note that something has worked again."""
        self._since = None


def _span(seconds: float) -> str:
    return f"{seconds / 60:g} min" if seconds >= 60 else f"{seconds:g} s"

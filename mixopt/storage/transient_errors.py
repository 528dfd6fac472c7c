"""Which errors of a file system may pass by themselves, and how long a worker waits for that.

A full disk gets room again, and a file server comes back. A read-only mount or a missing permission stays until
somebody fixes it, so nobody waits for it. Trials, leases, journals and the base model all go by this file.
"""

import errno
import time
import warnings
from pathlib import Path

from mixopt.errors import StorageError

LONGEST = 900.0  # seconds that an error that may pass is waited for
PAUSE = 5.0  # seconds between tries
_NAMES = (
    *("ENOSPC", "EDQUOT"),  # no room
    *("EIO", "ESTALE", "ENOTCONN", "ESHUTDOWN", "EREMOTEIO"),  # a disk or a file server that is away
    *("ETIMEDOUT", "EHOSTDOWN", "EHOSTUNREACH", "ENETDOWN", "ENETUNREACH", "ENETRESET", "ENOLINK", "ECOMM", "EPROTO"),
    *("ECONNREFUSED", "ECONNRESET", "ECONNABORTED", "EPIPE"),
    *("EAGAIN", "EINTR", "EBUSY", "ETXTBSY", "EDEADLK", "ENOLCK", "ENFILE", "EMFILE", "ENOMEM", "ENOBUFS"),  # no means
)
PASSING = frozenset(getattr(errno, name) for name in _NAMES if hasattr(errno, name))
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
    """Whether it may pass by itself, so that trying again makes sense."""
    return error.errno in PASSING if error.errno else isinstance(error, (ConnectionError, TimeoutError))


def fix_of(error: OSError) -> str:
    """What somebody can do about it."""
    return _FIXES.get(error.errno or 0, "check the file system")


class Outage:
    """Errors of a file system one after another, by the watch of the one who meets them.

    Args:
        path: what to name for an error that names no file.
        longest: seconds of failure without a success between after which it is given up.
    """

    def __init__(self, path: Path, longest: float = LONGEST) -> None:
        self._path, self._longest = path, longest
        self._since: float | None = None

    def met(self, error: OSError) -> None:
        """Warn, once an outage; the caller tries again.

        Raises:
            StorageError: it does not pass, or has not passed for too long; in one line that names the path and the fix.
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
        """Something has worked again."""
        self._since = None


def _span(seconds: float) -> str:
    return f"{seconds / 60:g} min" if seconds >= 60 else f"{seconds:g} s"

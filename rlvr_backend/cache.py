"""Cache on disk for what is made once per machine, in `$RLVR_CACHE` or `~/.cache/rlvr_backend`.

The name of a folder in it contains a digest of the code that makes it, so code never reads what another version made.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from filelock import FileLock

PACKAGE = Path(__file__).parent


def cache_folder() -> Path:
    """Return the folder of the cache."""
    return Path(os.environ.get("RLVR_CACHE") or Path.home() / ".cache" / "rlvr_backend")


def source_digest(sources: Iterable[str], extra: str = "") -> str:
    """Return a digest of source files.

    Args:
        sources: Glob patterns of files in this package.
        extra: Anything else that the digest should depend on, such as versions of libraries.
    """
    parts = [path.read_bytes() for source in sources for path in sorted(PACKAGE.glob(source))]
    return hashlib.sha256(b"\0".join([*parts, extra.encode()])).hexdigest()[:12]


def make_once(folder: Path, make: Callable[[Path], None]) -> Path:
    """Return `folder`, and make it first if it does not exist. If many processes ask at once, one of them makes it.

    Args:
        folder: The folder to return.
        make: Writes the content into a folder of another name, which is renamed when it is complete.

    Raises:
        OSError: The folder cannot be written.
    """
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            if not folder.is_dir():
                with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
                    make(made := Path(scratch) / "made")
                    os.rename(made, folder)
    return folder

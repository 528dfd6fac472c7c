"""What is made once a machine and kept: `$RLVR_CACHE`, else `~/.cache/rlvr_backend`.

A folder in it is named after the code that makes it, so that changed code never meets what older code has made.
"""

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable
from pathlib import Path

from filelock import FileLock

HERE = Path(__file__).parent


def cache_folder() -> Path:
    return Path(os.environ.get("RLVR_CACHE") or Path.home() / ".cache" / "rlvr_backend")


def digest(sources: Iterable[str], said: str = "") -> str:
    """Of the files of this package that match the patterns, and of what is said beside them."""
    parts = [path.read_bytes() for source in sources for path in sorted(HERE.glob(source))]
    return hashlib.sha256(b"\0".join([*parts, said.encode()])).hexdigest()[:12]


def kept(folder: Path, make: Callable[[Path], None]) -> Path:
    """`folder`, if need be made first: `make` writes the one that it is given, which becomes it whole or not at all.

    However many processes ask for it at once, one makes it. Raises OSError where it cannot be written.
    """
    if not folder.is_dir():
        folder.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{folder}.lock"):
            if not folder.is_dir():
                with tempfile.TemporaryDirectory(dir=folder.parent) as scratch:
                    make(made := Path(scratch) / "made")
                    os.rename(made, folder)
    return folder

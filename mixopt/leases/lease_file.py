"""Lease files: trials/0007/owner-1.json names the first owner of trial 7, which holds a lock on the file.

A file appears complete and locked, or not at all. Otherwise other workers could not tell whether its owner is alive.
"""

import fcntl
import json
import os
import socket
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any
from uuid import uuid4

from mixopt.leases.owner_deaths import this_process
from mixopt.storage.files import at_once, read_plain
from mixopt.storage.transient_errors import NO_LINKS


def lease_path(folder: Path, turn: int) -> Path:
    """The lease of a trial's `turn`-th owner."""
    return folder / f"owner-{turn}.json"


def last_turn(folder: Path) -> int:
    """How many owners the trial in a folder has had."""
    turn = 0
    while os.path.lexists(lease_path(folder, turn + 1)):  # a broken link takes the name too
        turn += 1
    return turn


def create_lease(path: Path, before: str | None) -> IO[str] | None:
    """Create and lock a lease file; None where another worker was faster.

    Args:
        path: Of the new lease.
        before: How the previous owner ended; None for the first owner.

    Raises:
        OSError: The file cannot be written; then there is no lease.
    """
    scratch = path.with_name(f".{path.name}.{uuid4().hex}")
    file = scratch.open("x")
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        write_lease(file, before, released=False)
        linked = _link(scratch, path)
    except OSError as error:
        with suppress(OSError):
            file.close()
        if isinstance(error, FileExistsError):
            return None
        raise
    finally:
        with suppress(OSError):  # the disk may be away; no other process uses this name
            scratch.unlink()
    if linked:
        return file
    file.close()
    return _create_without_links(path, before)


def write_lease(file: IO[str], before: str | None, released: bool) -> None:
    """Write this process as the owner into an open lease file.

    Args:
        file: The lease, open for writing.
        before: How the previous owner ended; None for the first owner.
        released: Whether this owner has released the trial.
    """
    since = datetime.now(UTC).isoformat(timespec="seconds")
    owner = {"owner": f"{socket.gethostname()}:{os.getpid()}", "machine": this_machine(), "since": since}
    file.seek(0)
    json.dump({**owner, **this_process(), **({"before": before} if before else {}), "released": released}, file)
    file.truncate()
    file.flush()
    os.fsync(file.fileno())


def read_lease(path: Path) -> dict[str, Any]:
    """The content of a lease file; empty where its owner died while it wrote."""
    try:
        lease = json.loads(read_plain(path))
    except (OSError, ValueError, RecursionError):
        return {}
    return lease if isinstance(lease, dict) else {}


def on_this_machine(path: Path) -> bool:
    """Whether the owner of a lease runs on this machine; False where it died before it wrote that."""
    return read_lease(path).get("machine") == this_machine()


def this_machine() -> str:
    """An identifier of this machine since its last start."""
    try:
        return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
    except OSError:
        return socket.gethostname()


def is_unlocked(path: Path) -> bool:
    """Whether no process of this machine holds the lock of a lease: its owner has died, or released it."""
    with open(path, "rb", buffering=0, opener=at_once) as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


def _link(scratch: Path, path: Path) -> bool:
    """Give a file a second name, which must be new; False where the file system has no hard links."""
    try:
        os.link(scratch, path)
    except OSError as error:
        if error.errno in NO_LINKS:
            return False
        raise
    return True


def _create_without_links(path: Path, before: str | None) -> IO[str] | None:
    """Create a lease where there are no hard links, as on some FUSE and SMB mounts: one of several workers succeeds.

    A worker that sees the file before the owner is in it treats it as a lease of another machine.
    """
    try:
        file = path.open("x")
    except FileExistsError:
        return None
    try:
        fcntl.flock(file, fcntl.LOCK_EX)
        write_lease(file, before, released=False)
    except OSError:
        with suppress(OSError):
            path.unlink()
        with suppress(OSError):
            file.close()
        raise
    return file

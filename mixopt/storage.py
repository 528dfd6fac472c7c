"""A study's Optuna storage: a journal file in the study's folder, and the lock of the process that runs it."""

from collections.abc import Iterator
from contextlib import contextmanager

import optuna
from filelock import FileLock, Timeout
from optuna.storages import JournalStorage
from optuna.storages.journal import JournalFileBackend

from mixopt.errors import StorageError, StudyBusyError
from mixopt.folders import StudyFolder


def open_storage(folder: StudyFolder) -> JournalStorage:
    """The storage of a study; `optuna.load_study(study_name=..., storage=...)` reads it too.

    Raises:
        StorageError: the journal cannot be read or written.
    """
    try:
        return JournalStorage(JournalFileBackend(str(folder.journal)))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StorageError(
            f"{folder.journal}: cannot be opened ({error}): check that it is a journal of Optuna's and writable"
        ) from error


def mend_journal(folder: StudyFolder) -> None:
    """Cut off a last line that a crash left torn: Optuna would append to it and never read the file again.

    Only the process that holds the study's lock may do this.
    """
    with folder.journal.open("rb+") as file:
        content = file.read()
        whole = content.rfind(b"\n") + 1
        if whole < len(content):
            file.truncate(whole)


@contextmanager
def locked(folder: StudyFolder) -> Iterator[None]:
    """Be the one process that runs the study.

    Raises:
        StudyBusyError: another process is.
    """
    lock = FileLock(folder.lock)
    try:
        lock.acquire(timeout=0)
    except Timeout:
        raise StudyBusyError(
            f"study {folder.path.name!r} is being run by another process: wait for it, or end it first"
        ) from None
    except OSError as error:
        raise StorageError(f"{folder.lock}: cannot be locked ({error.strerror}): mend its permissions") from error
    try:
        yield
    finally:
        lock.release()


def is_locked(folder: StudyFolder) -> bool:
    """Whether a process runs the study at this moment."""
    try:
        with locked(folder):
            return False
    except StudyBusyError:
        return True


def quiet_optuna() -> None:
    """Optuna's own log lines would break into the progress display."""
    optuna.logging.set_verbosity(optuna.logging.WARNING)

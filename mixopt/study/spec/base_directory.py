"""The directory that relative paths of a study file start from, which is recorded in the folder of its study."""

import os
from pathlib import Path

from mixopt.errors import StorageError
from mixopt.paths import StudyFolder
from mixopt.storage.files import read_plain


def base_directory(file: Path) -> Path:
    """Return the directory that relative paths of a study file start from.

    Args:
        file: A study file. That of a study's folder starts from the directory that was recorded when the study was
            created; any other, and one without a record, from its own.

    Raises:
        StorageError: The record cannot be read, or is no absolute path.
    """
    folder = StudyFolder(file.parent.absolute())
    if file.name != folder.spec.name or not os.path.lexists(folder.base_directory):
        return folder.path
    fix = "write the folder into it in which the study file was, as an absolute path"
    try:
        directory = os.fsdecode(read_plain(folder.base_directory)).rstrip("\n")
    except OSError as error:
        raise StorageError(f"{folder.base_directory}: cannot be read ({error.strerror}): {fix}") from error
    if not os.path.isabs(directory) or "\0" in directory:
        raise StorageError(f"{folder.base_directory}: is no absolute path: {fix}")
    return Path(directory)


def record_base_directory(folder: StudyFolder, directory: Path) -> None:
    """Record the directory in the folder of a study."""
    folder.base_directory.write_bytes(os.fsencode(directory) + b"\n")

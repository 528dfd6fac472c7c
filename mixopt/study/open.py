"""Find the folder of a study by its name, and check that its files are there."""

import os
from pathlib import Path

from mixopt.errors import StorageError, UnknownStudyError
from mixopt.paths import StudyFolder, default_home, study_names
from mixopt.storage.url import StorageUrl
from mixopt.study.spec import StudySpec, read_spec


def find_study(name: str, path: Path | None) -> tuple[StudySpec, StudyFolder]:
    """Return the study file and the folder of a study.

    Args:
        name: the study's name.
        path: its folder; None is its name in the home of studies.

    Raises:
        UnknownStudyError: there is none; the message names the studies that are there.
        StorageError: its folder cannot be read, or lacks its journal.
    """
    folder = StudyFolder((path or default_home() / name).absolute())
    try:
        found = folder.spec.is_file()
    except OSError as error:
        raise StorageError(f"{folder.path}: cannot be read ({error.strerror}): fix its permissions") from error
    if not found and os.path.lexists(folder.spec):
        no_study = f"is no plain file, so there is no study {name!r}"
        raise StorageError(f"{folder.spec}: {no_study}: restore it, or move the folder away")
    if not found:
        names = ", ".join(study_names()) or "none yet: `mixopt study create FILE.yaml` makes one"
        raise UnknownStudyError(f"there is no study {name!r} in {folder.path}; studies here: {names}")
    spec = read_spec(folder.spec)
    if spec.study != name:
        raise UnknownStudyError(f"{folder.path} holds study {spec.study!r}, not {name!r}: name that one")
    if StorageUrl.of(folder).kind == "journal" and not folder.journal.is_file():
        what = "is no plain file" if os.path.lexists(folder.journal) else "is missing"
        raise StorageError(f"{folder.journal}: {what}: restore it, or delete the study")
    return spec, folder

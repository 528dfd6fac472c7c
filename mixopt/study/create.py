"""Create a study: a study file becomes a folder and a study in a storage, completely or not at all."""

import os
import shutil
from pathlib import Path
from shlex import quote
from uuid import uuid4

from optuna.exceptions import DuplicatedStudyError
from optuna.study import StudyDirection

from mixopt.errors import StorageError, StudyExistsError
from mixopt.history.keys import WORST
from mixopt.history.reference import worst_attribute
from mixopt.paths import StudyFolder, default_home
from mixopt.storage.files import make_private, write_whole
from mixopt.storage.url import StorageUrl
from mixopt.study.plan import checked_text
from mixopt.study.spec import StudySpec, read_spec
from mixopt.study.spec.base_directory import record_base_directory
from mixopt.study.spec.reading import study_text


def create_study(file: Path, path: Path | None = None, storage: str = "") -> tuple[str, StudyFolder]:
    """Create the study of a study file. After an error nothing is left behind.

    Args:
        file: the study file.
        path: the folder to create; None is the study's name in the home of studies.
        storage: URL of the storage; "" is a journal file in the folder.

    Returns:
        The name of the study and its folder.

    Raises:
        StudyFileError: the study file cannot be used.
        StudyExistsError: the folder or the storage holds a study of that name.
        StorageError: the folder or the storage cannot be written.
    """
    text = study_text(file)
    spec, url = checked_text(text, file), StorageUrl(storage)
    folder = StudyFolder((path or default_home() / spec.study).absolute())
    _refuse_what_exists(spec, folder)
    scratch = StudyFolder(
        folder.path.with_name(f".{folder.path.name}.{uuid4().hex}")
    )  # it is renamed when it is complete
    try:
        make_private(scratch.path)
        url.save(scratch)
        write_whole(scratch.spec, text)
        if spec.backend:  # nothing else has paths
            record_base_directory(scratch, spec.directory)
        opened = url.open(scratch.journal)
        directions = [StudyDirection.MAXIMIZE] * len(spec.scoring.goals)
        study_id = opened.create_new_study(directions, spec.study)
        if noted := worst_attribute(spec.scoring):
            opened.set_study_user_attr(study_id, WORST, noted)
        try:
            os.rename(scratch.path, folder.path)
        except OSError:
            opened.delete_study(study_id)
            raise
    except DuplicatedStudyError:
        database = "URL" if url.kind == "grpc" else url.masked
        raise StudyExistsError(
            f"study {spec.study!r} exists in {url.masked}: name this one differently, or delete that one; where no "
            f"folder holds it, by `optuna delete-study --study-name {spec.study} --storage {quote(database)}`"
        ) from None
    except OSError as error:
        _refuse_what_exists(spec, folder)  # another process was faster
        raise StorageError(f"{folder.path}: cannot be made ({error.strerror}): choose --folder") from error
    finally:
        shutil.rmtree(scratch.path, ignore_errors=True)
    return spec.study, folder


def _refuse_what_exists(spec: StudySpec, folder: StudyFolder) -> None:
    """Raise an error if the folder of a new study is in use."""
    if folder.spec.is_file():  # reading a pipe would block
        if (other := read_spec(folder.spec).study) != spec.study:
            raise StudyExistsError(f"{folder.path}: holds study {other!r}, not {spec.study!r}: choose another --folder")
        raise StudyExistsError(
            f"study {spec.study!r} exists in {folder.path}: resume it, delete it, or name this one differently"
        )
    if folder.path.exists() and not (folder.path.is_dir() and not any(folder.path.iterdir())):
        raise StorageError(f"{folder.path}: is there and holds no study: move it away, or choose --folder")

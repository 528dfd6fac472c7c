"""How a study comes to be: a study file becomes a folder and a study in its storage, whole or not at all."""

import os
import shutil
from pathlib import Path
from shlex import quote
from uuid import uuid4

from optuna.exceptions import DuplicatedStudyError
from optuna.study import StudyDirection

from mixopt.errors import StorageError, StudyExistsError
from mixopt.paths import StudyFolder, default_home
from mixopt.storage.files import make_private, write_whole
from mixopt.storage.url import StorageUrl
from mixopt.study.plan import checked_text
from mixopt.study.spec import StudySpec, read_spec
from mixopt.study.spec.base_directory import record_base_directory
from mixopt.study.spec.reading import study_text


def create_study(file: Path, path: Path | None = None, storage: str = "") -> tuple[str, StudyFolder]:
    """Create the study of a study file in `path` (default: its name under the home); its name and folder.

    Args:
        storage: its URL; "" is a journal file in the folder.

    Raises:
        StudyFileError, StudyExistsError, StorageError: nothing is left behind.
    """
    text = study_text(file)
    spec, url = checked_text(text, file), StorageUrl(storage)
    folder = StudyFolder((path or default_home() / spec.study).absolute())
    _refuse_what_exists(spec, folder)
    scratch = StudyFolder(folder.path.with_name(f".{folder.path.name}.{uuid4().hex}"))  # it appears whole
    try:
        make_private(scratch.path)
        url.save(scratch)
        write_whole(scratch.spec, text)
        if spec.backend:  # nothing else has paths
            record_base_directory(scratch, spec.directory)
        opened = url.open(scratch.journal)
        directions = [StudyDirection.MAXIMIZE] * len(spec.scoring.goals)
        study_id = opened.create_new_study(directions, spec.study)
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
        _refuse_what_exists(spec, folder)  # somebody was faster
        raise StorageError(f"{folder.path}: cannot be made ({error.strerror}): choose --folder") from error
    finally:
        shutil.rmtree(scratch.path, ignore_errors=True)
    return spec.study, folder


def _refuse_what_exists(spec: StudySpec, folder: StudyFolder) -> None:
    """Raise where a new study cannot take its folder."""
    if folder.spec.is_file():  # a pipe would be waited for
        if (there := read_spec(folder.spec).study) != spec.study:
            raise StudyExistsError(f"{folder.path}: holds study {there!r}, not {spec.study!r}: choose another --folder")
        raise StudyExistsError(
            f"study {spec.study!r} exists in {folder.path}: resume it, delete it, or name this one differently"
        )
    if folder.path.exists() and not (folder.path.is_dir() and not any(folder.path.iterdir())):
        raise StorageError(f"{folder.path}: is there and holds no study: move it away, or choose --folder")

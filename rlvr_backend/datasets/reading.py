"""Raw rows from the hub or from a local copy: Parquet, JSON lines or Arrow, or what `save_to_disk` wrote."""

from pathlib import Path

from datasets import (
    Dataset,
    DatasetDict,
    concatenate_datasets,
    get_dataset_config_names,
    load_dataset,
    load_from_disk,
)
from datasets.exceptions import DatasetsError

from rlvr_backend.contract import RequestError
from rlvr_backend.datasets.raw import Part
from rlvr_backend.failures import no_room

FORMATS = {".parquet": "parquet", ".jsonl": "json", ".json": "json", ".arrow": "arrow"}


def local(place: str) -> Path | None:
    """The file or folder that a place names, or None where it can only be a hub name."""
    path = Path(place).expanduser()
    if path.exists():
        return path.resolve()
    if place.startswith((".", "/", "~")) or path.suffix in FORMATS:
        raise RequestError(f"{place}: there is no such file or folder")
    return None


def read(place: str, part: Part, scratch: Path) -> Dataset:
    """The raw rows of a part that lie at a place, a path or a hub name.

    A local copy with one split holds what is asked for, whatever its split is called. `scratch` takes what `datasets`
    unpacks of local files. Raises RequestError.
    """
    path = local(place)
    try:
        if path is None:
            return _configurations(place, part, split=part.split)
        if (path / "dataset_dict.json").exists() or (path / "state.json").exists():
            found = load_from_disk(path)
        elif path.is_file():
            found = load_dataset(_format(path), data_files=str(path), cache_dir=str(scratch))
        else:
            found = _configurations(str(path), part, cache_dir=str(scratch))
    except (OSError, RuntimeError, ValueError, DatasetsError) as error:
        if no_room(error):
            raise OSError(f"cannot unpack {place}: {error.__cause__ or error}") from error
        where = "from the hub, and there is no such folder" if path is None else "as a dataset"
        reason = str(error.__cause__ or error).strip().partition("\n")[0]
        raise RequestError(f"{place}: cannot be read {where} ({reason})") from error
    return _split(found, part.split, place)


def _configurations(place: str, part: Part, **options) -> Dataset | DatasetDict:
    if part.file is not None and (local(place) is None or (local(place) / part.file).exists()):
        return load_dataset(place, data_files={part.split: part.file}, **options)
    names = [part.config] if part.config else get_dataset_config_names(place)
    found = [load_dataset(place, name, **options) for name in names]
    return found[0] if len(found) == 1 else concatenate_datasets([_split(data, part.split, place) for data in found])


def _split(found: Dataset | DatasetDict, split: str, place: str) -> Dataset:
    if isinstance(found, Dataset):
        return found
    if len(found) == 1:
        return next(iter(found.values()))
    if split not in found:
        raise RequestError(f"{place}: there is no split {split!r}; there are {', '.join(found)}")
    return found[split]


def _format(path: Path) -> str:
    if path.suffix not in FORMATS:
        raise RequestError(f"{path}: is none of {', '.join(FORMATS)}, nor a folder")
    return FORMATS[path.suffix]

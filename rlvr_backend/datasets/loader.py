"""Load raw rows from the hub or a local copy: Parquet, JSON, CSV, Arrow, image folders, or `save_to_disk` folders.

Parquet and Arrow have column types. JSON and CSV do not, and their values are not changed (text_files.py).
"""

from pathlib import Path
from typing import Any

from datasets import (
    Dataset,
    DownloadConfig,
    DownloadManager,
    get_dataset_config_names,
    load_dataset,
    load_dataset_builder,
    load_from_disk,
)
from datasets.exceptions import DatasetsError

from rlvr_backend.datasets.declaration import Part
from rlvr_backend.datasets.raw_rows import RawRows
from rlvr_backend.datasets.text_files import READERS
from rlvr_backend.errors import RequestError
from rlvr_backend.library_errors import is_disk_full

FORMATS = {
    ".parquet": "parquet",
    ".jsonl": "json",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "csv",
    ".arrow": "arrow",
}
CARDS = ("dataset_infos.json", "dataset_dict.json", "state.json")  # files about the rows
IMAGES = "imagefolder"
METADATA = ("metadata.jsonl", "metadata.csv")


def local_path(place: str) -> Path | None:
    """Return the file or folder that a place names, or None if it can only be a hub name.

    Raises:
        RequestError: It is a path that does not exist.
    """
    path = Path(place).expanduser()
    if path.exists():
        return path.resolve()
    if place.startswith((".", "/", "~")) or path.suffix in FORMATS:
        raise RequestError(f"{place}: there is no such file or folder")
    return None


def load_raw(place: str, part: Part, scratch: Path) -> RawRows:
    """Load the raw rows of a part. A local copy with one split serves any part, whatever the split is called.

    Args:
        place: Path or hub name.
        part: The part.
        scratch: Folder for what `datasets` unpacks of local files.

    Raises:
        RequestError: They cannot be read.
        OSError: There is no room to unpack them.
    """
    path = local_path(place)
    try:
        if path is not None and ((path / "dataset_dict.json").exists() or (path / "state.json").exists()):
            return RawRows(_split(load_from_disk(path), part.split, place))
        if path is not None and path.is_file():
            return _file(path, part, place, scratch)
        if part.file is not None and (path is None or (path / part.file).exists()):
            options = {} if path is None else {"cache_dir": str(scratch)}
            return RawRows(load_dataset(place, data_files={part.split: part.file}, split=part.split, **options))
        return RawRows.joined(
            [_configuration(place, name, part, scratch) for name in configurations(place, part)], place
        )
    except (OSError, RuntimeError, ValueError, DatasetsError) as error:
        if is_disk_full(error):
            raise OSError(f"cannot unpack {place}: {error.__cause__ or error}") from error
        where = "from the hub, and there is no such folder" if path is None else "as a dataset"
        reason = str(error.__cause__ or error).strip().partition("\n")[0]
        raise RequestError(f"{place}: cannot be read {where} ({reason})") from error


def configurations(place: str, part: Part) -> list[str]:
    """Return the configurations that a part reads from a place: the one that it names, or all.

    A local folder without configurations counts as a copy of the one that a published set has on the hub.

    Raises:
        RequestError: The configuration does not exist.
    """
    if part.config is None:
        return get_dataset_config_names(place)
    if local_path(place) is None:
        return [part.config]
    names = get_dataset_config_names(place)
    if part.config in names:
        return [part.config]
    if len(names) == 1 and place != part.hub:
        return names
    raise RequestError(
        f"{place}: there is no configuration {part.config!r}, only {', '.join(names)}: name one of these as `config`, "
        "or the folder of its files as `path`"
    )


def _configuration(place: str, name: str, part: Part, scratch: Path) -> RawRows:
    """The rows of one configuration: loaded by `datasets`, or by text_files.py if `datasets` would infer types."""
    hub = local_path(place) is None
    options = {} if hub else {"cache_dir": str(scratch)}
    builder = load_dataset_builder(place, name, **options)
    module, files = builder.__module__.rpartition(".")[2], builder.config.data_files or {}
    if module == IMAGES and hub:
        _refuse_metadata(files, place)
    elif module == IMAGES:
        if found := _rows_of_metadata(files, part, place):
            return found
        if tables := _tables(local_path(place)):
            if len(tables) > 1:
                names = ", ".join(str(table.relative_to(local_path(place))) for table in tables)
                raise RequestError(f"{place}: has images and {names}: name one of these files as the path")
            return _file(tables[0], part, place, scratch)
    if module not in READERS:
        asked = {"split": part.split} if hub else {}
        return RawRows(_split(load_dataset(place, name, **options, **asked), part.split, place))
    manager = DownloadManager(download_config=DownloadConfig(cache_dir=None if hub else str(scratch)))
    paths = manager.download_and_extract(list(_split(files, part.split, place)))
    if field := getattr(builder.config, "field", None):
        raise RequestError(
            f"{place}: its card names the field {field!r}, which is not supported: save its list as a file"
        )
    reader_options = {"separator": builder.config.sep} if module == "csv" else {}
    rows = [row for path in paths for row in READERS[module](Path(path), **reader_options)]
    return RawRows(rows, builder.info.features)


def _file(path: Path, part: Part, place: str, scratch: Path) -> RawRows:
    if path.suffix not in FORMATS:
        raise RequestError(f"{path}: must be a folder or one of {', '.join(FORMATS)}")
    kind = FORMATS[path.suffix]
    if kind in READERS:
        return RawRows(READERS[kind](path))
    found = load_dataset(kind, data_files=str(path), cache_dir=str(scratch))
    return RawRows(_split(found, part.split, place))


def _refuse_metadata(files: dict[str, list[str]], place: str) -> None:
    """Refuse a metadata file on the hub, whose types `datasets` would infer."""
    if named := {path.rpartition("/")[2] for paths in files.values() for path in paths} & set(METADATA):
        raise RequestError(
            f"{place}: {min(named)} can only be read from a folder, since `datasets` would change its text: "
            f"download it (hf download {place} --repo-type dataset --local-dir FOLDER) and name the folder under `data`"
        )


def _rows_of_metadata(files: dict[str, list[str]], part: Part, place: str) -> RawRows | None:
    """The rows of an image folder with a metadata file, with the column names that `datasets` gives them."""
    found = [Path(file) for file in _split(files, part.split, place) if Path(file).name in METADATA] if files else []
    if not found:
        return None
    return RawRows(
        [_with_image_columns(row, path.parent) for path in found for row in READERS[FORMATS[path.suffix]](path)]
    )


def _with_image_columns(row: dict[str, Any], folder: Path) -> dict[str, Any]:
    """A row whose `file_name` has become `image`, `file_names` `images`, and `left_file_name` `left`."""
    named = {}
    for column, value in row.items():
        if column.endswith("file_name"):
            column, value = column.removesuffix("file_name").rstrip("_") or "image", value and str(folder / value)
        elif column.endswith("file_names"):
            paths = [str(folder / name) for name in value or []]
            column, value = column.removesuffix("file_names").rstrip("_") or "images", paths
        named[column] = value
    return named


def _tables(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.suffix in FORMATS and path.name not in CARDS)


def _split(found: Any, split: str, place: str) -> Any:
    """One split of a mapping by name. A dataset without splits is returned as it is."""
    if isinstance(found, Dataset):
        return found
    if len(found) == 1:
        return next(iter(found.values()))
    if split not in found:
        raise RequestError(f"{place}: there is no split {split!r}; there are {', '.join(map(str, found))}")
    return found[split]

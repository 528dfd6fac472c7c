"""Raw rows from the hub or from a local copy: Parquet, JSON, CSV or Arrow, pictures, or what `save_to_disk` wrote.

Parquet and Arrow say the types of their columns; JSON and CSV do not, and are read as they are written (written.py).
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

from rlvr_backend.errors import RequestError
from rlvr_backend.datasets.declaration import Part
from rlvr_backend.datasets.raw_rows import Rows
from rlvr_backend.datasets.text_files import READERS
from rlvr_backend.library_errors import no_room

FORMATS = {
    ".parquet": "parquet",
    ".jsonl": "json",
    ".json": "json",
    ".csv": "csv",
    ".tsv": "csv",
    ".arrow": "arrow",
}
CARDS = ("dataset_infos.json", "dataset_dict.json", "state.json")  # which are about the rows
PICTURES = "imagefolder"
METADATA = ("metadata.jsonl", "metadata.csv")


def local(place: str) -> Path | None:
    """The file or folder that a place names, or None where it can only be a hub name."""
    path = Path(place).expanduser()
    if path.exists():
        return path.resolve()
    if place.startswith((".", "/", "~")) or path.suffix in FORMATS:
        raise RequestError(f"{place}: there is no such file or folder")
    return None


def read(place: str, part: Part, scratch: Path) -> Rows:
    """The raw rows of a part that lie at a place, a path or a hub name.

    A local copy with one split holds what is asked for, whatever its split is called. `scratch` takes what `datasets`
    unpacks of local files. Raises RequestError.
    """
    path = local(place)
    try:
        if path is not None and ((path / "dataset_dict.json").exists() or (path / "state.json").exists()):
            return Rows(_split(load_from_disk(path), part.split, place))
        if path is not None and path.is_file():
            return _file(path, part, place, scratch)
        if part.file is not None and (path is None or (path / part.file).exists()):
            options = {} if path is None else {"cache_dir": str(scratch)}
            return Rows(load_dataset(place, data_files={part.split: part.file}, split=part.split, **options))
        return Rows.joined([_configuration(place, name, part, scratch) for name in configurations(place, part)], place)
    except (OSError, RuntimeError, ValueError, DatasetsError) as error:
        if no_room(error):
            raise OSError(f"cannot unpack {place}: {error.__cause__ or error}") from error
        where = "from the hub, and there is no such folder" if path is None else "as a dataset"
        reason = str(error.__cause__ or error).strip().partition("\n")[0]
        raise RequestError(f"{place}: cannot be read {where} ({reason})") from error


def configurations(place: str, part: Part) -> list[str]:
    """Those of a folder or of a repository on the hub that a part reads: the one that it names, or all.

    A local folder without configurations is a copy of the one that a published set has on the hub. Raises RequestError
    where the one is not there.
    """
    if part.config is None:
        return get_dataset_config_names(place)
    if local(place) is None:
        return [part.config]
    names = get_dataset_config_names(place)
    if part.config in names:
        return [part.config]
    if len(names) == 1 and place != part.hub:
        return names
    raise RequestError(
        f"{place}: there is no configuration {part.config!r}, only {', '.join(names)}: name one of these as `config`, "
        f"or the folder of its files as `path`"
    )


def _configuration(place: str, name: str, part: Part, scratch: Path) -> Rows:
    """The rows of one configuration: by `datasets`, or as they are written where it would infer types."""
    hub = local(place) is None
    options = {} if hub else {"cache_dir": str(scratch)}
    builder = load_dataset_builder(place, name, **options)
    module, files = builder.__module__.rpartition(".")[2], builder.config.data_files or {}
    if module == PICTURES and hub:
        _refuse_metadata(files, place)
    elif module == PICTURES:
        if found := _described(files, part, place):
            return found
        if tables := _tables(local(place)):
            if len(tables) > 1:
                names = ", ".join(str(table.relative_to(local(place))) for table in tables)
                raise RequestError(f"{place}: holds pictures and {names}: name the file that is meant as the path")
            return _file(tables[0], part, place, scratch)
    if module not in READERS:
        asked = {"split": part.split} if hub else {}
        return Rows(_split(load_dataset(place, name, **options, **asked), part.split, place))
    manager = DownloadManager(download_config=DownloadConfig(cache_dir=None if hub else str(scratch)))
    paths = manager.download_and_extract(list(_split(files, part.split, place)))
    if field := getattr(builder.config, "field", None):
        raise RequestError(f"{place}: its card names the field {field!r}, which is not read: make its list a file")
    said = {"separator": builder.config.sep} if module == "csv" else {}
    rows = [row for path in paths for row in READERS[module](Path(path), **said)]
    return Rows(rows, builder.info.features)


def _file(path: Path, part: Part, place: str, scratch: Path) -> Rows:
    if path.suffix not in FORMATS:
        raise RequestError(f"{path}: is none of {', '.join(FORMATS)}, nor a folder")
    kind = FORMATS[path.suffix]
    if kind in READERS:
        return Rows(READERS[kind](path))
    found = load_dataset(kind, data_files=str(path), cache_dir=str(scratch))
    return Rows(_split(found, part.split, place))


def _refuse_metadata(files: dict[str, list[str]], place: str) -> None:
    """Raises RequestError where `datasets` would guess the types of a file on the hub that describes pictures."""
    if named := {path.rpartition("/")[2] for paths in files.values() for path in paths} & set(METADATA):
        raise RequestError(
            f"{place}: {min(named)} is read from a folder only, as its text would be changed: download it (hf download "
            f"{place} --repo-type dataset --local-dir FOLDER) and name the folder under `data`"
        )


def _described(files: dict[str, list[str]], part: Part, place: str) -> Rows | None:
    """The rows of pictures that a metadata file beside them describes, as `datasets` names their columns."""
    found = [Path(file) for file in _split(files, part.split, place) if Path(file).name in METADATA] if files else []
    if not found:
        return None
    return Rows([_pictured(row, path.parent) for path in found for row in READERS[FORMATS[path.suffix]](path)])


def _pictured(row: dict[str, Any], folder: Path) -> dict[str, Any]:
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
    """One of the splits of a mapping by their names; what has no splits is itself."""
    if isinstance(found, Dataset):
        return found
    if len(found) == 1:
        return next(iter(found.values()))
    if split not in found:
        raise RequestError(f"{place}: there is no split {split!r}; there are {', '.join(map(str, found))}")
    return found[split]

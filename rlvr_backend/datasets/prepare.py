"""Prepare a declared dataset: load, check, count, and keep its examples in the cache.

Prepared examples are in the cache folder under `data/NAME-DIGEST`, as `save_to_disk` writes them. The digest is of
everything that determines them: the declaration, this code, and names, sizes and times of local files. It does not
cover files in an `image_folder`, or a newer version on the hub: delete the folder for these. The examples have the
rewards of both scorers and the prompt with each suffix; which of them count is chosen when they are loaded.
"""

import hashlib
import logging
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

from datasets import Dataset, Features, Value, disable_progress_bars, load_from_disk
from datasets.arrow_writer import ArrowWriter

from rlvr_backend.cache import cache_folder, make_once
from rlvr_backend.datasets.box_checks import BoxChecks
from rlvr_backend.datasets.boxes import Boxes, scaled, whole_scale
from rlvr_backend.datasets.declaration import SCORERS, BadRow, Declaration, Example, RowParser
from rlvr_backend.datasets.examples import FEATURES, SUFFIXES, prompt
from rlvr_backend.datasets.images import checked_image
from rlvr_backend.datasets.loader import load_raw, local_path
from rlvr_backend.datasets.raw_rows import AT_ONCE, RawRows
from rlvr_backend.datasets.report import Report, lost_examples
from rlvr_backend.errors import RequestError
from rlvr_backend.library_errors import is_disk_full

SHUFFLE_SEED = 42
PREPARED = Features(
    {name: kind for name, kind in FEATURES.items() if name not in ("prompt", "reward")}
    | {f"prompt_{suffix}": FEATURES["prompt"] for suffix in SUFFIXES}
    | {f"reward_{scorer}": Value("string") for scorer in SCORERS}
)
logger = logging.getLogger(__name__)


def load_prepared(declaration: Declaration, split: str, place: str, scorer: str, suffix: str = "paper") -> Dataset:
    """Load the examples of a part, memory-mapped, and prepare them first if this machine has not yet.

    Args:
        declaration: The dataset.
        split: "train" or "test".
        place: Folder, file or hub name.
        scorer: One of SCORERS.
        suffix: One of SUFFIXES.

    Raises:
        RequestError: They cannot be prepared, or scorer or suffix is unknown.
    """
    for what, given, known in (("scorer", scorer, SCORERS), ("suffix", suffix, SUFFIXES)):
        if given not in known:
            raise RequestError(f"{what} must be one of {', '.join(known)}, not {given!r}")
    return with_scorer(load_from_disk(_prepared_folder(declaration, split, place)), scorer, suffix)


def with_scorer(examples: Dataset, scorer: str, suffix: str = "paper") -> Dataset:
    """Return prepared examples with the columns of FEATURES: the reward of a scorer, the prompt with a suffix."""
    chosen = examples.rename_columns({f"reward_{scorer}": "reward", f"prompt_{suffix}": "prompt"})
    return chosen.select_columns(list(FEATURES))


def usable_and_lost(declaration: Declaration, split: str, place: str) -> tuple[int, int]:
    """Return the number of examples of a part, and how many more there would be without bad and left out rows."""
    folder = _prepared_folder(declaration, split, place)
    return len(load_from_disk(folder)), lost_examples(folder)


def _prepared_folder(declaration: Declaration, split: str, place: str) -> Path:
    """The folder of a part's prepared examples, which are prepared if need be."""
    name = declaration.name
    folder = cache_folder() / "data" / f"{name}-{_digest(declaration, split, place)}"

    def make(made: Path) -> None:
        logger.info("%s (%s): %s", name, split, prepare(declaration, split, place, made))

    try:
        return make_once(folder, make)
    except OSError as error:
        if is_disk_full(error):
            raise RequestError(
                f"{name}: the disk has no room for prepared data in {folder.parent} ({error}): free some space, or set "
                "RLVR_CACHE to a folder on another disk"
            ) from error
        raise RequestError(f"{name}: {place} cannot be prepared in {folder.parent} ({error})") from error


def prepare(declaration: Declaration, split: str, place: str, folder: Path) -> Report:
    """Write the examples of a part to a folder.

    Args:
        declaration: The dataset.
        split: "train" or "test".
        place: Folder, file or hub name.
        folder: Where to write. Its parent gets scratch files.

    Raises:
        RequestError: The rows cannot be read, or too many are bad. The message names row, column or file.
    """
    if not sys.stderr.isatty():
        disable_progress_bars()  # they only fill a log
    data = load_raw(place, declaration.parts[split], folder.parent)
    if not len(data):
        raise RequestError(f"{declaration.name}: {place} holds no rows: name another place under `data`")
    report = Report(rows=len(data))
    path = folder.with_name("examples.arrow")
    writer = ArrowWriter(path=str(path), features=PREPARED, writer_batch_size=AT_ONCE)
    origins: list[int] = []  # the raw row of each example
    box_checks = BoxChecks()
    for number, row, boxes, size in _examples(declaration, data, place, report):
        writer.write(row)
        origins.append(number)
        if boxes:
            box_checks.add(number, boxes, size)
    writer.finalize()
    odd = box_checks.judge(report)
    report.check(declaration.name, place)
    good = [index for index, number in enumerate(origins) if number not in odd]
    report.examples = len(good)
    if not good:
        raise RequestError(
            f"{declaration.name}: none of the {report.rows} rows of {place} gives an example: {report.left_out} left "
            f"out as the paper leaves them out, {report.skipped} bad; name another place under `data`"
        )
    examples = Dataset.from_file(str(path))
    examples = examples.select(good) if odd else examples
    (examples.shuffle(seed=SHUFFLE_SEED) if declaration.shuffled else examples).save_to_disk(folder)
    report.save(folder)
    return report


def _examples(
    declaration: Declaration, data: RawRows, place: str, report: Report
) -> Iterator[tuple[int, dict[str, Any], Boxes, tuple[int, int]]]:
    """Yield each example: number of its raw row, row of PREPARED, raw boxes (none if in pixels), size of its image."""
    columns = _columns(declaration, data, place)
    parse, folder = declaration.layouts[columns], _image_folder(declaration, place)
    for number, row in enumerate(data.plain(columns)):
        parsed: list[Example] = []
        try:
            parsed = _parsed(parse, row)
            prepared = [_prepared_row(declaration, example, folder) for example in parsed]
        except BadRow as reason:
            report.skip(number, reason, lost=max(1, len(parsed)))
            report.check(declaration.name, place)
            continue
        if not prepared:
            report.leave_out()
        for example, (made, size) in zip(parsed, prepared, strict=True):
            yield number, made, [] if example.in_pixels else example.boxes or [], size


def _parsed(parse: RowParser, row: dict[str, Any]) -> list[Example]:
    try:
        return parse(row)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadRow("values of other types than expected") from error


def _prepared_row(
    declaration: Declaration, example: Example, folder: Path | None
) -> tuple[dict[str, Any], tuple[int, int]]:
    """A row of PREPARED, and the size of its first image."""
    if not isinstance(example.question, str | None):
        raise BadRow("question is not text", example.question, "write it as text, in quotes")
    if not (example.question or "").strip():
        raise BadRow("no question")
    if not example.images:
        raise BadRow("no image")
    images, sizes = zip(
        *(checked_image(image, folder, declaration.longest_side) for image in example.images), strict=True
    )
    raw_boxes = example.boxes or []
    boxes = scaled(raw_boxes, sizes[0]) if example.in_pixels else scaled(whole_scale(raw_boxes), raw=raw_boxes)
    if not boxes and (example.boxes is not None or not example.solution.strip()):
        raise BadRow("empty answer")
    question = "\n".join(filter(None, (example.question, example.below)))
    row = {
        **{f"prompt_{suffix}": prompt(question, bool(boxes), suffix) for suffix in SUFFIXES},
        "images": list(images),
        "reward_paper": declaration.paper,
        "reward_field": example.field or declaration.field,
        "solution": (str(boxes) if boxes else example.solution).strip(),
        "boxes": boxes,
        "domain": declaration.name,
    }
    return row, sizes[0]


def _columns(declaration: Declaration, data: RawRows, place: str) -> tuple[str, ...]:
    """The layout that the data has."""
    for columns in declaration.layouts:
        if set(columns) <= set(data.columns):
            return columns
    columns = next(iter(declaration.layouts))
    missing = ", ".join(sorted(set(columns) - set(data.columns)))
    raise RequestError(f"{declaration.name}: {place} lacks the column {missing}; it has {', '.join(data.columns)}")


def _image_folder(declaration: Declaration, place: str) -> Path | None:
    """The folder in which images must be, or None for rows of the hub, which may name no files."""
    if declaration.image_folder is not None:
        return Path(declaration.image_folder).expanduser().resolve()
    path = local_path(place)
    return path.parent if path is not None and path.is_file() else path


def _digest(declaration: Declaration, split: str, place: str) -> str:
    code = b"\0".join(path.read_bytes() for path in sorted(Path(__file__).parent.rglob("*.py")))
    declared = replace(declaration, layouts=tuple(declaration.layouts))  # its functions are part of the code
    return hashlib.sha256(code + repr((declared, split, place, _file_stamps(place))).encode()).hexdigest()[:12]


def _file_stamps(place: str) -> list[tuple[str, int, int]]:
    """Names, sizes and times of the local files of a place."""
    path = local_path(place)
    if path is None:
        return []
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    return [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files]

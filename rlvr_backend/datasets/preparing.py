"""The engine behind every declared dataset: read, check, count, and keep the prepared examples once a machine.

Prepared examples lie in the cache folder under `data/NAME-DIGEST`, as `save_to_disk` writes them; the digest is of all
that they follow from: the declaration, this code, and names, sizes and times of local files (not those that a JSON
lines file points to outside its folder, nor whether the hub has a newer version: delete the folder for these). They
name the rewards of both scorers; which one counts is chosen when they are loaded.
"""

import hashlib
import logging
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from datasets import Dataset, Features, Value, disable_progress_bars, load_from_disk
from datasets.arrow_writer import ArrowWriter

from rlvr_backend.cache import cache_folder, kept
from rlvr_backend.contract import RequestError
from rlvr_backend.datasets.boxes import scaled
from rlvr_backend.datasets.pictures import stored
from rlvr_backend.datasets.raw import SCORERS, BadRow, Example, RawSet, Sampler
from rlvr_backend.datasets.reading import local, read
from rlvr_backend.datasets.rows import FEATURES, prompt
from rlvr_backend.failures import no_room

MOST_BAD = 0.01  # of the raw rows; with more of them something is wrong with the data or with how it is read
SHUFFLE_SEED = 42
AT_ONCE = 16  # rows in memory: some images are of many megabytes
KEPT = Features(
    {name: kind for name, kind in FEATURES.items() if name != "reward"} | dict.fromkeys(SCORERS, Value("string"))
)
logger = logging.getLogger(__name__)


@dataclass
class Report:
    """What became of the raw rows: `bad` maps a reason to the numbers of its rows, counted from 0."""

    rows: int
    examples: int = 0
    left_out: int = 0
    bad: dict[str, list[int]] = field(default_factory=dict)

    @property
    def skipped(self) -> int:
        return sum(map(len, self.bad.values()))

    def __str__(self) -> str:
        text = f"{self.examples} examples of {self.rows} rows, {self.left_out} left out, {self.skipped} bad"
        return f"{text} and skipped: {self.reasons()}" if self.bad else text

    def reasons(self) -> str:
        """Each reason with its first rows."""
        return "; ".join(
            f"{reason} (row {', '.join(map(str, numbers[:3]))}{', ...' if len(numbers) > 3 else ''})"
            for reason, numbers in self.bad.items()
        )


def prepared(raw: RawSet, split: str, place: str, scorer: str) -> Dataset:
    """The examples of a part, memory-mapped; prepared first where this machine has not done so. Raises RequestError."""
    if scorer not in SCORERS:
        raise RequestError(f"scorer must be one of {', '.join(SCORERS)}, not {scorer!r}")
    folder = cache_folder() / "data" / f"{raw.name}-{_digest(raw, split, place)}"

    def make(made: Path) -> None:
        logger.info("%s (%s): %s", raw.name, split, prepare(raw, split, place, made))

    try:
        kept(folder, make)
    except OSError as error:
        if no_room(error):
            raise RequestError(
                f"{raw.name}: no room for prepared data in {folder.parent} ({error}): make some, or set "
                "RLVR_CACHE to a folder on another disk"
            ) from error
        raise RequestError(f"{raw.name}: {place} cannot be prepared in {folder.parent} ({error})") from error
    return scored(load_from_disk(folder), scorer)


def scored(examples: Dataset, scorer: str) -> Dataset:
    """Prepared examples with the columns of rows.py: the reward is the scorer's."""
    return examples.rename_column(scorer, "reward").select_columns(list(FEATURES))


def prepare(raw: RawSet, split: str, place: str, folder: Path) -> Report:
    """Write the examples of a part to `folder`, beside which there is room for scratch files.

    Raises:
        RequestError: naming the row, column or file.
    """
    if not sys.stderr.isatty():
        disable_progress_bars()  # a log has no use for them
    data = read(place, raw.parts[split], folder.parent)
    report = Report(rows=len(data))
    path = folder.with_name("examples.arrow")
    writer = ArrowWriter(path=str(path), features=KEPT, writer_batch_size=AT_ONCE)
    for row in _examples(raw, data, place, report):
        writer.write(row)
    writer.finalize()
    if not report.examples:
        raise RequestError(f"{raw.name}: none of the {report.rows} rows of {place} gives an example")
    examples = Dataset.from_file(str(path))
    (examples.shuffle(seed=SHUFFLE_SEED) if raw.shuffled else examples).save_to_disk(folder)
    return report


def _examples(raw: RawSet, data: Dataset, place: str, report: Report) -> Iterator[dict[str, Any]]:
    columns = _columns(raw, data, place)
    sample, folder = raw.layouts[columns], _folder(place)
    for number, row in enumerate(_plain_rows(data.select_columns(list(columns)))):
        try:
            found = [_row(raw, example, folder) for example in _sampled(sample, row)]
        except BadRow as reason:
            report.bad.setdefault(str(reason), []).append(number)
            if report.skipped > MOST_BAD * report.rows:
                raise RequestError(
                    f"{raw.name}: more than {MOST_BAD:.0%} of the {report.rows} rows of {place} are bad: "
                    f"{report.reasons()}; mend or remove them"
                ) from None
            continue
        report.left_out += not found
        report.examples += len(found)
        yield from found


def _sampled(sample: Sampler, row: dict[str, Any]) -> list[Example]:
    try:
        return sample(row)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadRow("values of other types than expected") from error


def _row(raw: RawSet, example: Example, folder: Path | None) -> dict[str, Any]:
    """A row of KEPT; raises BadRow."""
    if not isinstance(example.question, str | None) or not isinstance(example.solution, str | None):
        raise BadRow("values of other types than expected")
    if not (example.question or "").strip():
        raise BadRow("no question")
    if not example.images:
        raise BadRow("no image")
    images, sizes = zip(*(stored(image, folder, raw.longest_side) for image in example.images), strict=True)
    boxes = scaled(example.boxes or [], sizes[0]) if example.in_pixels else scaled(example.boxes or [])
    if not boxes and (example.boxes is not None or not (example.solution or "").strip()):
        raise BadRow("empty answer")
    return {
        "prompt": prompt("\n".join(filter(None, (example.question, example.below))), boxes=bool(boxes)),
        "images": list(images),
        "paper": raw.paper,
        "field": example.field or raw.field,
        "solution": (str(boxes) if boxes else example.solution).strip(),
        "boxes": boxes,
        "domain": raw.name,
    }


def _columns(raw: RawSet, data: Dataset, place: str) -> tuple[str, ...]:
    """The layout that the data has."""
    for columns in raw.layouts:
        if set(columns) <= set(data.column_names):
            return columns
    columns = next(iter(raw.layouts))
    missing = ", ".join(sorted(set(columns) - set(data.column_names)))
    raise RequestError(f"{raw.name}: {place} lacks the column {missing}; it has {', '.join(data.column_names)}")


def _plain_rows(data: Dataset) -> Iterator[dict[str, Any]]:
    """Rows as plain Python, images not decoded."""
    for table in data.with_format("arrow").iter(AT_ONCE):
        yield from table.to_pylist()


def _folder(place: str) -> Path | None:
    """The folder that relative paths of images start from."""
    path = local(place)
    return path.parent if path is not None and path.is_file() else path


def _digest(raw: RawSet, split: str, place: str) -> str:
    code = b"\0".join(path.read_bytes() for path in sorted(Path(__file__).parent.rglob("*.py")))
    declared = replace(raw, layouts=tuple(raw.layouts))  # the functions in it are part of the code
    return hashlib.sha256(code + repr((declared, split, place, _stamps(place))).encode()).hexdigest()[:12]


def _stamps(place: str) -> list[tuple[str, int, int]]:
    """Names, sizes and times of the local files of a place."""
    path = local(place)
    if path is None:
        return []
    files = [path] if path.is_file() else sorted(file for file in path.rglob("*") if file.is_file())
    return [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in files]

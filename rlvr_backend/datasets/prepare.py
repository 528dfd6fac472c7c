"""The engine behind every declared dataset: read, check, count, and keep the prepared examples once a machine.

Prepared examples lie in the cache folder under `data/NAME-DIGEST`, as `save_to_disk` writes them; the digest is of all
that they follow from: the declaration, this code, and names, sizes and times of local files (not those in an
`image_folder`, nor whether the hub has a newer version: delete the folder for these). They name the rewards of both
scorers and have the prompt with each suffix; which of them count is chosen when they are loaded.
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

from rlvr_backend.cache import cache_folder, kept
from rlvr_backend.errors import RequestError
from rlvr_backend.datasets.boxes import Boxes, scaled, whole_scale
from rlvr_backend.datasets.images import stored
from rlvr_backend.datasets.declaration import SCORERS, BadRow, Example, RawSet, Sampler
from rlvr_backend.datasets.loader import local, read
from rlvr_backend.datasets.report import Report, lost_of
from rlvr_backend.datasets.examples import FEATURES, SUFFIXES, prompt
from rlvr_backend.datasets.raw_rows import AT_ONCE, Rows
from rlvr_backend.datasets.box_checks import SetBoxes
from rlvr_backend.library_errors import no_room

SHUFFLE_SEED = 42
KEPT = Features(
    {name: kind for name, kind in FEATURES.items() if name not in ("prompt", "reward")}
    | {f"prompt_{suffix}": FEATURES["prompt"] for suffix in SUFFIXES}
    | {f"reward_{scorer}": Value("string") for scorer in SCORERS}
)
logger = logging.getLogger(__name__)


def prepared(raw: RawSet, split: str, place: str, scorer: str, suffix: str = "paper") -> Dataset:
    """The examples of a part, memory-mapped; prepared first where this machine has not done so. Raises RequestError."""
    for what, given, known in (("scorer", scorer, SCORERS), ("suffix", suffix, SUFFIXES)):
        if given not in known:
            raise RequestError(f"{what} must be one of {', '.join(known)}, not {given!r}")
    return scored(load_from_disk(_kept(raw, split, place)), scorer, suffix)


def scored(examples: Dataset, scorer: str, suffix: str = "paper") -> Dataset:
    """Prepared examples with the columns of rows.py: the reward is the scorer's, the prompt has this suffix."""
    chosen = examples.rename_columns({f"reward_{scorer}": "reward", f"prompt_{suffix}": "prompt"})
    return chosen.select_columns(list(FEATURES))


def held(raw: RawSet, split: str, place: str) -> tuple[int, int]:
    """The number of examples of a part, and how many more there were if none of its rows was left out or bad."""
    folder = _kept(raw, split, place)
    return len(load_from_disk(folder)), lost_of(folder)


def _kept(raw: RawSet, split: str, place: str) -> Path:
    """The folder of a part's prepared examples."""
    folder = cache_folder() / "data" / f"{raw.name}-{_digest(raw, split, place)}"

    def make(made: Path) -> None:
        logger.info("%s (%s): %s", raw.name, split, prepare(raw, split, place, made))

    try:
        return kept(folder, make)
    except OSError as error:
        if no_room(error):
            raise RequestError(
                f"{raw.name}: no room for prepared data in {folder.parent} ({error}): make some, or set "
                "RLVR_CACHE to a folder on another disk"
            ) from error
        raise RequestError(f"{raw.name}: {place} cannot be prepared in {folder.parent} ({error})") from error


def prepare(raw: RawSet, split: str, place: str, folder: Path) -> Report:
    """Write the examples of a part to `folder`, beside which there is room for scratch files.

    Raises:
        RequestError: naming the row, column or file.
    """
    if not sys.stderr.isatty():
        disable_progress_bars()  # a log has no use for them
    data = read(place, raw.parts[split], folder.parent)
    if not len(data):
        raise RequestError(f"{raw.name}: {place} holds no rows: name another place under `data`")
    report = Report(rows=len(data))
    path = folder.with_name("examples.arrow")
    writer = ArrowWriter(path=str(path), features=KEPT, writer_batch_size=AT_ONCE)
    origins: list[int] = []  # the raw row of each example
    boxes = SetBoxes()
    for number, row, said, size in _examples(raw, data, place, report):
        writer.write(row)
        origins.append(number)
        if said:
            boxes.add(number, said, size)
    writer.finalize()
    odd = boxes.judge(report)
    report.check(raw.name, place)
    kept_rows = [index for index, number in enumerate(origins) if number not in odd]
    report.examples = len(kept_rows)
    if not kept_rows:
        raise RequestError(
            f"{raw.name}: none of the {report.rows} rows of {place} gives an example: {report.left_out} left out as "
            f"the paper leaves them out, {report.skipped} bad; name another place under `data`"
        )
    examples = Dataset.from_file(str(path))
    examples = examples.select(kept_rows) if odd else examples
    (examples.shuffle(seed=SHUFFLE_SEED) if raw.shuffled else examples).save_to_disk(folder)
    report.save(folder)
    return report


def _examples(
    raw: RawSet, data: Rows, place: str, report: Report
) -> Iterator[tuple[int, dict[str, Any], Boxes, tuple[int, int]]]:
    """Row by row its number, a row of KEPT, the boxes that it says, but not those in pixels, and its image's size."""
    columns = _columns(raw, data, place)
    sample, folder = raw.layouts[columns], _folder(raw, place)
    for number, row in enumerate(data.plain(columns)):
        asked: list[Example] = []
        try:
            asked = _sampled(sample, row)
            found = [_row(raw, example, folder) for example in asked]
        except BadRow as reason:
            report.skip(number, reason, lost=max(1, len(asked)))
            report.check(raw.name, place)
            continue
        if not found:
            report.leave_out()
        for example, (made, size) in zip(asked, found, strict=True):
            yield number, made, [] if example.in_pixels else example.boxes or [], size


def _sampled(sample: Sampler, row: dict[str, Any]) -> list[Example]:
    try:
        return sample(row)
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadRow("values of other types than expected") from error


def _row(raw: RawSet, example: Example, folder: Path | None) -> tuple[dict[str, Any], tuple[int, int]]:
    """A row of KEPT, and the size of its first image; raises BadRow."""
    if not isinstance(example.question, str | None):
        raise BadRow("question is no text", example.question, "write it as text, in quotes")
    if not (example.question or "").strip():
        raise BadRow("no question")
    if not example.images:
        raise BadRow("no image")
    images, sizes = zip(*(stored(image, folder, raw.longest_side) for image in example.images), strict=True)
    said = example.boxes or []
    boxes = scaled(said, sizes[0]) if example.in_pixels else scaled(whole_scale(said), said=said)
    if not boxes and (example.boxes is not None or not example.solution.strip()):
        raise BadRow("empty answer")
    question = "\n".join(filter(None, (example.question, example.below)))
    row = {
        **{f"prompt_{suffix}": prompt(question, bool(boxes), suffix) for suffix in SUFFIXES},
        "images": list(images),
        "reward_paper": raw.paper,
        "reward_field": example.field or raw.field,
        "solution": (str(boxes) if boxes else example.solution).strip(),
        "boxes": boxes,
        "domain": raw.name,
    }
    return row, sizes[0]


def _columns(raw: RawSet, data: Rows, place: str) -> tuple[str, ...]:
    """The layout that the data has."""
    for columns in raw.layouts:
        if set(columns) <= set(data.columns):
            return columns
    columns = next(iter(raw.layouts))
    missing = ", ".join(sorted(set(columns) - set(data.columns)))
    raise RequestError(f"{raw.name}: {place} lacks the column {missing}; it has {', '.join(data.columns)}")


def _folder(raw: RawSet, place: str) -> Path | None:
    """The folder that paths of images start from, and must not leave; None where rows of the hub name no files."""
    if raw.image_folder is not None:
        return Path(raw.image_folder).expanduser().resolve()
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

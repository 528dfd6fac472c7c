"""Text for `python -m rlvr_backend datasets`: the known datasets, and the result of checking a copy."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from datasets import load_from_disk

from rlvr_backend.datasets import find, shapes
from rlvr_backend.datasets.declaration import Declaration
from rlvr_backend.datasets.paper import PAPER
from rlvr_backend.datasets.prepare import prepare, with_scorer
from rlvr_backend.errors import RequestError

HEADINGS = ("name", "about", "train", "test", "scored by", "licence", "where", "or authors'")
LEGEND = """
train, test  number of examples as a domain and as a test; - if it cannot be one
scored by    the reward of `scorer: paper`, and that of `scorer: field` if it differs
where        its name on the hub; name a copy of yours in the study file: data: {NAME: FOLDER}
or authors'  the copy that the paper's authors published after their processing: data: {NAME: authors}

Declare a set of your own there: data: {mine: {path: FOLDER, question: COLUMN, answer: COLUMN, image: COLUMN}}
Images outside of FOLDER need `image_folder: IMAGES` beside these keys.
Check a copy before training: python -m rlvr_backend datasets --check FOLDER --name NAME"""
SAMPLES = 3
EMBEDDED = {**shapes.DOMAINS, **shapes.TESTS}


def table() -> str:
    """Return one line per set, with the paper's sizes, and what the columns mean."""
    lines = [HEADINGS, *map(_published, PAPER.values()), *map(_embedded, EMBEDDED)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rows = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([*rows, LEGEND])


def _published(raw: Declaration) -> tuple[str, ...]:
    sizes = [str(raw.parts[part].size) if part in raw.parts else "-" for part in ("train", "test")]
    hubs = dict.fromkeys(part.hub + (f" ({part.config})" if part.config else "") for part in raw.parts.values())
    authors = [part.hub for part in raw.authors.values() if part.hub not in hubs]
    scorers = dict.fromkeys((raw.paper, raw.field))
    return (raw.name, raw.about, *sizes, *map(", ".join, (scorers, [raw.licence], hubs, authors)))


def _embedded(name: str) -> tuple[str, ...]:
    sizes = [str(shapes.sizes(part).get(name, "-")) for part in ("train", "test")]
    return (name, "drawn shapes", *sizes, shapes.reward(name), "this package's", "drawn here, no download", "")


def check_copy(place: str, name: str, split: str | None, own: Mapping[str, str]) -> str:
    """Prepare all of a copy without keeping it, and report counts, bad rows and three examples.

    Args:
        place: Folder, file or hub name.
        name: One of the paper's sets. Any other name, or any with keys in `own`, is a set of your own.
        split: "train" or "test"; None for the one that there is.
        own: Keys of the declaration of a set of your own.

    Raises:
        RequestError: It cannot be read or has too many bad rows.
    """
    if name in EMBEDDED:
        raise RequestError(f"{name!r} is drawn by this package: there is no copy to check")
    declared = name in PAPER and not own
    split = split or ("train" if not declared or "train" in PAPER[name].parts else "test")
    raw, place = find(name, split, {name: place if declared else {**own, "path": place}})
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "examples"
        report = prepare(raw, split, place, folder)
        examples = with_scorer(load_from_disk(folder), "paper")
        samples = [_as_text(examples[number]) for number in range(min(SAMPLES, len(examples)))]
    return "\n\n".join([f"{name} ({split}): {report}", *samples])


def _as_text(row: dict) -> str:
    sizes = ", ".join(f"{image.width} x {image.height}" for image in row["images"])
    answer = f"{row['solution']} (scored by {row['reward']})"
    return f"prompt: {row['prompt'][0]['content']}\nanswer: {answer}\nimages: {sizes}"

"""What `python -m rlvr_backend datasets` prints: the known sets, and what a check of a copy found."""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from datasets import load_from_disk

from rlvr_backend.errors import RequestError
from rlvr_backend.datasets import found, shapes
from rlvr_backend.datasets.paper import PAPER
from rlvr_backend.datasets.prepare import prepare, scored
from rlvr_backend.datasets.declaration import RawSet

HEADINGS = ("name", "about", "train", "test", "scored by", "licence", "where", "or authors'")
LEGEND = """
train, test  examples that it has as a domain and as a test; - where it cannot be one
scored by    the reward of `scorer: paper`, and that of `scorer: field` where it is another
where        its place on the hub; a copy of yours is named in the study file: data: {NAME: FOLDER}
or authors'  the copy that the paper's authors published with their processing done: data: {NAME: authors}

A set of your own is declared there: data: {mine: {path: FOLDER, question: COLUMN, answer: COLUMN, image: COLUMN}}
Pictures that lie outside of FOLDER need `image_folder: PICTURES` beside these keys.
Check a copy before training: python -m rlvr_backend datasets --check FOLDER --name NAME"""
SAMPLES = 3
EMBEDDED = {**shapes.DOMAINS, **shapes.TESTS}


def table() -> str:
    """One line a set, with the paper's sizes, and what the columns mean."""
    lines = [HEADINGS, *map(_published, PAPER.values()), *map(_embedded, EMBEDDED)]
    widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
    rows = ["  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip() for line in lines]
    return "\n".join([*rows, LEGEND])


def _published(raw: RawSet) -> tuple[str, ...]:
    sizes = [str(raw.parts[part].size) if part in raw.parts else "-" for part in ("train", "test")]
    hubs = dict.fromkeys(part.hub + (f" ({part.config})" if part.config else "") for part in raw.parts.values())
    authors = [part.hub for part in raw.authors.values() if part.hub not in hubs]
    scorers = dict.fromkeys((raw.paper, raw.field))
    return (raw.name, raw.about, *sizes, *map(", ".join, (scorers, [raw.licence], hubs, authors)))


def _embedded(name: str) -> tuple[str, ...]:
    sizes = [str(shapes.held(part).get(name, "-")) for part in ("train", "test")]
    return (name, "drawn shapes", *sizes, shapes.reward(name), "this package's", "drawn here, no download", "")


def checked(place: str, name: str, split: str | None, own: Mapping[str, str]) -> str:
    """Prepare all of a copy without keeping it: counts, bad rows, and three examples. Raises RequestError.

    `name` is one of the paper's sets; any other, or any with keys in `own`, is a user's own set.
    """
    if name in EMBEDDED:
        raise RequestError(f"{name!r} is drawn by this package: there is no copy to check")
    declared = name in PAPER and not own
    split = split or ("train" if not declared or "train" in PAPER[name].parts else "test")
    raw, place = found(name, split, {name: place if declared else {**own, "path": place}})
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch) / "examples"
        report = prepare(raw, split, place, folder)
        examples = scored(load_from_disk(folder), "paper")
        samples = [_shown(examples[number]) for number in range(min(SAMPLES, len(examples)))]
    return "\n\n".join([f"{name} ({split}): {report}", *samples])


def _shown(row: dict) -> str:
    sizes = ", ".join(f"{image.width} x {image.height}" for image in row["images"])
    answer = f"{row['solution']} (scored by {row['reward']})"
    return f"prompt: {row['prompt'][0]['content']}\nanswer: {answer}\nimages: {sizes}"

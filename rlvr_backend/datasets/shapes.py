"""Domains and tests of the embedded shapes world as datasets (rlvr_backend/shapes)."""

from collections.abc import Sequence

from datasets import Dataset, disable_progress_bars, load_from_disk

from rlvr_backend.cache import cache_folder, make_once, source_digest
from rlvr_backend.datasets.examples import FEATURES, user_turn
from rlvr_backend.shapes.splits import examples

# Training sets have the paper's sizes times 0.16. Tests keep about the paper's proportions.
DOMAINS = {"detect": 960, "refer": 212, "geometry": 315, "spatial": 2400, "science": 995}
TESTS = {"refer": 340, "spatial": 193, "science": 202, "chart": 250, "infographic": 280, "math": 100, "general": 90}
SOURCES = ("shapes/*.py", "datasets/shapes.py", "datasets/examples.py")  # the code that determines the examples
BOXES = ("detect", "refer")  # scored by IoU, the others by exact match


def sizes(split: str) -> dict[str, int]:
    """Return name -> number of examples of the domains ("train") or the tests ("test")."""
    return DOMAINS if split == "train" else TESTS


def reward(name: str) -> str:
    """Return the name of the reward of a domain or test."""
    return "iou" if name in BOXES else "accuracy"


def rows(name: str, split: str, wanted: Sequence[int]) -> Dataset:
    """Return the wanted examples of a domain ("train") or a test ("test"), the same at every call.

    All examples are drawn once and kept in the cache: drawing them again would take seconds of every trial.
    """
    path = cache_folder() / "data" / f"shapes-{split}-{name}-{source_digest(SOURCES)}"
    return load_from_disk(make_once(path, lambda folder: _draw(name, split).save_to_disk(folder))).select(wanted)


def _draw(name: str, split: str) -> Dataset:
    """All examples."""
    disable_progress_bars()
    found = [
        {
            "prompt": user_turn(question.text),
            "images": [question.picture.draw()],
            "reward": reward(name),
            "solution": question.answer,
            "boxes": [list(box) for box in question.boxes],
            "domain": name,
        }
        for question in examples(name, split, sizes(split)[name])
    ]
    return Dataset.from_list(found, features=FEATURES)

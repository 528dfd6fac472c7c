"""The domains and tests of the embedded shapes world as datasets (rlvr_backend/shapes says what it is)."""

from collections.abc import Sequence

from datasets import Dataset, disable_progress_bars, load_from_disk

from rlvr_backend.cache import cache_folder, digest, kept
from rlvr_backend.datasets.examples import FEATURES, turn
from rlvr_backend.shapes.splits import examples

# The paper's sizes times 0.16 for training; in-tests and out-tests keep about the paper's proportions.
DOMAINS = {"detect": 960, "refer": 212, "geometry": 315, "spatial": 2400, "science": 995}
TESTS = {"refer": 340, "spatial": 193, "science": 202, "chart": 250, "infographic": 280, "math": 100, "general": 90}
SOURCES = ("shapes/*.py", "datasets/shapes.py", "datasets/rows.py")  # from which the examples follow
BOXES = ("detect", "refer")  # scored by IoU; the others by exact match


def held(split: str) -> dict[str, int]:
    """Name -> number of examples, of the domains ("train") or the tests ("test")."""
    return DOMAINS if split == "train" else TESTS


def reward(name: str) -> str:
    return "iou" if name in BOXES else "accuracy"


def rows(name: str, split: str, wanted: Sequence[int]) -> Dataset:
    """The examples of a domain ("train") or a test ("test") with the wanted indices, the same at every call.

    All are drawn at once and kept (cache.py): drawing them cost a trial 1.7 of its 49 seconds.
    """
    path = cache_folder() / "data" / f"shapes-{split}-{name}-{digest(SOURCES)}"
    return load_from_disk(kept(path, lambda folder: _draw(name, split).save_to_disk(folder))).select(wanted)


def _draw(name: str, split: str) -> Dataset:
    """All examples."""
    disable_progress_bars()
    found = [
        {
            "prompt": turn(question.text),
            "images": [question.picture.draw()],
            "reward": reward(name),
            "solution": question.answer,
            "boxes": [list(box) for box in question.boxes],
            "domain": name,
        }
        for question in examples(name, split, held(split)[name])
    ]
    return Dataset.from_list(found, features=FEATURES)

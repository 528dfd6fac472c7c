"""Splits of the shapes world: a picture's content decides its split, so no two splits share a picture."""

import hashlib
from collections.abc import Callable

import numpy as np

from rlvr_backend.shapes.images import Picture
from rlvr_backend.shapes.questions import Question
from rlvr_backend.shapes.topics import TOPICS, ask, extreme_bar, mixed_colour, which_angle, which_side

BUCKETS = {"cold_start": range(0, 5), "train": range(5, 8), "test": range(8, 10)}
# The topics that take longest to learn.
SLOW = (which_angle, which_side, mixed_colour, extreme_bar)


def bucket(picture: Picture) -> int:
    """Return a number from 0 to 9 that depends only on the picture's content."""
    return hashlib.sha256(repr(picture).encode()).digest()[0] % 10


def _generator(*parts: str) -> np.random.Generator:
    return np.random.default_rng(list(hashlib.sha256("/".join(parts).encode()).digest()))


def _draw(make: Callable[[np.random.Generator], Question], split: str, count: int, rng) -> list[Question]:
    """`count` questions of a split, all with a different (picture, text)."""
    found: dict[tuple, Question] = {}
    while len(found) < count:
        question = make(rng)
        if bucket(question.picture) in BUCKETS[split]:
            found.setdefault((question.picture, question.text), question)
    return list(found.values())


def examples(subject: str, split: str, count: int) -> list[Question]:
    """Return the questions of a domain (`train`) or a test (`test`), the same on every machine and at every call."""
    return _draw(lambda rng: ask(subject, rng), split, count, _generator(subject, split))


def cold_start_questions(count: int) -> list[tuple[str, Question]]:
    """Return (topic name, question) pairs over all topics, the slow ones twice, with pictures of no other split."""
    topics = [*dict.fromkeys(topic for group in TOPICS.values() for topic in group), *SLOW]
    rng = _generator("cold_start")
    rows = []
    while len(rows) < count:
        topic = topics[len(rows) % len(topics)]
        question = topic(rng)
        if bucket(question.picture) in BUCKETS["cold_start"]:
            rows.append((topic.__name__, question))
    return rows

"""What is kept once a machine: whole or not at all, made once, made anew by changed code."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from rlvr_backend import cache
from rlvr_backend.datasets import load_rows, shapes
from rlvr_backend.errors import RequestError
from rlvr_backend.shapes.splits import examples


def test_one_of_many_makes_it(tmp_path):
    made = []

    def make(folder):
        made.append(folder.mkdir())

    with ThreadPoolExecutor(4) as pool:
        folders = set(pool.map(lambda _: cache.make_once(tmp_path / "a" / "b", make), range(8)))
    assert folders == {tmp_path / "a" / "b"} and len(made) == 1


def test_what_fails_leaves_nothing_and_may_be_tried_again(tmp_path):
    def fail(folder):
        (folder / "half").mkdir(parents=True)
        raise OSError("full")

    with pytest.raises(OSError, match="full"):
        cache.make_once(tmp_path / "a", fail)
    assert not [path for path in tmp_path.iterdir() if path.is_dir()]
    assert cache.make_once(tmp_path / "a", lambda folder: folder.mkdir()).is_dir()


def test_a_digest_follows_files_and_words(tmp_path, monkeypatch):
    monkeypatch.setattr(cache, "PACKAGE", tmp_path)
    (tmp_path / "a.py").write_text("1")
    first = cache.source_digest(["*.py"], "x")
    assert cache.source_digest(["*.py"], "y") != first == cache.source_digest(["*.py"], "x")
    (tmp_path / "a.py").write_text("2")
    assert cache.source_digest(["*.py"], "x") != first


def test_examples_of_shapes_are_drawn_once_and_stay_what_they_are(tmp_path, monkeypatch):
    monkeypatch.setenv("RLVR_CACHE", str(tmp_path))
    first = load_rows("refer", "train", 20, wanted=[3, 0, 19])
    monkeypatch.setattr(shapes, "_draw", None)  # is not called again
    assert load_rows("refer", "train", 20, wanted=[3, 0, 19])[:] == first[:]
    questions = examples("refer", "train", 20)
    assert first["solution"] == [questions[i].answer for i in (3, 0, 19)]
    assert first[2]["images"][0].tobytes() == questions[19].picture.draw().tobytes()
    with pytest.raises(RequestError, match="'refer' has 212 examples for train, not 213"):
        load_rows("refer", "train", 213)

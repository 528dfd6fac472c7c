"""A picture that means harm is a bad row that is named, in bounded time and memory; an odd one is read."""

import contextlib
import io
import json
import os
import sys

import pytest
from measures.pictures import measured
from PIL import Image as Pictures
from tables.hostile_pictures import FILES, FORMATS, HOSTILE, OUTSIDE, SMALL
from tables.pictures import photo, saved

from rlvr_backend.datasets import load_rows
from rlvr_backend.datasets.declaration import BadRow
from rlvr_backend.datasets.images import checked_image
from rlvr_backend.errors import RequestError
from tests.support.raw_datasets import OWN, picture, table

SLOW = "8192 x 8192"  # seconds to draw and to decode
MOST_SECONDS, MOST_MB = 30, 1500


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("RLVR_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def folder(tmp_path):
    (made := tmp_path / "set").mkdir()
    return made


def load(path, count=1, **declared):
    return load_rows("mine", "train", count, sources={"mine": {"path": str(path), **declared}})


def lines(folder, *images):
    rows = [json.dumps({"question": "?", "answer": "a", "image": image}) for image in images]
    (folder / "rows.jsonl").write_text("\n".join(rows))
    return folder / "rows.jsonl"


@pytest.mark.skipif(sys.platform != "linux", reason="peaks are read from /proc")
@pytest.mark.parametrize(
    ("number", "verdict"),
    [
        pytest.param(number, row[2], id=row[0], marks=[pytest.mark.slow] if SLOW in row[0] else [])
        for number, row in enumerate(HOSTILE)
    ],
)
def test_every_picture_ends_in_bounded_time_and_memory(number, verdict):
    found = measured(number)
    assert found.verdict == verdict
    assert found.seconds < MOST_SECONDS and found.megabytes < MOST_MB


def test_the_table_is_long():
    assert len({row[0] for row in HOSTILE}) == len(HOSTILE) >= 80


@pytest.mark.parametrize("row", [*FILES, *FORMATS], ids=lambda row: row[0])
def test_a_bad_picture_names_set_row_value_and_fix_in_one_line(folder, row):
    image, verdict = row[1](folder), row[2]
    if isinstance(image, dict) and isinstance(image["bytes"], bytes):
        path = folder / "rows.parquet"
        table(OWN, [{"image": image, "question": "?", "answer": "a"}]).to_parquet(path)
    else:
        path = lines(folder, image)
    if not isinstance(verdict, str):
        assert load(path)[0]["images"][0].size == verdict
        return
    with pytest.raises(RequestError) as caught:
        load(path)
    said = str(caught.value)
    assert said.startswith("mine: ") and f"are bad: {verdict} (row 0), where row 0 has " in said and "\n" not in said
    assert any(fix in said for fix in ("write its path", "move it into", "save it", "shrink it", "write a path"))


def test_a_few_are_skipped_and_named(folder, caplog):
    (folder / "0.png").write_bytes(picture())
    path = lines(folder, *["0.png"] * 150, "/etc/passwd", *["0.png"] * 49)
    with caplog.at_level("INFO", "rlvr_backend"):
        assert len(load(path, 199)) == 199
    (said,) = caplog.messages
    assert f"199 examples of 200 rows, 0 left out, 1 bad and skipped: {OUTSIDE} (row 150)" in said
    assert "where row 150 has '/etc/passwd': move it into" in said and "`image_folder` under `data`" in said


def test_an_image_folder_is_where_paths_start_and_must_stay(folder, tmp_path):
    (tmp_path / "pictures" / "0").mkdir(parents=True)
    (tmp_path / "pictures" / "0" / "0.png").write_bytes(picture())
    path = lines(folder, "0/0.png", str(tmp_path / "pictures" / "0" / "0.png"))
    assert len(load(path, 2, image_folder=str(tmp_path / "pictures"))) == 2
    for image in ("../set/rows.jsonl", str(folder / "0.png")):
        with pytest.raises(RequestError, match=OUTSIDE):
            load(lines(folder, image), image_folder=str(tmp_path / "pictures"))
    with pytest.raises(RequestError, match=r"data 'mine': `image_folder`: there is no folder .*nowhere"):
        load(path, image_folder=str(tmp_path / "nowhere"))


def test_paths_in_parquet_and_in_metadata_stay_inside_too(folder, tmp_path):
    (tmp_path / "0.png").write_bytes(picture())
    (folder / "0.png").write_bytes(picture())
    for image in ({"bytes": None, "path": str(tmp_path / "0.png")}, {"bytes": b"", "path": "../0.png"}):
        table(OWN, [{"image": image, "question": "?", "answer": "a"}]).to_parquet(folder / "rows.parquet")
        with pytest.raises(RequestError, match=OUTSIDE):
            load(folder / "rows.parquet")
    (folder / "rows.parquet").unlink()
    (folder / "metadata.csv").write_text("file_name,question,answer\n../0.png,?,a\n")
    with pytest.raises(RequestError, match=OUTSIDE):
        load(folder)


def test_a_link_to_the_set_itself_and_a_snapshot_of_the_hub_are_followed(folder, tmp_path):
    (folder / "0.png").write_bytes(picture())
    (tmp_path / "link").symlink_to(folder)
    lines(folder, str(tmp_path / "link" / "0.png"))
    assert len(load(tmp_path / "link")) == 1
    repository = tmp_path / "datasets--some--set"
    (repository / "blobs").mkdir(parents=True)
    (snapshot := repository / "snapshots" / "0a1b").mkdir(parents=True)
    (repository / "blobs" / "c0ffee").write_bytes(picture())
    (snapshot / "0.png").symlink_to("../../blobs/c0ffee")
    (snapshot / "out.png").symlink_to(folder / "0.png")
    assert load(lines(snapshot, "0.png").parent)[0]["images"][0].size == (32, 24)
    with pytest.raises(RequestError, match=OUTSIDE):
        load(lines(snapshot, "out.png").parent)


def test_a_set_on_the_hub_names_no_files(tmp_path, monkeypatch):
    (tmp_path / "0.png").write_bytes(picture())
    monkeypatch.chdir(tmp_path)
    for path in ("0.png", str(tmp_path / "0.png")):
        with pytest.raises(BadRow, match="image is a path, in a set on the hub") as caught:
            checked_image(path, None, None)
        assert "`image_folder`" in caught.value.fix


def test_nothing_is_left_open_or_changed(folder):
    limit, open_files = Pictures.MAX_IMAGE_PIXELS, len(os.listdir("/proc/self/fd")) if os.path.exists("/proc") else 0
    for _, make, _ in FILES:
        (own := folder / str(len(os.listdir(folder))) / "set").mkdir(parents=True)
        with contextlib.suppress(BadRow):
            checked_image(make(own), own, None)
    assert limit == Pictures.MAX_IMAGE_PIXELS
    assert not os.path.exists("/proc") or len(os.listdir("/proc/self/fd")) == open_files


@pytest.mark.parametrize("form", ["TIFF", "BMP", "GIF"])
def test_later_readers_meet_only_formats_that_pillow_cannot_mistake(form):
    kept, size = checked_image(saved(photo(*SMALL), form), None, None)
    assert (Pictures.open(io.BytesIO(kept["bytes"])).format, size) == ("PNG", SMALL)

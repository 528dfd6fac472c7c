"""Boxes: one scale a question and a set, everything else a bad row that names the box."""

import pytest
from datasets import List, Value
from tables.pictures import turned
from tables.set_boxes import LISTED, PIXELS, WRITTEN

from rlvr_backend.datasets import load_rows
from rlvr_backend.datasets.boxes import boxes_of, scaled, whole_scale
from rlvr_backend.datasets.declaration import BadRow
from rlvr_backend.errors import RequestError
from tests.support.raw_datasets import OWN, R1V, TEXT, TEXTS, image, table

BOXES = {**{name: OWN[name] for name in ("image", "question")}, "boxes": List(List(Value("float64")))}


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    monkeypatch.setenv("RLVR_CACHE", str(tmp_path / "cache"))


def check(call, expected):
    if isinstance(expected, str):
        with pytest.raises(BadRow, match=f"^{expected}$") as caught:
            call()
        assert caught.value.value and caught.value.fix, "the box and what to write are named"
    else:
        assert call() == expected


@pytest.mark.parametrize(("boxes", "expected"), LISTED)
def test_boxes_of_a_question(boxes, expected):
    check(lambda: scaled(whole_scale(boxes)), expected)


@pytest.mark.parametrize(("text", "expected"), WRITTEN)
def test_boxes_as_text(text, expected):
    check(lambda: scaled(whole_scale(boxes_of(text))), expected)


@pytest.mark.parametrize(("boxes", "size", "expected"), PIXELS)
def test_boxes_in_pixels(boxes, size, expected):
    check(lambda: scaled(boxes, size), expected)


def test_the_tables_are_long():
    assert len(LISTED) + len(WRITTEN) + len(PIXELS) >= 50


def mine(tmp_path, boxes):
    rows = [{"image": image(), "question": "where?", "boxes": some} for some in boxes]
    path = tmp_path / "rows.parquet"
    table(BOXES, rows).to_parquet(path)
    return load_rows("mine", "train", 1, sources={"mine": {"path": str(path), "reward": "iou"}})


def test_a_set_is_on_one_scale(tmp_path, caplog):
    fractions, whole, either = [[0.1, 0.2, 0.5, 0.9]], [[100, 200, 500, 900]], [[0, 0, 1, 1]]
    with caplog.at_level("INFO", "rlvr_backend"):
        mine(tmp_path, [fractions] * 150 + [whole] + [either])
    assert "151 examples of 152 rows, 0 left out, 1 bad and skipped: boxes on another scale than most of the set" in (
        caplog.text
    )
    assert "(row 150), where row 150 has [[100.0, 200.0, 500.0, 900.0]]: write fractions" in caplog.text
    caplog.clear()
    with caplog.at_level("INFO", "rlvr_backend"):
        mine(tmp_path, [whole] * 250 + [fractions] + [either])
    assert "(row 250, 251), where row 250 has [[0.1, 0.2, 0.5, 0.9]]: write numbers from 0 to 1000" in caplog.text
    with pytest.raises(RequestError, match=r"more than 1% of the 2 rows .* boxes on another scale .* \(row 0\)"):
        mine(tmp_path, [fractions, whole])


def test_boxes_that_may_be_pixels_are_doubted(tmp_path, caplog):
    inside, beyond = [[1, 2, 20, 22]], [[10, 20, 600, 440]]  # of a picture of 32 x 24
    doubt = "every box fits inside its image as pixels would, and is read as 0 to 1000"
    for boxes, doubted in (([inside] * 30, True), ([inside] * 29, False), ([inside] * 30 + [beyond], False)):
        caplog.clear()
        with caplog.at_level("INFO", "rlvr_backend"):
            mine(tmp_path, boxes)
        assert (doubt in caplog.text) == doubted


def test_a_flat_list_of_numbers_is_no_list_of_boxes(tmp_path):
    features = {**BOXES, "boxes": List(Value("float64"))}
    path = tmp_path / "rows.parquet"
    table(features, [{"image": image(), "question": "where?", "boxes": [1, 2, 3, 4]}]).to_parquet(path)
    with pytest.raises(RequestError, match=r"boxes are not a list of boxes .*write \[\[x1, y1, x2, y2\]\]"):
        load_rows("mine", "train", 1, sources={"mine": {"path": str(path), "reward": "iou"}})


def test_own_boxes_may_be_text(tmp_path):
    (tmp_path / "p.png").write_bytes(image()["bytes"])
    path = tmp_path / "rows.csv"
    path.write_text('image,question,boxes\np.png,where?,"[[0.1, 0.2, 0.5, 0.9]]"\n')
    (row,) = load_rows("mine", "train", 1, sources={"mine": {"path": str(path), "reward": "iou"}})
    assert row["boxes"] == [[100, 200, 500, 900]]


@pytest.mark.parametrize(
    ("side", "box", "expected"),
    [
        (400, [0, 200, 200, 400], [0, 500, 1000, 1000]),
        (400, [0, 0, 100, 100], [0, 0, 500, 250]),
        (1600, [0, 0, 400, 400], [0, 0, 500, 250]),
    ],
)
def test_pixels_are_those_of_the_upright_picture_before_it_is_shrunk(tmp_path, side, box, expected):
    features = {"image_path": TEXT, "instruction": TEXTS, "boxes": List(List(Value("float64")))}
    (tmp_path / "p.jpg").write_bytes(turned(6, side, side // 2))
    path = tmp_path / "rows.parquet"
    table(features, [{"image_path": "p.jpg", "instruction": ["the blue part"], "boxes": [box]}]).to_parquet(path)
    (row,) = load_rows("lisa", "train", 1, sources={"lisa": str(path)})
    assert row["boxes"] == [expected]
    assert row["images"][0].size == ((200, 400) if side == 400 else (320, 640))


def test_a_solution_names_its_box_when_it_is_bad(tmp_path):
    solutions = [f"<answer>[0.10, 0.20, {right}, 0.90]</answer>" for right in ("1.0004", "1.01")]
    path = tmp_path / "rows.parquet"
    table(R1V, [{"image": image(), "problem": "box?", "solution": solutions[0]}]).to_parquet(path)
    (row,) = load_rows("lisa", "train", 1, sources={"lisa": str(path)})
    assert row["boxes"] == [[100, 200, 1000, 900]]
    table(R1V, [{"image": image(), "problem": "box?", "solution": solutions[1]}]).to_parquet(path)
    with pytest.raises(RequestError, match=r"where row 0 has \[0\.1, 0\.2, 1\.01, 0\.9\]: write numbers inside it"):
        load_rows("lisa", "train", 1, sources={"lisa": str(path)})

"""Images are stored as the model sees them: upright, 8 bits, within its processor's ratio, or they are bad rows."""

import numpy as np
import pytest
from datasets import Image
from tables.pictures import PICTURES, TOLERANCE, photo, saved, turned

from rlvr_backend.datasets.declaration import BadRow
from rlvr_backend.datasets.images import checked_image


def seen(data, longest_side=None):
    """What the model is shown of a picture, as `datasets` decodes what is stored; and the size that boxes refer to."""
    kept, size = checked_image({"bytes": data, "path": None}, None, longest_side)
    return Image().decode_example(kept), size


@pytest.mark.parametrize(("data", "side", "expected"), [row[1:] for row in PICTURES], ids=[row[0] for row in PICTURES])
def test_a_picture_is_what_it_shows_or_a_bad_row(data, side, expected):
    if isinstance(expected, str):
        with pytest.raises(BadRow, match=f"^{expected}$"):
            seen(data, side)
        return
    size, levels, colours = expected
    picture, said = seen(data, side)
    width, height = picture.size
    assert (picture.mode, picture.size) == ("RGB", size)
    assert abs(said[0] / said[1] - width / height) <= max(width, height) / min(width, height) ** 2, "of one shape"
    pixels = np.asarray(picture).astype(int)
    assert len(np.unique(pixels[..., 0])) >= levels
    found = pixels[height // 4, width // 4], pixels[height * 3 // 4, width * 3 // 4]
    assert np.abs(np.array(found) - np.array(colours)).max() <= TOLERANCE, found


def test_the_table_has_pictures_of_every_kind():
    assert len(PICTURES) >= 60 and len({row[0] for row in PICTURES}) == len(PICTURES)
    assert sum(isinstance(row[3], str) for row in PICTURES) >= len(PICTURES) / 4


def test_bytes_stay_as_they_are_where_they_can():
    for data in (saved(photo(80, 40)), saved(photo(80, 40), "JPEG"), turned(1)):
        assert checked_image(data, None, 640)[0]["bytes"] == data


@pytest.mark.parametrize(
    "size", [(1, 1), (3, 3), (27, 3), (3, 27), (1, 150), (640, 4), (1990, 10), (640, 3), (12800, 63)]
)
@pytest.mark.parametrize("side", [None, 640])
def test_what_is_accepted_the_processor_of_qwen2_vl_accepts(size, side):
    from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

    processor = Qwen2VLImageProcessorPil()
    try:
        picture, _ = seen(saved(photo(*size)), side)
    except BadRow:
        picture = photo(*size)
        if side:
            picture.thumbnail((side, side))
        with pytest.raises(ValueError, match="aspect ratio"):
            processor(images=[picture])
    else:
        assert len(processor(images=[picture])["pixel_values"])


@pytest.mark.parametrize("path", ["nowhere.png", "a\0b.png", "x" * 5000])
def test_a_path_to_nothing_is_a_bad_row_that_names_it(tmp_path, path):
    with pytest.raises(BadRow, match="image file cannot be read") as caught:
        checked_image(path, tmp_path, None)
    assert path[0] in caught.value.value and len(caught.value.value) <= 60

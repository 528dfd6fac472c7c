"""Raw images checked and stored as the model sees them: readable to the end, upright, RGB, no longer than asked."""

import io
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image

from rlvr_backend.datasets.levels import eight_bit
from rlvr_backend.datasets.raw import BadRow

THINNEST = 200  # Qwen2-VL's image processor refuses a longer side of more than this many times the shorter
JPEG = ("JPEG", "MPO")
TURNS = {  # what an EXIF orientation asks for
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def stored(raw: Any, folder: Path | None, longest_side: int | None) -> tuple[dict[str, Any], tuple[int, int]]:
    """An image as `datasets` stores it, and its (width, height) upright, before any shrinking.

    `raw` is {"bytes", "path"}, bytes, or a path, relative to `folder`. The bytes stay as they are where they can.
    Raises BadRow.
    """
    data = _bytes(raw, folder)
    image = _opened(data)
    upright = _upright(image)
    size, seen = upright.size, eight_bit(upright)
    long = longest_side is not None and max(size) > longest_side
    if long:
        seen.thumbnail((longest_side, longest_side), Image.Resampling.LANCZOS)
    if max(seen.size) >= THINNEST * min(seen.size):
        raise BadRow(f"image {THINNEST} times longer than wide")
    if long or seen is not image:
        buffer = io.BytesIO()
        seen.save(buffer, format="JPEG" if image.format in JPEG else "PNG", quality=95)
        data = buffer.getvalue()
    return {"bytes": data, "path": None}, size


def _opened(data: bytes) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(data))
        image.load()
    except MemoryError:
        raise
    except Exception as error:  # a decoder raises whatever it stumbles over
        raise BadRow("corrupt image") from error
    return image


def _upright(image: Image.Image) -> Image.Image:
    """The image itself where it stands upright, else a copy that does, and that has no EXIF to be turned by again."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # EXIF that cannot be read turns nothing, but fails whoever asks for it next
        return image.copy()
    if orientation == 1:
        return image
    return image.transpose(TURNS[orientation]) if orientation in TURNS else image.copy()


def _bytes(raw: Any, folder: Path | None) -> bytes:
    path = None
    if isinstance(raw, dict):
        raw, path = raw.get("bytes"), raw.get("path")
    if isinstance(raw, str):
        raw, path = None, raw
    if isinstance(raw, bytes) and raw:
        return raw
    if not path:
        raise BadRow("no image")
    try:
        return ((folder or Path()) / path).read_bytes()
    except (OSError, ValueError) as error:
        raise BadRow("image file cannot be read", path, "write its path from the folder of the set") from error

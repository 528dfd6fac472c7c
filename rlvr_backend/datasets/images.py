"""Raw images checked and stored as the model sees them: readable to the end, upright, RGB, no longer than asked.

Whatever a picture holds, it takes bounded time and memory: its bytes, pixels, pieces and passes are counted before it
is decoded (docs/datasets.md has the caps and what they lead to).
"""

import io
import warnings
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image, UnidentifiedImageError

from rlvr_backend.datasets.rgb import eight_bit
from rlvr_backend.datasets.image_files import MOST_BYTES, read_picture, too_many_bytes
from rlvr_backend.datasets.declaration import BadRow

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")  # Pillow reads many more, of which EPS runs Ghostscript
KEPT = ("PNG", "JPEG", "MPO", "WEBP")  # whose bytes may be stored as they are; MPO is a JPEG with others behind it
JPEG = ("JPEG", "MPO")
THINNEST = 200  # Qwen2-VL's image processor refuses a longer side of more than this many times the shorter
MOST_PIXELS = 8192 * 8192
MOST_PIECES = 1 << 18  # reads of a decoder, a few for each chunk, marker or tag: ordinary pictures need hundreds
MOST_WORK = 32 * MOST_PIXELS  # pixels times passes of a progressive JPEG, of which ordinary ones have about ten
SCAN = b"\xff\xda"  # what a pass begins with
LOOK = 20  # bytes of what is no picture that a message shows
CORRUPT, LARGE, SHRINK = "corrupt image", f"image of more than {MOST_PIXELS} pixels", "shrink it"
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

    `raw` is {"bytes", "path"}, bytes, or a path to a file inside `folder` (picture_files.py). The bytes stay as they
    are where they can. Raises BadRow.
    """
    data, path = _bytes(raw, folder)
    with warnings.catch_warnings(action="ignore"):  # of odd tags, and of sizes that are refused here
        image = _opened(data, path)
        upright = _upright(image)
        size, seen = upright.size, eight_bit(upright)
        long = longest_side is not None and max(size) > longest_side
        if long:
            seen.thumbnail((longest_side, longest_side), Image.Resampling.LANCZOS)
            _not_thin(seen.size, path)
        if long or seen is not image or image.format not in KEPT:
            buffer = io.BytesIO()
            seen.save(buffer, format="JPEG" if image.format in JPEG else "PNG", quality=95)
            data = buffer.getvalue()
    return {"bytes": data, "path": None}, size


def _opened(data: bytes, path: str | None) -> Image.Image:
    """The image, decoded. Raises BadRow."""
    try:
        short = len(data) <= MOST_PIECES  # which has no more pieces than bytes
        image = Image.open(io.BytesIO(data) if short else _Pieces(data), formats=FORMATS)
        _not_more(image, data)
        _not_thin(image.size, path)
        image.load()
    except (BadRow, MemoryError):
        raise
    except UnidentifiedImageError as error:
        raise BadRow(CORRUPT, path or data[:LOOK], f"save it as {', '.join(FORMATS)}") from error
    except Image.DecompressionBombError as error:
        raise BadRow(LARGE, path or data[:LOOK], SHRINK) from error
    except Exception as error:  # a decoder raises whatever it stumbles over
        raise _bad(CORRUPT, path, "save it again") from error
    return image


class _Pieces(io.BytesIO):
    """Bytes that are read in a bounded number of pieces: a decoder takes time and memory for each, however short."""

    reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        if self.reads > MOST_PIECES:
            raise OSError("too many pieces")
        return super().read(size)


def _not_more(image: Image.Image, data: bytes) -> None:
    """Raises BadRow for what takes too much to decode, and ValueError where there is nothing to."""
    pixels = image.width * image.height
    if not pixels:
        raise ValueError("no pixels")
    if pixels > MOST_PIXELS:
        raise BadRow(LARGE, f"{image.width} x {image.height}", SHRINK)
    if image.info.get("progressive") and pixels * data.count(SCAN) > MOST_WORK:
        raise BadRow("JPEG of too many passes", data.count(SCAN), "save it again")


def _not_thin(size: tuple[int, int], path: str | None) -> None:
    if max(size) >= THINNEST * min(size):
        raise _bad(f"image {THINNEST} times longer than wide", path, "crop or pad it")


def _bad(reason: str, path: str | None, fix: str) -> BadRow:
    """Of bytes in a row there is nothing to show."""
    return BadRow(reason, path, fix) if path else BadRow(reason)


def _upright(image: Image.Image) -> Image.Image:
    """The image itself where it stands upright, else a copy that does, and that has no EXIF to be turned by again."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # EXIF that cannot be read turns nothing, but fails whoever asks for it next
        return image.copy()
    if orientation == 1:
        return image
    return image.transpose(TURNS[orientation]) if orientation in TURNS else image.copy()


def _bytes(raw: Any, folder: Path | None) -> tuple[bytes, str | None]:
    """The bytes of an image, and the path that names it, if one does. Raises BadRow."""
    held, path = (raw.get("bytes"), raw.get("path")) if isinstance(raw, dict) else (raw, None)
    if isinstance(raw, str):
        held, path = None, raw
    if not isinstance(held, bytes | None) or not isinstance(path, str | None):
        raise BadRow("image is neither bytes nor a path", raw, "write a path, or the bytes of a PNG or JPEG file")
    if held:
        if len(held) > MOST_BYTES:
            raise too_many_bytes(len(held))
        return held, path
    if not path:
        raise BadRow("no image")
    return read_picture(path, folder), path

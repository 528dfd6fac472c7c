"""Check images and store them as the model sees them: fully readable, upright, RGB, not longer than allowed.

Time and memory are limited for any image: its bytes, pixels, chunks and passes are counted before it is decoded
(docs/datasets.md lists the limits).
"""

import io
import warnings
from pathlib import Path
from typing import Any

from PIL import ExifTags, Image, UnidentifiedImageError

from rlvr_backend.datasets.declaration import BadRow
from rlvr_backend.datasets.image_files import MOST_BYTES, read_image, too_many_bytes
from rlvr_backend.datasets.rgb import to_rgb

FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "BMP", "TIFF")  # Pillow reads many more; EPS would run Ghostscript
KEPT = ("PNG", "JPEG", "MPO", "WEBP")  # their bytes may be stored unchanged; MPO is a JPEG followed by others
JPEG = ("JPEG", "MPO")
THINNEST = 200  # Qwen2-VL's image processor refuses a longer side of more than this many times the shorter side
MOST_PIXELS = 8192 * 8192
MOST_READS = 1 << 18  # of a decoder, a few per chunk, marker or tag; ordinary images need hundreds
MOST_WORK = 32 * MOST_PIXELS  # pixels times passes of a progressive JPEG, of which ordinary ones have about ten
SCAN = b"\xff\xda"  # start of a pass
SHOWN = 20  # bytes that a message shows of data that is not an image
CORRUPT, LARGE, SHRINK = "corrupt image", f"image of more than {MOST_PIXELS} pixels", "shrink it"
TURNS = {  # EXIF orientation -> transposition
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def checked_image(raw: Any, folder: Path | None, longest_side: int | None) -> tuple[dict[str, Any], tuple[int, int]]:
    """Check an image and return it as `datasets` stores it. Its bytes stay unchanged if possible.

    Args:
        raw: {"bytes", "path"}, bytes, or a path to a file inside `folder` (image_files.py).
        folder: The folder of the dataset.
        longest_side: Longer images are shrunk to this many pixels; None keeps their size.

    Returns:
        {"bytes", "path"}, and the (width, height) of the upright image before shrinking.

    Raises:
        BadRow: It is not an image that the model can see.
    """
    data, path = _bytes(raw, folder)
    with warnings.catch_warnings(action="ignore"):  # about odd tags, and sizes that are refused here
        image = _opened(data, path)
        upright = _upright(image)
        size, seen = upright.size, to_rgb(upright)
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
        short = len(data) <= MOST_READS  # it cannot need more reads than it has bytes
        image = Image.open(io.BytesIO(data) if short else _LimitedReads(data), formats=FORMATS)
        _not_more(image, data)
        _not_thin(image.size, path)
        image.load()
    except (BadRow, MemoryError):
        raise
    except UnidentifiedImageError as error:
        raise BadRow(CORRUPT, path or data[:SHOWN], f"save it as {', '.join(FORMATS)}") from error
    except Image.DecompressionBombError as error:
        raise BadRow(LARGE, path or data[:SHOWN], SHRINK) from error
    except Exception as error:  # a decoder may raise anything
        raise _bad(CORRUPT, path, "save it again") from error
    return image


class _LimitedReads(io.BytesIO):
    """Bytes with a limited number of reads: a decoder needs time and memory for each, however short."""

    reads = 0

    def read(self, size: int | None = -1, /) -> bytes:
        self.reads += 1
        if self.reads > MOST_READS:
            raise OSError("too many reads")
        return super().read(size)


def _not_more(image: Image.Image, data: bytes) -> None:
    """Refuse an image that takes too much to decode (BadRow) or has no pixels (ValueError)."""
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
    """An error without a value if the image is bytes in a row."""
    return BadRow(reason, path, fix) if path else BadRow(reason)


def _upright(image: Image.Image) -> Image.Image:
    """The image if it is upright, else an upright copy without EXIF, so that nothing turns it again."""
    try:
        orientation = image.getexif().get(ExifTags.Base.Orientation, 1)
    except Exception:  # EXIF that cannot be read turns nothing, but would fail the next reader
        return image.copy()
    if orientation == 1:
        return image
    return image.transpose(TURNS[orientation]) if orientation in TURNS else image.copy()


def _bytes(raw: Any, folder: Path | None) -> tuple[bytes, str | None]:
    """The bytes of an image, and its path, if it has one."""
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
    return read_image(path, folder), path

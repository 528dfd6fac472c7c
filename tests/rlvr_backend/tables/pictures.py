"""Pictures, each made here, and what the model is to see of them.

A row is (what it is, bytes, longest side, expected): expected is (size, levels, colours), or the reason of a bad row.
`size` is (width, height) as stored; `levels` how many levels of red there are at least; `colours` those in the middle
of the upper left and of the lower right quarter, each within TOLERANCE. Halves are red (left, or upper) and blue.
"""

import io
import struct
import zlib

import numpy as np
from PIL import Image

TOLERANCE = 3
RED, BLUE, WHITE, BLACK = (254, 0, 0), (0, 0, 254), (255, 255, 255), (0, 0, 0)
DIM = "grey levels do not say what is white"
LONG = "image 200 times longer than wide"
CORRUPT = "corrupt image"
ORIENTATION = 0x0112


def saved(image: Image.Image, form: str = "PNG", **how) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, format=form, **how)
    return buffer.getvalue()


def photo(width: int, height: int, mode: str = "RGB") -> Image.Image:
    """Red on the left, blue on the right."""
    pixels = np.zeros((height, width, 3), np.uint8)
    pixels[:, : width // 2], pixels[:, width // 2 :] = RED, BLUE
    return Image.fromarray(pixels).convert(mode)


def turned(orientation, width: int = 80, height: int = 40, mode: str = "RGB", form: str = "JPEG") -> bytes:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    how = {"quality": 95} if form == "JPEG" else {}
    return saved(photo(width, height, mode), form, exif=exif.tobytes() if form != "TIFF" else exif, **how)


def ramp(kind, top: float, width: int = 256, height: int = 64, bottom: float = 0) -> Image.Image:
    """Grey, from `bottom` at the left to `top` at the right."""
    return Image.fromarray(np.tile(np.linspace(bottom, top, width), (height, 1)).astype(kind))


def transparent(mode: str) -> Image.Image:
    """Black ink over the left half, nothing over the right one."""
    image = Image.new("RGBA", (64, 64), (0, 0, 0, 0))
    image.paste((0, 0, 0, 255), (0, 0, 32, 64))
    return image.convert(mode)


def keyed(mode: str, key) -> bytes:
    """Black over the left half, and over the right one a colour that is declared transparent."""
    image = Image.new(mode, (64, 64), 0)
    image.paste(key, (32, 0, 64, 64))
    return saved(image, transparency=key)


def sixteen_bit_rgb() -> bytes:
    """A PNG with 16 bits a channel, written by hand: Pillow reads such files but writes none."""
    pixels = np.zeros((64, 64, 3), ">u2")
    pixels[:, :32, 0], pixels[:, 32:, 2] = 65278, 65278
    rows = b"".join(b"\0" + row.tobytes() for row in pixels)

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 64, 64, 16, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def broken_exif() -> bytes:
    """EXIF that no reader can make sense of."""
    return saved(photo(80, 40), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\xff", quality=95)


def lab() -> Image.Image:
    """L* = 53.2 of 100, a* = b* = 0: the middle grey of sRGB (119)."""
    return Image.merge("LAB", [Image.new("L", (64, 64), level) for level in (136, 128, 128)])


GREY_ENDS = ((64, 64, 64), (191, 191, 191))  # of a ramp, a quarter and three quarters of the way
SIDES, TURNED_SIDES = ((80, 40), 1, (RED, BLUE)), ((40, 80), 1, (RED, BLUE))

ORIENTED = [
    ("upright, said so", turned(1), None, SIDES),
    ("mirrored", turned(2), None, ((80, 40), 1, (BLUE, RED))),
    ("upside down", turned(3), None, ((80, 40), 1, (BLUE, RED))),
    ("flipped", turned(4), None, SIDES),
    ("transposed", turned(5), None, TURNED_SIDES),
    ("turned right", turned(6), None, TURNED_SIDES),
    ("transverse", turned(7), None, ((40, 80), 1, (BLUE, RED))),
    ("turned left", turned(8), None, ((40, 80), 1, (BLUE, RED))),
    ("no such orientation", turned(9), None, SIDES),
    ("orientation 0", turned(0), None, SIDES),
    ("EXIF that is broken", broken_exif(), None, SIDES),
    ("turned, and shrunk", turned(6, 1600, 800), 640, ((320, 640), 1, (RED, BLUE))),
    ("turned left, and shrunk", turned(8, 1600, 800), 640, ((320, 640), 1, (BLUE, RED))),
    ("turned, its stored width just fits", turned(6, 640, 320), 640, ((320, 640), 1, (RED, BLUE))),
    ("turned grey JPEG", turned(6, mode="L"), None, ((40, 80), 2, ((76, 76, 76), (29, 29, 29)))),
    ("turned PNG", turned(6, form="PNG"), None, TURNED_SIDES),
    ("turned PNG, transparent", turned(6, mode="RGBA", form="PNG"), None, TURNED_SIDES),
    ("turned WebP", turned(6, form="WEBP"), None, TURNED_SIDES),
    ("turned TIFF", turned(6, form="TIFF"), None, TURNED_SIDES),
    ("turned TIFF, shrunk", turned(8, 1600, 800, form="TIFF"), 640, ((320, 640), 1, (BLUE, RED))),
]
DEPTHS = [
    ("16-bit grey PNG", saved(ramp(np.uint16, 65535)), None, ((256, 64), 250, GREY_ENDS)),
    ("16-bit grey PNG, shrunk", saved(ramp(np.uint16, 65535, 1280, 320)), 640, ((640, 160), 250, GREY_ENDS)),
    ("16-bit grey TIFF", saved(ramp(np.uint16, 65535), "TIFF"), None, ((256, 64), 250, GREY_ENDS)),
    ("16-bit grey TIFF, big-endian", saved(ramp(">u2", 65535), "TIFF"), None, ((256, 64), 250, GREY_ENDS)),
    ("16-bit grey, half as bright", saved(ramp(np.uint16, 32768)), None, ((256, 64), 120, ((32,) * 3, (96,) * 3))),
    ("16-bit grey, all black", saved(ramp(np.uint16, 0)), None, ((256, 64), 1, (BLACK, BLACK))),
    ("16-bit grey, all white", saved(ramp(np.uint16, 65535, bottom=65535)), None, ((256, 64), 1, (WHITE, WHITE))),
    ("8 bits in 16", saved(ramp(np.uint16, 255)), None, DIM),
    ("10 bits in 16", saved(ramp(np.uint16, 1023)), None, DIM),
    ("12 bits in 16", saved(ramp(np.uint16, 4095)), None, DIM),
    ("16-bit colour PNG", sixteen_bit_rgb(), None, ((64, 64), 1, (RED, BLUE))),
    ("16 bits in 32", saved(ramp(np.int32, 65535), "TIFF"), None, ((256, 64), 250, GREY_ENDS)),
    ("8 bits in 32", saved(ramp(np.int32, 255), "TIFF"), None, ((256, 64), 250, GREY_ENDS)),
    ("12 bits in 32", saved(ramp(np.int32, 4095), "TIFF"), None, DIM),
    ("32 bits", saved(ramp(np.int32, 2**31 - 1), "TIFF"), None, DIM),
    ("32 bits, below 0", saved(ramp(np.int32, 255, bottom=-255), "TIFF"), None, DIM),
    ("floats to 1", saved(ramp(np.float32, 1), "TIFF"), None, ((256, 64), 250, GREY_ENDS)),
    (
        "floats a little beyond 1",
        saved(ramp(np.float32, 1.0004, bottom=-0.0004), "TIFF"),
        None,
        ((256, 64), 250, GREY_ENDS),
    ),
    ("floats to 255", saved(ramp(np.float32, 255), "TIFF"), None, ((256, 64), 250, GREY_ENDS)),
    ("floats, all 0", saved(ramp(np.float32, 0), "TIFF"), None, ((256, 64), 1, (BLACK, BLACK))),
    ("floats to 1.5", saved(ramp(np.float32, 1.5), "TIFF"), None, DIM),
    ("floats to 65535", saved(ramp(np.float32, 65535), "TIFF"), None, DIM),
    ("floats below 0", saved(ramp(np.float32, 1, bottom=-1), "TIFF"), None, DIM),
    ("floats, one NaN", saved(ramp(np.float32, np.nan), "TIFF"), None, "grey levels are not finite"),
]
MODES = [
    ("RGB", saved(photo(80, 40)), None, SIDES),
    ("grey", saved(photo(80, 40, "L")), None, ((80, 40), 2, ((76, 76, 76), (29, 29, 29)))),
    ("palette", saved(photo(80, 40, "P")), None, ((80, 40), 2, ((255, 0, 0), (0, 0, 255)))),
    ("two colours", saved(Image.new("1", (64, 64), 1)), None, ((64, 64), 1, (WHITE, WHITE))),
    ("CMYK", saved(photo(80, 40, "CMYK"), "JPEG", quality=95), None, SIDES),
    ("CMYK TIFF", saved(photo(80, 40, "CMYK"), "TIFF"), None, SIDES),
    ("YCbCr TIFF", saved(photo(80, 40, "YCbCr"), "TIFF"), None, SIDES),
    ("LAB", saved(lab(), "TIFF"), None, ((64, 64), 1, ((127, 127, 127), (127, 127, 127)))),
    ("transparent", saved(transparent("RGBA")), None, ((64, 64), 2, (BLACK, WHITE))),
    ("transparent grey", saved(transparent("LA")), None, ((64, 64), 2, (BLACK, WHITE))),
    ("transparent WebP", saved(transparent("RGBA"), "WEBP", lossless=True), None, ((64, 64), 2, (BLACK, WHITE))),
    ("transparent palette", saved(transparent("RGBA").quantize(4)), None, ((64, 64), 2, (BLACK, WHITE))),
    ("a transparent colour", keyed("RGB", (0, 0, 255)), None, ((64, 64), 2, (BLACK, WHITE))),
    ("a transparent grey", keyed("L", 200), None, ((64, 64), 2, (BLACK, WHITE))),
    ("GIF", saved(photo(80, 40), "GIF"), None, SIDES),
    ("BMP", saved(photo(80, 40), "BMP"), None, SIDES),
]
SIZES = [
    ("one pixel", saved(Image.new("RGB", (1, 1), RED)), None, ((1, 1), 1, (RED, RED))),
    ("smaller than a patch", saved(photo(27, 3)), None, ((27, 3), 1, (RED, BLUE))),
    ("just as long as asked", saved(photo(640, 320)), 640, ((640, 320), 1, (RED, BLUE))),
    ("one longer than asked", saved(photo(642, 321)), 640, ((640, 320), 1, (RED, BLUE))),
    ("high", saved(photo(320, 1280)), 640, ((160, 640), 1, (RED, BLUE))),
    ("199 times as long", saved(photo(1990, 10)), None, ((1990, 10), 1, (RED, BLUE))),
    ("200 times as long", saved(photo(2000, 10)), None, LONG),
    ("203 times as long", saved(photo(12800, 63)), None, LONG),
    ("197 times as long", saved(photo(12800, 65)), None, ((12800, 65), 1, (RED, BLUE))),
    ("197 times as long, 213 times once it is shrunk", saved(photo(12800, 65)), 640, LONG),
    ("197 times as high, 213 times once it is shrunk", saved(photo(65, 12800)), 640, LONG),
    ("turned, 213 times once it is shrunk", turned(6, 12800, 65), 640, LONG),
    ("160 times as long, also once it is shrunk", saved(photo(12800, 80)), 640, ((640, 4), 1, (RED, BLUE))),
]
BROKEN = [
    ("nothing", b"", None, "no image"),
    ("no picture", b"GIF as text", None, CORRUPT),
    ("half a JPEG", turned(1, 800, 400)[:2000], None, CORRUPT),
    ("half a PNG", saved(ramp(np.uint16, 65535))[:100], None, CORRUPT),
    ("half a turned JPEG", turned(6, 800, 400)[:2000], 640, CORRUPT),
]
PICTURES = [*ORIENTED, *DEPTHS, *MODES, *SIZES, *BROKEN]

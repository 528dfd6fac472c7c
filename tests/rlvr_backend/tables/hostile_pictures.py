"""Pictures of somebody who means harm, or who made a mistake: what is made of each.

A row is (what it is, make, verdict). `make(folder)` writes what it needs into and beside `folder`, the folder of the
set, and returns what the row holds; the verdict is the reason of a bad row, or (width, height) where the picture is
taken.
"""

import os
import socket
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from tables.pictures import CORRUPT, LONG, keyed, photo, saved, sixteen_bit_rgb, transparent, turned

OUTSIDE = "image file outside the folder of the set"
UNREADABLE = "image file cannot be read"
NOT_PLAIN = "image is not a plain file"
URL = "image is a URL"
NEITHER = "image is neither bytes nor a path"
PIXELS = "image of more than 67108864 pixels"
BYTES = "image of more than 64 MiB"
PASSES = "JPEG of too many passes"
SIDE = 8192
SMALL = (80, 40)
Row = tuple[str, Callable[[Path], Any], str | tuple[int, int]]


def file(name: str, content: bytes | None = None) -> Callable[[Path], str]:
    """A file in the folder; without content a small picture."""

    def make(folder: Path) -> str:
        (folder / name).write_bytes(saved(photo(*SMALL)) if content is None else content)
        return name

    return make


def link(target: str, seen: str = "link.png") -> Callable[[Path], str]:
    """A link in the folder; `seen` is the path that the row holds."""

    def make(folder: Path) -> str:
        (folder.parent / "beside").mkdir()
        for place in (folder, folder.parent, folder.parent / "beside"):
            (place / "picture.png").write_bytes(saved(photo(*SMALL)))
        (folder / "link.png").symlink_to(target)
        return seen

    return make


def pipe(folder: Path) -> str:
    os.mkfifo(folder / "pipe.png")
    return "pipe.png"


def listening(folder: Path) -> str:
    here = os.getcwd()
    os.chdir(folder)  # the path of a socket is at most 108 characters
    try:
        with socket.socket(socket.AF_UNIX) as made:
            made.bind("socket.png")
    finally:
        os.chdir(here)
    return "socket.png"


def directory(folder: Path) -> str:
    (folder / "directory.png").mkdir()
    return "directory.png"


def sparse(folder: Path) -> str:
    with (folder / "sparse.png").open("wb") as made:
        made.write(saved(photo(*SMALL)))
        made.truncate(64 << 30)
    return "sparse.png"


def absolute(folder: Path) -> str:
    return str(folder / file("picture.png")(folder))


def beside(folder: Path) -> str:
    (folder.parent / "beside.png").write_bytes(saved(photo(*SMALL)))
    return "../beside.png"


def absolute_beside(folder: Path) -> str:
    return str(folder.parent / Path(beside(folder)).name)


def not_utf8(folder: Path) -> str:
    return file(os.fsdecode(b"caf\xe9.png"))(folder)


def png(width: int, height: int, *extra: tuple[bytes, bytes], depth: int = 8, colour: int = 0, rows: int = 0) -> bytes:
    """A PNG of black pixels, of so many `rows` of it, with chunks before them."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer, pixels = zlib.compressobj(), b""
    line = bytes(1 + width * depth * {0: 1, 2: 3, 4: 2}[colour] // 8)
    pixels = b"".join(packer.compress(line) for _ in range(rows)) + packer.flush()
    header = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, 0)
    chunks = [chunk(b"IHDR", header), *(chunk(*one) for one in extra), chunk(b"IDAT", pixels), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def packed(count: int) -> bytes:
    """So many zeros, compressed."""
    packer = zlib.compressobj()
    return b"".join(packer.compress(bytes(1 << 20)) for _ in range(count >> 20)) + packer.flush()


def gif(screen: tuple[int, int], frame: tuple[int, int], before: bytes = b"") -> bytes:
    """A GIF with one frame of a few pixels, whatever its sizes say."""
    head = b"GIF89a" + struct.pack("<HHBBB", *screen, 0x80, 0, 0) + b"\0\0\0\xff\xff\xff"
    return head + before + b"\x2c" + struct.pack("<HHHHB", 0, 0, *frame, 0) + b"\x02\x02\x44\x01\x00\x3b"


def many_frames(count: int = 3000) -> bytes:
    frames = [Image.new("P", (16, 8), number % 200) for number in range(count)]
    return saved(frames[0], "GIF", save_all=True, append_images=frames[1:])


def animated(form: str) -> bytes:
    return saved(photo(*SMALL), form, save_all=True, append_images=[photo(*SMALL).rotate(180)] * 20)


def tiff(width: int, height: int, tags: int = 0, behind: int = 64 * 64, next_page: int = 0) -> bytes:
    """A grey TIFF without compression; `tags` further ones all say that they hold everything `behind` the tags."""
    count = 8 + tags
    start = 8 + 2 + 12 * count + 4
    said = [(256, 4, 1, width), (257, 4, 1, height), (258, 3, 1, 8), (259, 3, 1, 1), (262, 3, 1, 1)]
    said += [(273, 4, 1, start), (278, 4, 1, height), (279, 4, 1, min(width * height, 2**32 - 1))]
    said += [(1000 + number, 7, behind, start) for number in range(tags)]
    body = b"".join(struct.pack("<HHII", *tag) for tag in said)
    return b"II*\0" + struct.pack("<IH", 8, count) + body + struct.pack("<I", next_page) + bytes(behind)


def bmp(width: int, height: int, runs: bool = False) -> bytes:
    """A BMP that holds nothing of its pixels; with `runs` each line is said to end after its first pixel."""
    pixels = b"\1\0\0\0" * height + b"\0\1" if runs else b""
    head = struct.pack(
        "<IiiHHIIiiII", 40, width, height, 1, 8 if runs else 24, 1 if runs else 0, len(pixels), 1, 1, 256, 0
    )
    palette = bytes(1024) if runs else b""
    start = 14 + len(head) + len(palette)
    return b"BM" + struct.pack("<IHHI", start + len(pixels), 0, 0, start) + head + palette + pixels


def webp(width: int, height: int) -> bytes:
    """An animated WebP whose canvas is as large as it says, and whose frame is small."""
    inner = saved(photo(*SMALL), "WEBP", lossless=True)[12:]
    sides = (width - 1).to_bytes(3, "little") + (height - 1).to_bytes(3, "little")
    small = (SMALL[0] - 1).to_bytes(3, "little") + (SMALL[1] - 1).to_bytes(3, "little")
    frame = bytes(6) + small + (100).to_bytes(3, "little") + b"\0" + inner
    chunks = [(b"VP8X", b"\2\0\0\0" + sides), (b"ANIM", bytes(6)), (b"ANMF", frame)]
    body = b"WEBP" + b"".join(kind + struct.pack("<I", len(data)) + data for kind, data in chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def jpeg_saying(width: int, height: int) -> bytes:
    """A JPEG whose header says another size than its pixels have."""
    data = saved(photo(*SMALL), "JPEG")
    place = data.index(b"\xff\xc0") + 5
    return data[:place] + struct.pack(">HH", height, width) + data[place + 4 :]


def passes(count: int, side: int = SIDE) -> bytes:
    """A progressive JPEG whose last pass comes again and again: 120 bytes for all of the pixels."""
    data = saved(Image.new("L", (side, side)), "JPEG", progressive=True)
    last = data[data.rfind(b"\xff\xc4", 0, data.rfind(b"\xff\xda")) : -2]
    return data[:-2] + last * count + data[-2:]


def markers(count: int) -> bytes:
    data = saved(photo(*SMALL), "JPEG")
    return data[:2] + b"\xff\xe5\0\2" * count + data[2:]


def chunks(count: int) -> bytes:
    data = saved(photo(*SMALL))
    return data[:33] + (b"\0\0\0\0teSt" + struct.pack(">I", zlib.crc32(b"teSt"))) * count + data[33:]


def flipped() -> bytes:
    """One bit of the pixels is wrong."""
    data = bytearray(saved(Image.effect_noise((64, 64), 50)))
    data[len(data) // 2] ^= 1
    return bytes(data)


def large(mode: str) -> bytes:
    """As large as pictures may be."""
    return saved(Image.new(mode, (SIDE, SIDE)))


def large_grey(kind: type[np.generic], white: float) -> bytes:
    levels = np.zeros((SIDE, SIDE), kind)
    levels[0] = white
    return saved(Image.fromarray(levels), "TIFF", compression="tiff_adobe_deflate")


def held(make: Callable[..., bytes], *said: Any) -> Callable[[Path], dict[str, Any]]:
    """A picture as Parquet holds it, made only when it is asked for."""
    return lambda folder: {"bytes": make(*said), "path": None}


FILES: list[Row] = [
    ("a path that climbs out", beside, OUTSIDE),
    ("an absolute path out", absolute_beside, OUTSIDE),
    ("/etc/passwd", lambda folder: "/etc/passwd", OUTSIDE),
    ("/proc/self/environ", lambda folder: "/proc/self/environ", OUTSIDE),
    ("/dev/zero", lambda folder: "/dev/zero", OUTSIDE),
    ("a link to /etc/passwd", link("/etc/passwd"), OUTSIDE),
    ("a link to /dev/zero", link("/dev/zero"), OUTSIDE),
    ("a link to a picture outside", link("../picture.png"), OUTSIDE),
    ("a link to a folder outside, and a picture in it", link("../beside", "link.png/picture.png"), OUTSIDE),
    ("a link to itself", link("link.png"), UNREADABLE),
    ("a link to nothing", link("nothing.png"), UNREADABLE),
    ("a link to a picture inside", link("picture.png"), SMALL),
    ("an absolute path inside", absolute, SMALL),
    ("a pipe", pipe, NOT_PLAIN),
    ("a socket", listening, UNREADABLE),
    ("a folder", directory, UNREADABLE),
    ("a sparse file of 64 GiB", sparse, BYTES),
    ("a file that is not there", lambda folder: "nothing.png", UNREADABLE),
    ("an empty file", file("empty.png", b""), CORRUPT),
    ("a path with NUL", lambda folder: "a\0b.png", UNREADABLE),
    ("a path of a million characters", lambda folder: "a/" * 500_000, UNREADABLE),
    ("a name of 300 characters", lambda folder: "a" * 300, UNREADABLE),
    ("a path up to the root", lambda folder: "../" * 50 + "etc/hostname", OUTSIDE),
    ("a name that is not UTF-8", not_utf8, SMALL),
    ("a name with half a character", lambda folder: "\ud800.png", UNREADABLE),
    ("http://", lambda folder: "http://127.0.0.1:9/picture.png", URL),
    ("file://", lambda folder: "file:///etc/passwd", URL),
    ("zip://", lambda folder: "zip://0.png::/data/pictures.zip", URL),
    ("data:", lambda folder: "data:image/png;base64,iVBORw0KGgo=", URL),
    ("base64 in place of a path", lambda folder: "iVBORw0KGgo" * 1000, UNREADABLE),
    ("base64 in place of bytes", lambda folder: {"bytes": "iVBORw0KGgo=", "path": None}, NEITHER),
    ("a number", lambda folder: 5, NEITHER),
    ("a path that is a number", lambda folder: {"bytes": None, "path": 5}, NEITHER),
]
FORMATS: list[Row] = [
    ("text named .png", file("text.png", b"root:x:0:0:root:/root:/bin/sh\n"), CORRUPT),
    ("HTML named .jpg", file("page.jpg", b"<!DOCTYPE html><html><body>404</body></html>"), CORRUPT),
    ("SVG", file("drawing.svg", b'<svg xmlns="http://www.w3.org/2000/svg"/>'), CORRUPT),
    ("EPS", held(saved, photo(*SMALL), "EPS"), CORRUPT),
    ("EPS named .png", file("eps.png", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n%%EndComments\n"), CORRUPT),
    ("PDF", held(saved, photo(*SMALL), "PDF"), CORRUPT),
    ("HEIC", file("photo.heic", b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + bytes(64)), CORRUPT),
    ("JPEG 2000", held(saved, photo(*SMALL), "JPEG2000"), CORRUPT),
    ("ICO", held(saved, photo(*SMALL), "ICO"), CORRUPT),
    ("PPM", held(saved, photo(*SMALL), "PPM"), CORRUPT),
    ("TGA", held(saved, photo(*SMALL), "TGA"), CORRUPT),
    ("WMF", held(bytes.fromhex, "d7cdc69a" + "00" * 60), CORRUPT),
]
BOMBS: list[Row] = [
    ("PNG that says 60000 x 60000", held(png, 60000, 60000), PIXELS),
    ("PNG of 12000 x 12000", lambda folder: {"bytes": png(12000, 12000, depth=1, rows=12000), "path": None}, PIXELS),
    ("PNG of 9000 x 9000", lambda folder: {"bytes": png(9000, 9000, depth=1, rows=9000), "path": None}, PIXELS),
    ("PNG with more rows than it says", lambda folder: {"bytes": png(64, 64, rows=500_000), "path": None}, (64, 64)),
    ("PNG, zTXt of 64 MB", held(lambda: png(64, 64, (b"zTXt", b"a\0\0" + packed(1 << 26)), rows=64)), CORRUPT),
    ("PNG, iCCP of 64 MB", held(lambda: png(64, 64, (b"iCCP", b"a\0\0" + packed(1 << 26)), rows=64)), CORRUPT),
    ("PNG, a million chunks", held(chunks, 1_000_000), CORRUPT),
    ("JPEG that says 65500 x 65500", held(jpeg_saying, 65500, 65500), PIXELS),
    ("JPEG that says 8000 x 8000", held(jpeg_saying, 8000, 8000), (8000, 8000)),
    ("JPEG, 5000 passes over 4096 x 4096", held(passes, 5000, 4096), PASSES),
    ("JPEG, 20 passes over 8192 x 8192", held(passes, 20), (SIDE, SIDE)),
    ("JPEG, four million markers", held(markers, 4_000_000), CORRUPT),
    ("GIF that says 65535 x 65535", held(gif, (65535, 65535), (2, 2)), PIXELS),
    ("GIF, its frame larger than it says", held(gif, (2, 2), (65535, 65535)), PIXELS),
    ("GIF, three million comments", held(gif, (2, 2), (2, 2), b"\x21\xfe\x01a\0" * 3_000_000), CORRUPT),
    ("GIF, 3000 frames", held(many_frames), (16, 8)),
    ("WebP, its canvas 16000 x 16000", held(webp, 16000, 16000), PIXELS),
    ("WebP, animated", held(animated, "WEBP"), SMALL),
    ("PNG, animated", held(animated, "PNG"), SMALL),
    ("TIFF that says 60000 x 60000", held(tiff, 60000, 60000), PIXELS),
    ("TIFF that says 8000 x 8000", held(tiff, 8000, 8000), CORRUPT),
    ("TIFF, 40000 tags for the same 4 MB", held(tiff, 64, 64, 40_000, 4 << 20), (64, 64)),
    ("TIFF, its next page is itself", held(tiff, 64, 64, 0, 64 * 64, 8), (64, 64)),
    ("BMP that says 30000 x 30000", held(bmp, 30000, 30000), PIXELS),
    ("BMP that says 8000 x 8000", held(bmp, 8000, 8000), CORRUPT),
    ("BMP, short runs over 8192 x 8192", held(bmp, SIDE, SIDE, True), (SIDE, SIDE)),
    ("65 MiB in the row", held(lambda: saved(photo(*SMALL)) + bytes(65 << 20)), BYTES),
]
ODD: list[Row] = [
    ("40000 x 1", held(png, 40000, 1), LONG),
    ("1 x 40000", held(png, 1, 40000), LONG),
    ("0 x 0", held(png, 0, 0), CORRUPT),
    ("0 x 0, GIF", held(gif, (0, 0), (0, 0)), CORRUPT),
    ("half a JPEG", file("half.jpg", turned(1, 800, 400)[:2000]), CORRUPT),
    ("a PNG with one wrong bit", held(flipped), CORRUPT),
    ("CMYK", held(saved, photo(*SMALL, "CMYK"), "JPEG"), SMALL),
    ("16 bits a channel", held(sixteen_bit_rgb), (64, 64)),
    ("a palette with transparency", held(lambda: saved(transparent("RGBA").quantize(4))), (64, 64)),
    ("a transparent grey", held(keyed, "L", 200), (64, 64)),
    ("grey and alpha", held(lambda: saved(transparent("LA"))), (64, 64)),
    ("turned by EXIF", held(turned, 6), SMALL[::-1]),
    ("8192 x 8192, RGB", held(large, "RGB"), (SIDE, SIDE)),
    ("8192 x 8192, RGBA", held(large, "RGBA"), (SIDE, SIDE)),
    ("8192 x 8192, grey and alpha", held(large, "LA"), (SIDE, SIDE)),
    ("8192 x 8192, 16-bit grey", held(large_grey, np.uint16, 65535), (SIDE, SIDE)),
    ("8192 x 8192, floats", held(large_grey, np.float32, 1), (SIDE, SIDE)),
]
HOSTILE: list[Row] = [*FILES, *FORMATS, *BOMBS, *ODD]

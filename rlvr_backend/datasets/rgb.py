"""Convert images of any mode to RGB with 8 bits per channel."""

import numpy as np
from PIL import Image

from rlvr_backend.datasets.declaration import BadRow

WHITE_8, WHITE_16 = 255, 65535
DIM = 4096  # of WHITE_16: an image with nothing brighter has 8, 10 or 12 bits, and would become nearly black
SLACK = 0.01  # how far interpolation may overshoot black and white in an image of floats
SAVE = "save it with 8 bits a channel"
TAG_BITS = 258  # BitsPerSample of a TIFF


def to_rgb(image: Image.Image) -> Image.Image:
    """Return the image if it is RGB, else an RGB copy with a white background.

    On another background, ink on a transparent image is often black on black.

    Raises:
        BadRow: The grey levels do not say what is white.
    """
    if image.mode == "RGB" and not image.has_transparency_data:
        return image
    if image.mode == "I" or image.mode.startswith("I;"):
        return _grey(_whole(image), image)
    if image.mode == "F":
        return _grey(_float(np.asarray(image)), image)
    try:
        if not image.has_transparency_data:
            return image.convert("RGB")
        over = image.convert("LA").convert("RGBA") if image.mode == "La" else image.convert("RGBA")
    except ValueError as error:
        raise BadRow("image cannot be read as RGB", image.mode, SAVE) from error
    return Image.alpha_composite(Image.new("RGBA", image.size, "white"), over).convert("RGB")


def _grey(levels: np.ndarray, image: Image.Image) -> Image.Image:
    """An RGB image from 32-bit grey levels from 0 to 255, which are overwritten to save memory."""
    np.clip(levels, 0, WHITE_8, out=levels)
    whole = np.rint(levels, out=levels).astype(np.uint8)
    if isinstance(clear := image.info.get("transparency"), int):
        whole[np.asarray(image) == clear] = WHITE_8
    return Image.fromarray(whole).convert("RGB")


def _whole(image: Image.Image) -> np.ndarray:
    """Grey levels of whole numbers. White follows from the bits of a 16-bit file, or from the brightest pixel."""
    levels = np.asarray(image)
    darkest, brightest = int(levels.min()), int(levels.max())
    white = WHITE_16
    if image.mode == "I" and brightest <= WHITE_8:
        white = WHITE_8
    elif image.mode != "I" and hasattr(image, "tag_v2"):
        white = 2 ** int(image.tag_v2.get(TAG_BITS, (16,))[0]) - 1
    dim = white == WHITE_16 and 0 < brightest < DIM
    if darkest < 0 or brightest > white or dim:
        raise BadRow("grey levels do not say what is white", [darkest, brightest], SAVE)
    return np.multiply(levels, WHITE_8 / white, dtype=np.float32)


def _float(levels: np.ndarray) -> np.ndarray:
    """Grey levels of floats, from 0 to 1 or from 0 to 255."""
    darkest, brightest = float(levels.min()), float(levels.max())
    if not np.isfinite(levels).all():
        raise BadRow("grey levels are not finite", [darkest, brightest], SAVE)
    white = 1 if brightest <= 1 + SLACK else WHITE_8
    dim = white == WHITE_8 and brightest < WHITE_8 * DIM / WHITE_16
    if darkest < -SLACK * white or brightest > white * (1 + SLACK) or dim:
        raise BadRow("grey levels do not say what is white", [darkest, brightest], SAVE)
    return levels * (WHITE_8 / white)

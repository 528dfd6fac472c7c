"""Pictures of the shapes world: scenes, icon rows, bar charts and angles, drawn by Pillow on 48 x 48 pixels.

Every picture is a frozen dataclass that draws itself. Its `repr` decides its split (splits.py), so renaming a class or
a field here changes all data. Boxes are (x1, y1, x2, y2) on the 0-1000 scale.
"""

import math
from dataclasses import dataclass
from functools import cached_property

from PIL import Image, ImageDraw

SIDE = 48  # pixels: 3 x 3 cells of 16, one visual token each
CELL = 16
ROWS = ("top", "middle", "bottom")
COLUMNS = ("left", "center", "right")
SHAPES = ("circle", "square", "triangle", "cross")
PAINT = {
    "red": (220, 30, 30),
    "green": (20, 150, 40),
    "blue": (30, 60, 220),
    "yellow": (240, 220, 20),
    "purple": (150, 30, 190),
    "orange": (250, 130, 10),
}
COLOURS = tuple(PAINT)
HEIGHTS = range(1, 7)  # of a bar, in units of 8 pixels
ANGLES = (30, 60, 90, 120, 150)  # degrees

Box = tuple[int, int, int, int]


def to_thousandths(x1: float, y1: float, x2: float, y2: float) -> Box:
    """Convert pixels to the 0-1000 scale of Qwen2-VL's boxes."""
    return tuple(round(1000 * v / SIDE) for v in (x1, y1, x2, y2))


def _canvas() -> tuple[Image.Image, ImageDraw.ImageDraw]:
    """A background whose tint says where a cell is: a small vision encoder has no other sign of position."""
    image = Image.new("RGB", (SIDE, SIDE))
    draw = ImageDraw.Draw(image)
    for row in range(3):
        for column in range(3):
            x, y = column * CELL, row * CELL
            draw.rectangle((x, y, x + CELL - 1, y + CELL - 1), fill=(150 + 45 * column, 150 + 45 * row, 200))
    return image, draw


@dataclass(frozen=True, order=True)
class Thing:
    """One shape in one cell, small (8 pixels) or large (14 pixels)."""

    row: int
    column: int
    shape: str
    colour: str
    large: bool

    @cached_property
    def corners(self) -> tuple[int, int, int, int]:
        """(x1, y1, x2, y2) in pixels."""
        margin = 1 if self.large else 4
        x, y = self.column * CELL, self.row * CELL
        return x + margin, y + margin, x + CELL - margin, y + CELL - margin

    @property
    def box(self) -> Box:
        """Its box on the 0-1000 scale."""
        return to_thousandths(*self.corners)

    @property
    def name(self) -> str:
        """Colour and shape."""
        return f"{self.colour} {self.shape}"

    @property
    def place(self) -> str:
        """Row and column in words."""
        return f"{ROWS[self.row]} {COLUMNS[self.column]}"

    def draw(self, draw: ImageDraw.ImageDraw) -> None:
        """Draw it into a picture."""
        x1, y1, x2, y2 = self.corners
        x2, y2 = x2 - 1, y2 - 1  # Pillow's corners are inclusive
        fill = PAINT[self.colour]
        if self.shape == "circle":
            draw.ellipse((x1, y1, x2, y2), fill=fill)
        elif self.shape == "square":
            draw.rectangle((x1, y1, x2, y2), fill=fill)
        elif self.shape == "triangle":
            draw.polygon(((x1, y2), (x2, y2), ((x1 + x2) // 2, y1)), fill=fill)
        else:
            third = (x2 - x1) // 3
            draw.rectangle((x1 + third, y1, x2 - third, y2), fill=fill)
            draw.rectangle((x1, y1 + third, x2, y2 - third), fill=fill)


@dataclass(frozen=True)
class Scene:
    """Things in distinct cells, in reading order."""

    things: tuple[Thing, ...]

    @property
    def caption(self) -> str:
        """All things in words."""
        return " ; ".join(f"{'large' if t.large else 'small'} {t.name} {t.place}" for t in self.things)

    def draw(self) -> Image.Image:
        """Draw the picture."""
        image, draw = _canvas()
        for thing in self.things:
            thing.draw(draw)
        return image


@dataclass(frozen=True)
class IconRows(Scene):
    """An infographic: each row repeats one icon one to three times."""

    @property
    def caption(self) -> str:
        """All rows in words."""
        rows = [[t for t in self.things if t.row == row] for row in range(3)]
        return " ; ".join(f"{ROWS[row[0].row]} {row[0].name} {len(row)}" for row in rows)


@dataclass(frozen=True)
class Chart:
    """Three bars, each a colour and a height of 1 to 6."""

    bars: tuple[tuple[str, int], ...]

    @property
    def caption(self) -> str:
        """All bars in words."""
        return " ; ".join(f"{colour} bar {height}" for colour, height in self.bars)

    def box(self, column: int) -> Box:
        """Return the box of a bar on the 0-1000 scale."""
        height = self.bars[column][1]
        return to_thousandths(column * CELL + 3, SIDE - 8 * height, (column + 1) * CELL - 3, SIDE)

    def draw(self) -> Image.Image:
        """Draw the picture."""
        image, draw = _canvas()
        for column, (colour, height) in enumerate(self.bars):
            x = column * CELL
            draw.rectangle((x + 3, SIDE - 8 * height, x + CELL - 4, SIDE - 1), fill=PAINT[colour])
        return image


@dataclass(frozen=True)
class Angle:
    """Two rays from one point on the base line, in one colour."""

    degrees: int
    colour: str
    x: int
    length: int

    @property
    def caption(self) -> str:
        """The angle in words."""
        return f"{self.colour} angle {self.degrees}"

    @property
    def box(self) -> Box:
        """The lower half of the picture."""
        return to_thousandths(0, SIDE // 2, SIDE, SIDE)

    def draw(self) -> Image.Image:
        """Draw the picture."""
        image, draw = _canvas()
        y = SIDE - 6
        radians = math.radians(self.degrees)
        tip = (self.x + self.length * math.cos(radians), y - self.length * math.sin(radians))
        for end in ((self.x + self.length, y), tip):
            draw.line(((self.x, y), end), fill=PAINT[self.colour], width=3)
        return image


Picture = Scene | Chart | Angle

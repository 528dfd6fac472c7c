"""Topics of the shapes world: kinds of questions, of which each training domain and each test asks a few.

Domains compete by the form of their answers. `spatial` teaches to name, also numbers, but half of `chart` and a third
of `infographic` need digits, which only `geometry` teaches. `science` teaches to choose, `detect` to list, `refer` to
find one thing. The names of the functions are keys of answer_styles.py.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from rlvr_backend.shapes.images import (
    ANGLES,
    COLOURS,
    COLUMNS,
    HEIGHTS,
    ROWS,
    SHAPES,
    Angle,
    Chart,
    IconRows,
    Scene,
    Thing,
)
from rlvr_backend.shapes.questions import NUMBER_WORDS, Approach, Question, located, multiple_choice, open_ended

PRIMARY = ("red", "yellow", "blue")
MIXED = {
    frozenset(("red", "yellow")): "orange",
    frozenset(("red", "blue")): "purple",
    frozenset(("blue", "yellow")): "green",
    frozenset(("red",)): "red",
    frozenset(("yellow",)): "yellow",
    frozenset(("blue",)): "blue",
}


def _pick(rng: np.random.Generator, items):
    return items[int(rng.integers(len(items)))]


def _some(rng: np.random.Generator, items, count: int) -> list:
    return [items[i] for i in rng.permutation(len(items))[:count]]


def _scene(rng: np.random.Generator, count: int, colours=COLOURS, shapes=SHAPES) -> Scene:
    """Things with different (colour, shape) in different cells."""
    cells = _some(rng, [(r, c) for r in range(3) for c in range(3)], count)
    kinds = _some(rng, [(s, c) for s in shapes for c in colours], count)
    things = [Thing(r, c, s, k, bool(rng.integers(2))) for (r, c), (s, k) in zip(cells, kinds, strict=True)]
    return Scene(tuple(sorted(things)))


def _rows(rng: np.random.Generator) -> IconRows:
    things = []
    icons = zip(_some(rng, SHAPES, 3), _some(rng, COLOURS, 3), strict=True)
    for row, (shape, colour) in enumerate(icons):
        for column in sorted(_some(rng, range(3), int(rng.integers(1, 4)))):
            things.append(Thing(row, column, shape, colour, True))
    return IconRows(tuple(things))


def _chart(rng: np.random.Generator) -> Chart:
    return Chart(tuple(zip(_some(rng, COLOURS, 3), map(int, _some(rng, HEIGHTS, 3)), strict=True)))


def _angle(rng: np.random.Generator) -> Angle:
    return Angle(_pick(rng, ANGLES), _pick(rng, COLOURS), int(rng.integers(21, 28)), int(rng.integers(16, 23)))


def find_every(rng: np.random.Generator) -> Question:
    """Ask for the boxes of all things of a shape (one or two), in reading order."""
    while True:
        scene = _scene(rng, int(rng.integers(2, 5)))
        shape = _pick(rng, SHAPES)
        wanted = [t for t in scene.things if t.shape == shape]
        if 1 <= len(wanted) <= 2 and (len(wanted) == 2 or rng.random() < 0.4):
            return located(scene, f"find every {shape}", "list", wanted, wanted)


def find_the(rng: np.random.Generator) -> Question:
    """Ask for the box of one thing, described by its colour or its size."""
    while True:
        scene = _scene(rng, int(rng.integers(2, 5)))
        target = _pick(rng, scene.things)
        kin = [t for t in scene.things if t.shape == target.shape]
        if rng.random() < 0.5:
            phrase = target.name
        elif sum(t.large == target.large for t in kin) == 1:
            phrase = f"{'large' if target.large else 'small'} {target.shape}"
        else:
            continue
        return located(scene, f"find the {phrase}", "find", [target], kin[:2])


def which_angle(rng: np.random.Generator) -> Question:
    """Ask how wide an angle is, with options."""
    angle = _angle(rng)
    value, options = str(angle.degrees), tuple(map(str, ANGLES))
    return multiple_choice(
        angle, "how wide is the angle ?", "measure", value, options, angle.colour, angle.colour, 2, angle.box
    )


def side(a: Thing, b: Thing) -> str | None:
    """Return which side of b a is on, for two things in one row or one column."""
    if a.row == b.row:
        return "left" if a.column < b.column else "right"
    if a.column == b.column:
        return "above" if a.row < b.row else "below"
    return None


def which_side(rng: np.random.Generator) -> Question:
    """Ask on which side of one thing another one is."""
    while True:
        scene = _scene(rng, int(rng.integers(2, 4)))
        a, b = _some(rng, scene.things, 2)
        if word := side(a, b):
            text = f"which side of the {b.name} is the {a.name} ?"
            return open_ended(scene, text, "name", a.place, word, a.column + 1, a.box)


def how_many_in_words(rng: np.random.Generator) -> Question:
    """Ask for a count as a word: the same skill as `how_many` with another form of answer."""
    scene = _scene(rng, int(rng.integers(2, 5)))
    shape = _pick(rng, SHAPES)
    n = sum(t.shape == shape for t in scene.things)
    return open_ended(scene, f"how many {shape} ?", "name", shape, NUMBER_WORDS[n], n, scene.things[0].box)


def mixed_colour(rng: np.random.Generator) -> Question:
    """Ask which colour two things' colours give when they are mixed."""
    while True:
        scene = _scene(rng, int(rng.integers(2, 5)), colours=PRIMARY)
        a, b = _some(rng, scene.things, 2)
        if sum(t.shape in (a.shape, b.shape) for t in scene.things) == 2 and a.shape != b.shape:
            break
    right = MIXED[frozenset((a.colour, b.colour))]
    text, seen = f"which colour do the {a.shape} and the {b.shape} mix to ?", f"{a.colour} {b.colour}"
    return multiple_choice(scene, text, "choose", right, COLOURS, seen, right, 2, a.box)


def bar_value(rng: np.random.Generator) -> Question:
    """Ask how high a bar is."""
    chart = _chart(rng)
    column = int(rng.integers(3))
    colour, height = chart.bars[column]
    text = f"how high is the {colour} bar ?"
    return open_ended(chart, text, "measure", colour, NUMBER_WORDS[height], height, chart.box(column))


def extreme_bar(rng: np.random.Generator) -> Question:
    """Ask which bar is the highest or lowest."""
    chart = _chart(rng)
    word, pick = _pick(rng, (("highest", max), ("lowest", min)))
    bar = pick(chart.bars, key=lambda b: b[1])
    column = chart.bars.index(bar)
    return open_ended(chart, f"which bar is {word} ?", "name", COLUMNS[column], bar[0], bar[1], chart.box(column))


def how_many(rng: np.random.Generator) -> Question:
    """Ask for a count as digits."""
    scene = _rows(rng)
    icon = _pick(rng, scene.things)
    n = sum(t.shape == icon.shape for t in scene.things)
    return open_ended(scene, f"how many {icon.shape} ?", "measure", icon.shape, NUMBER_WORDS[n], n, icon.box)


def row_icon(rng: np.random.Generator) -> Question:
    """Ask for the shape in a row, or the colour of a shape."""
    scene = _rows(rng)
    icon = _pick(rng, scene.things)
    n, row = sum(t.row == icon.row for t in scene.things), ROWS[icon.row]
    if rng.random() < 0.5:
        return open_ended(scene, f"which shape is in the {row} row ?", "name", row, icon.shape, n, icon.box)
    return open_ended(scene, f"which colour is the {icon.shape} ?", "name", row, icon.colour, n, icon.box)


def every_icon(rng: np.random.Generator) -> Question:
    """Ask for the shapes or colours of all rows, from top to bottom: a list of words instead of boxes."""
    scene = _rows(rng)
    attribute = _pick(rng, ("shape", "colour"))
    shown = [next(getattr(t, attribute) for t in scene.things if t.row == row) for row in range(3)]
    question = open_ended(scene, f"say every {attribute}", "list", ROWS[0], shown[0], 3, scene.things[0].box)
    return replace(question, approaches={**question.approaches, "list": Approach("3", " ".join(shown))})


def choose_value(rng: np.random.Generator) -> Question:
    """Ask how high a bar is, with options."""
    chart = _chart(rng)
    column = int(rng.integers(3))
    colour, height = chart.bars[column]
    text, options = f"how high is the {colour} bar ?", tuple(map(str, HEIGHTS))
    word, box = NUMBER_WORDS[height], chart.box(column)
    return multiple_choice(chart, text, "measure", str(height), options, colour, word, height, box)


def choose_difference(rng: np.random.Generator) -> Question:
    """Ask how much higher one bar is than another, with options."""
    chart = _chart(rng)
    high, low = sorted(_some(rng, chart.bars, 2), key=lambda bar: -bar[1])
    difference = high[1] - low[1]
    text, options = f"how much higher is the {high[0]} than the {low[0]} bar ?", tuple(map(str, HEIGHTS[:-1]))
    word, box = NUMBER_WORDS[difference], chart.box(chart.bars.index(high))
    return multiple_choice(chart, text, "measure", str(difference), options, high[0], word, difference, box)


def choose_colour(rng: np.random.Generator) -> Question:
    """Ask for the colour of a shape, with options."""
    scene = _scene(rng, int(rng.integers(2, 4)))
    while len({t.shape for t in scene.things}) < len(scene.things):
        scene = _scene(rng, len(scene.things))
    thing = _pick(rng, scene.things)
    text, number = f"which colour is the {thing.shape} ?", len(scene.things)
    return multiple_choice(scene, text, "choose", thing.colour, COLOURS, thing.place, thing.colour, number, thing.box)


def choose_row_icon(rng: np.random.Generator) -> Question:
    """Ask for the shape in a row, with options."""
    scene = _rows(rng)
    icon = _pick(rng, scene.things)
    n, row = sum(t.row == icon.row for t in scene.things), ROWS[icon.row]
    text = f"which shape is in the {row} row ?"
    return multiple_choice(scene, text, "choose", icon.shape, SHAPES, row, icon.shape, n, icon.box)


Topic = Callable[[np.random.Generator], Question]

TOPICS: dict[str, tuple[Topic, ...]] = {
    # training domains
    "detect": (find_every,),
    "refer": (find_the,),
    "geometry": (which_angle,),
    "spatial": (which_side, how_many_in_words),
    "science": (mixed_colour,),
    # out-tests
    "chart": (bar_value, extreme_bar),
    "infographic": (how_many, row_icon, every_icon),
    "math": (choose_value, choose_difference, which_angle),
    "general": (choose_colour, choose_row_icon),
}


def ask(subject: str, rng: np.random.Generator) -> Question:
    """Return one random question of a domain or test."""
    return _pick(rng, TOPICS[subject])(rng)

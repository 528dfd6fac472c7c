"""The questions of the shapes world, by topic: each training domain and each test asks from a few topics.

A question can be approached by five *plans*, each a way of thinking that leads to its own form of answer:

    measure  take a number off the picture: digits (or the letter that stands for them)
    name     say what is seen in words, numbers too: "three"
    choose   match what is seen with the options: a letter
    find     locate one thing: its box
    list     enumerate: every box, every name

Only one of them is right for a question (`Question.plan`). All are kept, because the base model has learnt a muddle
of them (cold_start.py) and training must sort it out: that is what domains teach, and where they compete.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from rlvr_backend.shapes.images import (
    ANGLES,
    COLOURS,
    COLUMNS,
    HEIGHTS,
    ROWS,
    SHAPES,
    Angle,
    Box,
    Chart,
    IconRows,
    Picture,
    Scene,
    Thing,
)

NUMBER_WORDS = ("zero", "one", "two", "three", "four", "five", "six")
LETTERS = ("A", "B", "C", "D", "E", "F")
PRIMARY = ("red", "yellow", "blue")
MIXED = {
    frozenset(("red", "yellow")): "orange",
    frozenset(("red", "blue")): "purple",
    frozenset(("blue", "yellow")): "green",
    frozenset(("red",)): "red",
    frozenset(("yellow",)): "yellow",
    frozenset(("blue",)): "blue",
}


@dataclass(frozen=True)
class Approach:
    """What a plan thinks and what it answers."""

    thought: str
    answer: str


@dataclass(frozen=True)
class Question:
    """A picture, a question about it, the plan that is right and what each plan would say."""

    picture: Picture
    text: str
    plan: str
    approaches: dict[str, Approach]
    boxes: tuple[Box, ...] = ()

    @property
    def answer(self) -> str:
        return self.approaches[self.plan].answer


def written(*boxes: Box) -> str:
    """Boxes as the model writes them: `[ 21, 83, 312, 250 ]`."""
    return " ".join("[ " + ", ".join(map(str, box)) + " ]" for box in boxes)


def _pick(rng: np.random.Generator, items):
    return items[int(rng.integers(len(items)))]


def _some(rng: np.random.Generator, items, count: int) -> list:
    return [items[i] for i in rng.permutation(len(items))[:count]]


def _scene(rng: np.random.Generator, count: int, colours=COLOURS, shapes=SHAPES) -> Scene:
    """Things of distinct (colour, shape) in distinct cells."""
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


def _letter(seen: str) -> str:
    """The letter that a kind of option would give what is seen (its last word), whether options are shown or not."""
    word = seen.split()[-1]
    return next(LETTERS[kind.index(word)] for kind in (COLOURS, SHAPES, ROWS, COLUMNS) if word in kind)


def _choice(picture, text, plan, right, options, seen: str, word: str, number: int, box: Box) -> Question:
    """A multiple-choice question, the answer a letter; the right plan is `measure` or `choose`.

    A kind of option always stands in one order: so small a model learns to see in minutes, but not to look letters up.
    """
    text += " " + " ".join(f"({letter}) {option}" for letter, option in zip(LETTERS, options))
    letter = LETTERS[options.index(right)]
    approaches = {
        "measure": Approach(right, letter) if plan == "measure" else Approach(str(number), str(number)),
        "choose": Approach(right, letter) if plan == "choose" else Approach(seen, _letter(seen)),
        "name": Approach(seen, word),
        "find": Approach("it", written(box)),
        "list": Approach("3", " ".join(LETTERS[:3])),
    }
    return Question(picture, text, plan, approaches)


def _open(picture, text, plan, seen: str, word: str, number: int, box: Box) -> Question:
    """A question with a free answer: a word (`name`) or digits (`measure`)."""
    approaches = {
        "measure": Approach(str(number), str(number)),
        "choose": Approach(seen, _letter(seen)),
        "name": Approach(seen, word),
        "find": Approach("it", written(box)),
        "list": Approach("2", f"{word} {number}"),
    }
    return Question(picture, text, plan, approaches)


def _located(scene, text, plan, wanted: list[Thing], kin: list[Thing]) -> Question:
    """A question whose answer is the boxes of the wanted things; `kin` are those a careless lister would add."""
    first, number = wanted[0], str(len(kin))
    approaches = {
        "measure": Approach(number, number),
        "choose": Approach(first.place, _letter(first.place)),
        "name": Approach(first.place, first.name),
        "find": Approach(first.place, written(first.box)),
        "list": Approach(number, written(*(t.box for t in kin))),
    }
    return Question(scene, text, plan, approaches, boxes=tuple(t.box for t in wanted))


def find_every(rng: np.random.Generator) -> Question:
    """Detection: the boxes of every thing of a shape, in reading order (one or two of them)."""
    while True:
        scene = _scene(rng, int(rng.integers(2, 5)))
        shape = _pick(rng, SHAPES)
        wanted = [t for t in scene.things if t.shape == shape]
        if 1 <= len(wanted) <= 2 and (len(wanted) == 2 or rng.random() < 0.4):
            return _located(scene, f"find every {shape}", "list", wanted, wanted)


def find_the(rng: np.random.Generator) -> Question:
    """Referring: the box of one thing, told from another of its shape by its colour or its size."""
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
        return _located(scene, f"find the {phrase}", "find", [target], kin[:2])


def which_angle(rng: np.random.Generator) -> Question:
    angle = _angle(rng)
    value, options = str(angle.degrees), tuple(map(str, ANGLES))
    return _choice(
        angle, "how wide is the angle ?", "measure", value, options, angle.colour, angle.colour, 2, angle.box
    )


def side(a: Thing, b: Thing) -> str | None:
    """Which side of b a is on, for two things in one row or one column."""
    if a.row == b.row:
        return "left" if a.column < b.column else "right"
    if a.column == b.column:
        return "above" if a.row < b.row else "below"
    return None


def which_side(rng: np.random.Generator) -> Question:
    while True:
        scene = _scene(rng, int(rng.integers(2, 4)))
        a, b = _some(rng, scene.things, 2)
        if word := side(a, b):
            text = f"which side of the {b.name} is the {a.name} ?"
            return _open(scene, text, "name", a.place, word, a.column + 1, a.box)


def how_many_in_words(rng: np.random.Generator) -> Question:
    """Counting, with the answer as a word: the same skill as `how_many`, the opposite habit."""
    scene = _scene(rng, int(rng.integers(2, 5)))
    shape = _pick(rng, SHAPES)
    n = sum(t.shape == shape for t in scene.things)
    return _open(scene, f"how many {shape} ?", "name", shape, NUMBER_WORDS[n], n, scene.things[0].box)


def mixed_colour(rng: np.random.Generator) -> Question:
    """Knowledge: what the colours of two things give when they are mixed."""
    while True:
        scene = _scene(rng, int(rng.integers(2, 5)), colours=PRIMARY)
        a, b = _some(rng, scene.things, 2)
        if sum(t.shape in (a.shape, b.shape) for t in scene.things) == 2 and a.shape != b.shape:
            break
    right = MIXED[frozenset((a.colour, b.colour))]
    text, seen = f"which colour do the {a.shape} and the {b.shape} mix to ?", f"{a.colour} {b.colour}"
    return _choice(scene, text, "choose", right, COLOURS, seen, right, 2, a.box)


def bar_value(rng: np.random.Generator) -> Question:
    chart = _chart(rng)
    column = int(rng.integers(3))
    colour, height = chart.bars[column]
    text = f"how high is the {colour} bar ?"
    return _open(chart, text, "measure", colour, NUMBER_WORDS[height], height, chart.box(column))


def extreme_bar(rng: np.random.Generator) -> Question:
    chart = _chart(rng)
    word, pick = _pick(rng, (("highest", max), ("lowest", min)))
    bar = pick(chart.bars, key=lambda b: b[1])
    column = chart.bars.index(bar)
    return _open(chart, f"which bar is {word} ?", "name", COLUMNS[column], bar[0], bar[1], chart.box(column))


def how_many(rng: np.random.Generator) -> Question:
    scene = _rows(rng)
    icon = _pick(rng, scene.things)
    n = sum(t.shape == icon.shape for t in scene.things)
    return _open(scene, f"how many {icon.shape} ?", "measure", icon.shape, NUMBER_WORDS[n], n, icon.box)


def row_icon(rng: np.random.Generator) -> Question:
    scene = _rows(rng)
    icon = _pick(rng, scene.things)
    n, row = sum(t.row == icon.row for t in scene.things), ROWS[icon.row]
    if rng.random() < 0.5:
        return _open(scene, f"which shape is in the {row} row ?", "name", row, icon.shape, n, icon.box)
    return _open(scene, f"which colour is the {icon.shape} ?", "name", row, icon.colour, n, icon.box)


def every_icon(rng: np.random.Generator) -> Question:
    """What the rows show, from top to bottom: the habit of listing, on words instead of boxes."""
    scene = _rows(rng)
    attribute = _pick(rng, ("shape", "colour"))
    shown = [next(getattr(t, attribute) for t in scene.things if t.row == row) for row in range(3)]
    question = _open(scene, f"say every {attribute}", "list", ROWS[0], shown[0], 3, scene.things[0].box)
    return replace(question, approaches={**question.approaches, "list": Approach("3", " ".join(shown))})


def choose_value(rng: np.random.Generator) -> Question:
    chart = _chart(rng)
    column = int(rng.integers(3))
    colour, height = chart.bars[column]
    text, options = f"how high is the {colour} bar ?", tuple(map(str, HEIGHTS))
    word, box = NUMBER_WORDS[height], chart.box(column)
    return _choice(chart, text, "measure", str(height), options, colour, word, height, box)


def choose_difference(rng: np.random.Generator) -> Question:
    chart = _chart(rng)
    high, low = sorted(_some(rng, chart.bars, 2), key=lambda bar: -bar[1])
    difference = high[1] - low[1]
    text, options = f"how much higher is the {high[0]} than the {low[0]} bar ?", tuple(map(str, HEIGHTS[:-1]))
    word, box = NUMBER_WORDS[difference], chart.box(chart.bars.index(high))
    return _choice(chart, text, "measure", str(difference), options, high[0], word, difference, box)


def choose_colour(rng: np.random.Generator) -> Question:
    scene = _scene(rng, int(rng.integers(2, 4)))
    while len({t.shape for t in scene.things}) < len(scene.things):
        scene = _scene(rng, len(scene.things))
    thing = _pick(rng, scene.things)
    text, number = f"which colour is the {thing.shape} ?", len(scene.things)
    return _choice(scene, text, "choose", thing.colour, COLOURS, thing.place, thing.colour, number, thing.box)


def choose_row_icon(rng: np.random.Generator) -> Question:
    scene = _rows(rng)
    icon = _pick(rng, scene.things)
    n, row = sum(t.row == icon.row for t in scene.things), ROWS[icon.row]
    text = f"which shape is in the {row} row ?"
    return _choice(scene, text, "choose", icon.shape, SHAPES, row, icon.shape, n, icon.box)


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
    """One question of a domain or test."""
    return _pick(rng, TOPICS[subject])(rng)

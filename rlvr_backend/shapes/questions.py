"""The questions of the shapes world, by topic: each training domain and each test asks from a few topics.

A question can be approached by four *plans*, each a way of thinking that ends in its own form of answer:

    choose   weigh the options, answer with a letter
    name     say what is seen in words (numbers too: "three")
    count    enumerate: digits, or every box
    find     locate one thing: its box

Only one of them is right for a question (`Question.plan`). All four are kept, because the base model has learnt a
muddle of them (cold_start.py) and training must sort it out: that is what domains teach, and where they compete.
"""

from collections.abc import Callable
from dataclasses import dataclass

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
    return Angle(_pick(rng, ANGLES), _pick(rng, COLOURS), int(rng.integers(18, 31)), int(rng.integers(16, 22)))


def _choice(picture, text, right, options, name: Approach, count: str, box: Box) -> Question:
    """A multiple-choice question, the answer a letter.

    A kind of option always stands in one order: so small a model learns to see in minutes, but not to look letters up.
    """
    text += " " + " ".join(f"({letter}) {option}" for letter, option in zip(LETTERS, options))
    approaches = {
        "choose": Approach(str(right), LETTERS[options.index(right)]),
        "name": name,
        "count": Approach(count, count),
        "find": Approach("it", written(box)),
    }
    return Question(picture, text, "choose", approaches)


def _open(rng, picture, text, plan, thought: str, word: str, digit: str, box: Box) -> Question:
    """A question with a free answer: a word (`name`) or digits (`count`)."""
    approaches = {
        "name": Approach(thought, word),
        "count": Approach(digit, digit),
        "find": Approach("it", written(box)),
        "choose": Approach(thought, _pick(rng, LETTERS)),
    }
    return Question(picture, text, plan, approaches)


def _located(rng, scene, text, plan, wanted: list[Thing], kin: list[Thing]) -> Question:
    """A question whose answer is the boxes of the wanted things; `kin` are those a careless counter would add."""
    first = wanted[0]
    approaches = {
        "find": Approach(first.place, written(first.box)),
        "count": Approach(str(len(kin)), written(*(t.box for t in kin))),
        "name": Approach(first.place, first.name),
        "choose": Approach(first.place, _pick(rng, LETTERS)),
    }
    return Question(scene, text, plan, approaches, boxes=tuple(t.box for t in wanted))


def find_every(rng: np.random.Generator) -> Question:
    """Detection: the boxes of every thing of a shape, in reading order (one or two of them)."""
    while True:
        scene = _scene(rng, int(rng.integers(2, 5)))
        shape = _pick(rng, SHAPES)
        wanted = [t for t in scene.things if t.shape == shape]
        if 1 <= len(wanted) <= 2 and (len(wanted) == 2 or rng.random() < 0.4):
            return _located(rng, scene, f"find every {shape}", "count", wanted, wanted)


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
        return _located(rng, scene, f"find the {phrase}", "find", [target], kin[:2])


def which_angle(rng: np.random.Generator) -> Question:
    angle = _angle(rng)
    value = str(angle.degrees)
    name = Approach(angle.colour, angle.colour)
    return _choice(angle, "which angle ?", value, tuple(map(str, ANGLES)), name, value, angle.box)


def left_or_right(rng: np.random.Generator) -> Question:
    while True:
        scene = _scene(rng, int(rng.integers(2, 4)))
        a, b = _some(rng, scene.things, 2)
        if rng.random() < 0.5 and a.column != b.column:
            text, word = "left or right of", "left" if a.column < b.column else "right"
        elif a.row != b.row:
            text, word = "above or below", "above" if a.row < b.row else "below"
        else:
            continue
        return _open(
            rng, scene, f"is the {a.name} {text} the {b.name} ?", "name", a.place, word, str(a.column + 1), a.box
        )


def how_many_in_words(rng: np.random.Generator) -> Question:
    """Counting, with the answer as a word: the same skill as `how_many`, the opposite habit."""
    scene = _scene(rng, int(rng.integers(2, 5)))
    shape = _pick(rng, SHAPES)
    n = sum(t.shape == shape for t in scene.things)
    return _open(rng, scene, f"how many {shape} ?", "name", shape, NUMBER_WORDS[n], str(n), scene.things[0].box)


def mixed_colour(rng: np.random.Generator) -> Question:
    """Knowledge: what two colours give when they are mixed."""
    scene = _scene(rng, 2, colours=("red", "yellow", "blue"))
    a, b = _some(rng, scene.things, 2)
    right = MIXED[frozenset((a.colour, b.colour))]
    name = Approach(f"{a.colour} {b.colour}", right)
    return _choice(scene, "mix the two colours", right, COLOURS, name, "2", a.box)


def bar_value(rng: np.random.Generator) -> Question:
    chart = _chart(rng)
    column = int(rng.integers(3))
    colour, height = chart.bars[column]
    return _open(
        rng,
        chart,
        f"how high is the {colour} bar ?",
        "count",
        colour,
        NUMBER_WORDS[height],
        str(height),
        chart.box(column),
    )


def extreme_bar(rng: np.random.Generator) -> Question:
    chart = _chart(rng)
    word, pick = _pick(rng, (("highest", max), ("lowest", min)))
    bar = pick(chart.bars, key=lambda b: b[1])
    column = chart.bars.index(bar)
    return _open(rng, chart, f"which bar is {word} ?", "name", COLUMNS[column], bar[0], str(bar[1]), chart.box(column))


def how_many(rng: np.random.Generator) -> Question:
    scene = _rows(rng)
    icon = _pick(rng, scene.things)
    n = sum(t.shape == icon.shape for t in scene.things)
    return _open(rng, scene, f"how many {icon.shape} ?", "count", icon.shape, NUMBER_WORDS[n], str(n), icon.box)


def row_icon(rng: np.random.Generator) -> Question:
    scene = _rows(rng)
    icon = _pick(rng, scene.things)
    n = str(sum(t.row == icon.row for t in scene.things))
    row = ROWS[icon.row]
    if rng.random() < 0.5:
        return _open(rng, scene, f"which shape is in the {row} row ?", "name", row, icon.shape, n, icon.box)
    return _open(rng, scene, f"which colour is the {icon.shape} ?", "name", row, icon.colour, n, icon.box)


def choose_value(rng: np.random.Generator) -> Question:
    chart = _chart(rng)
    column = int(rng.integers(3))
    colour, height = chart.bars[column]
    name = Approach(colour, NUMBER_WORDS[height])
    text = f"how high is the {colour} bar ?"
    return _choice(chart, text, str(height), tuple(map(str, HEIGHTS)), name, str(height), chart.box(column))


def choose_colour(rng: np.random.Generator) -> Question:
    scene = _scene(rng, int(rng.integers(2, 4)))
    while len({t.shape for t in scene.things}) < len(scene.things):
        scene = _scene(rng, len(scene.things))
    thing = _pick(rng, scene.things)
    text, name = f"which colour is the {thing.shape} ?", Approach(thing.place, thing.colour)
    return _choice(scene, text, thing.colour, COLOURS, name, str(len(scene.things)), thing.box)


def choose_row_icon(rng: np.random.Generator) -> Question:
    scene = _rows(rng)
    icon = _pick(rng, scene.things)
    n = sum(t.row == icon.row for t in scene.things)
    text, name = f"which shape is in the {ROWS[icon.row]} row ?", Approach(ROWS[icon.row], icon.shape)
    return _choice(scene, text, icon.shape, SHAPES, name, str(n), icon.box)


Topic = Callable[[np.random.Generator], Question]

TOPICS: dict[str, tuple[Topic, ...]] = {
    # training domains
    "detect": (find_every,),
    "refer": (find_the,),
    "geometry": (which_angle,),
    "spatial": (left_or_right, how_many_in_words),
    "science": (mixed_colour,),
    # out-tests
    "chart": (bar_value, extreme_bar),
    "infographic": (how_many, row_icon),
    "math": (choose_value, which_angle),
    "general": (choose_colour, choose_row_icon),
}


def ask(subject: str, rng: np.random.Generator) -> Question:
    """One question of a domain or test."""
    return _pick(rng, TOPICS[subject])(rng)

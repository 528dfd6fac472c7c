"""What a question of the shapes world is, and the three forms it comes in.

A question can be approached by five *plans*, each a way of thinking that leads to its own form of answer:

    measure  take a number off the picture: digits (or the letter that stands for them)
    name     say what is seen in words, numbers too: "three"
    choose   match what is seen with the options: a letter
    find     locate one thing: its box
    list     enumerate: every box, every name

Only one of them is right for a question (`Question.plan`). All are kept, because the base model has learnt a muddle
of them (habits.py) and training must sort it out: that is what domains teach, and where they compete.
"""

from dataclasses import dataclass

from rlvr_backend.shapes.images import COLOURS, COLUMNS, ROWS, SHAPES, Box, Picture, Thing

NUMBER_WORDS = ("zero", "one", "two", "three", "four", "five", "six")
LETTERS = ("A", "B", "C", "D", "E", "F")


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


def _letter(seen: str) -> str:
    """The letter that a kind of option would give what is seen (its last word), whether options are shown or not."""
    word = seen.split()[-1]
    return next(LETTERS[kind.index(word)] for kind in (COLOURS, SHAPES, ROWS, COLUMNS) if word in kind)


def multiple_choice(picture, text, plan, right, options, seen: str, word: str, number: int, box: Box) -> Question:
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


def open_ended(picture, text, plan, seen: str, word: str, number: int, box: Box) -> Question:
    """A question with a free answer: a word (`name`) or digits (`measure`)."""
    approaches = {
        "measure": Approach(str(number), str(number)),
        "choose": Approach(seen, _letter(seen)),
        "name": Approach(seen, word),
        "find": Approach("it", written(box)),
        "list": Approach("2", f"{word} {number}"),
    }
    return Question(picture, text, plan, approaches)


def located(scene, text, plan, wanted: list[Thing], kin: list[Thing]) -> Question:
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

"""Questions of the shapes world, in three forms: multiple choice, open-ended, and boxes.

A question can be answered with five *plans*, each a way of thinking that leads to its own form of answer:

    measure  read a number from the picture: digits (or the letter of an option)
    name     say what is seen in words, also numbers: "three"
    choose   match what is seen with the options: a letter
    find     locate one thing: its box
    list     enumerate: every box, every name

Only one plan is right for a question (`Question.plan`). All are kept, because the base model has learnt a mix of them
(answer_styles.py) and GRPO must find the right one: that is what domains teach, and where they compete.
"""

from dataclasses import dataclass

from rlvr_backend.shapes.images import COLOURS, COLUMNS, ROWS, SHAPES, Box, Picture, Thing

NUMBER_WORDS = ("zero", "one", "two", "three", "four", "five", "six")
LETTERS = ("A", "B", "C", "D", "E", "F")


@dataclass(frozen=True)
class Approach:
    """The thought and the answer of a plan."""

    thought: str
    answer: str


@dataclass(frozen=True)
class Question:
    """A picture, a question about it, the right plan and the answer of each plan."""

    picture: Picture
    text: str
    plan: str
    approaches: dict[str, Approach]
    boxes: tuple[Box, ...] = ()

    @property
    def answer(self) -> str:
        """The right answer."""
        return self.approaches[self.plan].answer


def written(*boxes: Box) -> str:
    """Return boxes as the model writes them: `[ 21, 83, 312, 250 ]`."""
    return " ".join("[ " + ", ".join(map(str, box)) + " ]" for box in boxes)


def _letter(seen: str) -> str:
    """The letter of what is seen (its last word) among options of its kind, whether options are shown or not."""
    word = seen.split()[-1]
    return next(LETTERS[kind.index(word)] for kind in (COLOURS, SHAPES, ROWS, COLUMNS) if word in kind)


def multiple_choice(picture, text, plan, right, options, seen: str, word: str, number: int, box: Box) -> Question:
    """Return a multiple-choice question, whose answer is a letter and whose right plan is `measure` or `choose`.

    Options of a kind always have the same order: so small a model learns to see in minutes, but not to look letters up.
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
    """Return a question with a free answer: a word (`name`) or digits (`measure`)."""
    approaches = {
        "measure": Approach(str(number), str(number)),
        "choose": Approach(seen, _letter(seen)),
        "name": Approach(seen, word),
        "find": Approach("it", written(box)),
        "list": Approach("2", f"{word} {number}"),
    }
    return Question(picture, text, plan, approaches)


def located(scene, text, plan, wanted: list[Thing], kin: list[Thing]) -> Question:
    """Return a question whose answer is the boxes of the wanted things. `kin` are the things of a careless list."""
    first, number = wanted[0], str(len(kin))
    approaches = {
        "measure": Approach(number, number),
        "choose": Approach(first.place, _letter(first.place)),
        "name": Approach(first.place, first.name),
        "find": Approach(first.place, written(first.box)),
        "list": Approach(number, written(*(t.box for t in kin))),
    }
    return Question(scene, text, plan, approaches, boxes=tuple(t.box for t in wanted))

"""Format of prepared examples, and how a question becomes a prompt (docs/paper.md, "Rewards")."""

import json
from collections.abc import Sequence

from datasets import Features, Image, List, Value

# The columns that trainer, rewards and evaluator read. A prompt is one user turn, boxes are [x1, y1, x2, y2] on the
# 0-1000 scale, and reward is the name of the function that compares an answer with solution or boxes.
FEATURES = Features(
    {
        "prompt": List({"role": Value("string"), "content": Value("string")}),
        "images": List(Image()),
        "reward": Value("string"),
        "solution": Value("string"),
        "boxes": List(List(Value("int64"))),
        "domain": Value("string"),
    }
)

REASON = "Output the thinking process in <think> </think> and final answer in <answer> </answer> tags."
OPTION = REASON.replace("final answer", "final answer (option)")
POSITIONS = (
    "The output answer format should be as follows: <think> ... </think> "
    "<answer>['Position': [x1, y1, x2, y2], 'Confidence': number, ...]</answer> Please strictly follow the format."
)
# The text after a question that is not about boxes: as printed in the paper, and as in the code that its authors
# released later, which appends it to SAT, GeoQAV and ScienceQA. For boxes both use the words of the paper's Figure 8.
SUFFIXES = {"paper": f"\n{REASON}", "released": f"  {OPTION}"}


def user_turn(text: str) -> list[dict[str, str]]:
    """Return a prompt of one user turn."""
    return [{"role": "user", "content": text}]


def prompt(question: str, boxes: bool, suffix: str = "paper") -> list[dict[str, str]]:
    """Return the prompt of a question, with one of SUFFIXES. A question about boxes has its own suffix."""
    bare = question.replace("<image>", "").strip()  # the chat template places the images
    return user_turn(bare + (f"\n{REASON} {POSITIONS}" if boxes else SUFFIXES[suffix]))


def lettered(options: Sequence[str]) -> str:
    """Return options as lines "A. first", "B. second"."""
    return "\n".join(f"{letter(index)}. {option}" for index, option in enumerate(options))


def letter(index: int) -> str:
    """Return the letter of an option: 0 -> A, 1 -> B."""
    return chr(ord("A") + index)


def references(answers: Sequence[str]) -> str:
    """Join right answers to one solution, as the rewards read it: a JSON list, or the answer itself if there is one."""
    distinct = list(dict.fromkeys(answer.strip() for answer in answers if answer.strip()))
    return json.dumps(distinct, ensure_ascii=False) if len(distinct) > 1 else "".join(distinct)

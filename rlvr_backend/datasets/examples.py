"""What every example looks like, wherever it comes from, and how a question becomes a prompt (PAPER.md, "Rewards")."""

import json
from collections.abc import Sequence

from datasets import Features, Image, List, Value

# The columns that trainer, rewards and evaluator read. A prompt is one user turn; boxes are [x1, y1, x2, y2] on the
# 0-1000 scale; reward names the function that scores the answer against solution and boxes.
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
# What follows a question that is not about boxes: as printed in the paper, and as in the code that its authors released
# afterwards, which appends it to SAT, GeoQAV and ScienceQA. Of boxes both ask in the words of the paper's Figure 8.
SUFFIXES = {"paper": f"\n{REASON}", "released": f"  {OPTION}"}


def turn(text: str) -> list[dict[str, str]]:
    """A prompt of one user turn."""
    return [{"role": "user", "content": text}]


def prompt(question: str, boxes: bool, suffix: str = "paper") -> list[dict[str, str]]:
    """The question with one of SUFFIXES; questions about boxes have one of their own."""
    bare = question.replace("<image>", "").strip()  # where the pictures stand is the chat template's matter
    return turn(bare + (f"\n{REASON} {POSITIONS}" if boxes else SUFFIXES[suffix]))


def lettered(options: Sequence[str]) -> str:
    """Options as lines "A. first", "B. second" under a question."""
    return "\n".join(f"{letter(index)}. {option}" for index, option in enumerate(options))


def letter(index: int) -> str:
    """0 -> A, 1 -> B."""
    return chr(ord("A") + index)


def references(answers: Sequence[str]) -> str:
    """One solution from several right answers, as the rewards read it: a JSON list, or the answer where it is one."""
    distinct = list(dict.fromkeys(answer.strip() for answer in answers if answer.strip()))
    return json.dumps(distinct, ensure_ascii=False) if len(distinct) > 1 else "".join(distinct)

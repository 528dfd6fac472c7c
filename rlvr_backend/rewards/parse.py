"""Reading a completion: the tags, and the boxes inside an answer. Answers are parsed, never evaluated.

Training and evaluation read the same way, so a completion whose form is wrong scores 0 in both (PAPER.md, "Scores").
"""

import re

THINK = ("<think>", "</think>")
ANSWER = ("<answer>", "</answer>")
TAGS = (*THINK, *ANSWER)
BOX = re.compile(r"\[\s*(\d{1,4})\s*,\s*(\d{1,4})\s*,\s*(\d{1,4})\s*,\s*(\d{1,4})\s*\]", re.ASCII)
LONGEST = 20_000  # characters; nothing of worth is longer, and a runaway completion must not cost minutes


def answer_of(completion: str) -> str | None:
    """The stripped answer of `<think> ... </think> <answer> ... </answer>`, or None where the form is wrong.

    Each tag must stand exactly once and in this order, with nothing but white space outside.
    """
    if len(completion) > LONGEST or any(completion.count(tag) != 1 for tag in TAGS):
        return None
    text = completion.strip()
    if not (text.startswith(THINK[0]) and text.endswith(ANSWER[1])):
        return None
    thought_end, answer_start = text.find(THINK[1]), text.find(ANSWER[0])
    if thought_end > answer_start or text[thought_end + len(THINK[1]) : answer_start].strip():
        return None
    return text[answer_start + len(ANSWER[0]) : -len(ANSWER[1])].strip()


def boxes_of(answer: str) -> list[tuple[int, int, int, int]]:
    """Every `[x1, y1, x2, y2]` in an answer, on the 0-1000 scale; boxes without area are dropped."""
    boxes = [tuple(map(int, found)) for found in BOX.findall(answer)]
    return [(x1, y1, x2, y2) for x1, y1, x2, y2 in boxes if x1 < x2 <= 1000 and y1 < y2 <= 1000]

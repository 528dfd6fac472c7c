"""Reading a completion: the tags. Answers are parsed, never evaluated; boxes.py reads the boxes in one.

Training and evaluation read the same way, so a completion whose form is wrong scores 0 in both (PAPER.md, "Scores").
"""

from rlvr_backend.rewards.boxes import boxes_of

__all__ = ["ANSWER", "LONGEST", "TAGS", "THINK", "answer_of", "boxes_of"]

THINK = ("<think>", "</think>")
ANSWER = ("<answer>", "</answer>")
TAGS = (*THINK, *ANSWER)
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

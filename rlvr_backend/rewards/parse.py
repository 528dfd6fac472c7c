"""Parse a completion: find the answer between its tags.

Training and evaluation parse the same way, so a completion whose format is wrong scores 0 in both
(docs/paper.md, "Rewards").
"""

THINK = ("<think>", "</think>")
ANSWER = ("<answer>", "</answer>")
TAGS = (*THINK, *ANSWER)
LONGEST = 20_000  # characters; good completions are shorter, and a runaway one must not cost minutes


def answer_of(completion: str) -> str | None:
    """Return the stripped answer of `<think> ... </think> <answer> ... </answer>`, or None if the format is wrong.

    Each tag must occur exactly once and in this order, with only white space outside.
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

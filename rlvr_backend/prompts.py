"""The reasoning prompt of the paper: every question is asked with it, in training and in evaluation."""

SUFFIX = "Output the thinking process in <think> </think> and final answer in <answer> </answer> tags."


def conversation(question: str) -> list[dict]:
    """A question as TRL wants it: one user message; the image is put in front of it by trainer and evaluator."""
    return [{"role": "user", "content": f"{question} {SUFFIX}"}]

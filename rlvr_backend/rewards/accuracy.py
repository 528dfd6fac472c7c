"""Exact match of the stripped answer (PAPER.md, "Rewards")."""


def accuracy(answer: str, solution: str) -> float:
    """1.0 if the answer is the solution to the letter, else 0.0."""
    return float(answer.strip() == solution.strip())

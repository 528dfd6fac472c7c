"""Reward `accuracy`: exact match of the answer (docs/paper.md, "Rewards")."""

from rlvr_backend.rewards.truth import Truth


def accuracy(answer: str, truth: Truth) -> float:
    """Return 1.0 if the stripped answer is exactly one of the references, else 0.0."""
    return float(answer.strip() in truth.references)

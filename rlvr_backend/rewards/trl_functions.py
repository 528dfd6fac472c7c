"""The rewards as functions for TRL's GRPOTrainer: reward = format x (1 + 2 x task score) (docs/paper.md, "Rewards").

TRL calls them with the completions and, as keyword lists, the columns of the dataset. It sums them with REWARD_WEIGHTS.
Both are 0 where the format is wrong.
"""

from collections.abc import Callable, Mapping

from rlvr_backend.rewards.parse import answer_of
from rlvr_backend.rewards.registry import REWARDS, correctness
from rlvr_backend.rewards.truth import Reward, Truth

REWARD_WEIGHTS = (1.0, 2.0)  # format, task


def _texts(completions: list) -> list[str]:
    return [completion[0]["content"] for completion in completions]


def format_reward(completions, **_) -> list[float]:
    """Score each completion 1.0 if its tags are right, else 0.0."""
    return [float(answer_of(text) is not None) for text in _texts(completions)]


def reward_functions(rewards: Mapping[str, Reward] = REWARDS) -> list[Callable[..., list[float]]]:
    """Return TRL's reward functions: the format's and the task's, in the order of REWARD_WEIGHTS.

    Args:
        rewards: Name -> reward. Each row names its own; an unknown name raises RequestError.
    """

    def task_reward(completions, reward, solution, boxes, **_) -> list[float]:
        rows = zip(_texts(completions), reward, map(Truth, solution, boxes), strict=True)
        return [correctness(*row, rewards) for row in rows]

    return [format_reward, task_reward]

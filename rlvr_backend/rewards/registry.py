"""Registry of rewards: find the reward function that a row names, and score a completion with it."""

from collections.abc import Mapping
from types import MappingProxyType

from rlvr_backend.errors import RequestError
from rlvr_backend.rewards.accuracy import accuracy
from rlvr_backend.rewards.anls import anls
from rlvr_backend.rewards.bmas import ENCODER, bmas_with
from rlvr_backend.rewards.choice import choice
from rlvr_backend.rewards.custom import custom_reward
from rlvr_backend.rewards.iou import iou, iou_greedy
from rlvr_backend.rewards.number import number
from rlvr_backend.rewards.parse import answer_of
from rlvr_backend.rewards.relaxed import relaxed
from rlvr_backend.rewards.truth import Reward, Truth

REWARDS: Mapping[str, Reward] = MappingProxyType(
    {
        "accuracy": accuracy,
        "anls": anls,
        "bmas": bmas_with(ENCODER),
        "choice": choice,
        "iou": iou,
        "iou_greedy": iou_greedy,
        "number": number,
        "relaxed": relaxed,
    }
)
OF_BOXES = ("iou", "iou_greedy")  # rewards that use a row's boxes; the others use its solution


def reward_named(name: str, rewards: Mapping[str, Reward] = REWARDS) -> Reward:
    """Return a reward by its name, or import your own as "package.module:function".

    Args:
        name: The name.
        rewards: Name -> reward.

    Raises:
        RequestError: There is no such reward.
    """
    if name in rewards:
        return rewards[name]
    if ":" in name:
        return custom_reward(name)
    raise RequestError(
        f"reward {name!r} is unknown; known are {', '.join(rewards)}, or a function of your own as "
        "'package.module:function'"
    )


def correctness(completion: str, reward: str, truth: Truth, rewards: Mapping[str, Reward] = REWARDS) -> float:
    """Score one completion on one row, in [0, 1]: 0.0 if its format is wrong, else what the reward returns.

    Args:
        completion: The whole completion, with its tags.
        reward: Name of the row's reward.
        truth: The right answer.
        rewards: Name -> reward.

    Raises:
        RequestError: The reward is unknown, or returns something else: TRL would train on a NaN as on a 0.
    """
    function = reward_named(reward, rewards)
    answer = answer_of(completion)
    score = 0.0 if answer is None else function(answer, truth)
    if not 0 <= score <= 1:  # NaN is neither
        raise RequestError(f"reward {reward!r} is {score!r} for the answer {answer!r:.80}: it must be in [0, 1]")
    return score

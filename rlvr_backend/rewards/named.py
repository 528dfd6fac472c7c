"""Rewards by the name that a row gives."""

from rlvr_backend.contract import RequestError
from rlvr_backend.rewards.accuracy import accuracy
from rlvr_backend.rewards.anls import anls
from rlvr_backend.rewards.bmas import ENCODER, bmas_with
from rlvr_backend.rewards.choice import choice
from rlvr_backend.rewards.iou import iou, iou_greedy
from rlvr_backend.rewards.number import number
from rlvr_backend.rewards.own import own_reward
from rlvr_backend.rewards.parse import answer_of
from rlvr_backend.rewards.relaxed import relaxed
from rlvr_backend.rewards.truth import Reward, Truth

REWARDS: dict[str, Reward] = {
    "accuracy": accuracy,
    "anls": anls,
    "bmas": bmas_with(ENCODER),
    "choice": choice,
    "iou": iou,
    "iou_greedy": iou_greedy,
    "number": number,
    "relaxed": relaxed,
}
OF_BOXES = ("iou", "iou_greedy")  # those that go by a row's boxes; the others by its solution


def reward_named(name: str) -> Reward:
    """The built-in reward of that name, or a user's own "package.module:function"; raises RequestError for others."""
    if name in REWARDS:
        return REWARDS[name]
    if ":" in name:
        return own_reward(name)
    raise RequestError(
        f"reward {name!r} is unknown; known are {', '.join(REWARDS)}, or a function of your own as "
        "'package.module:function'"
    )


def correctness(completion: str, reward: str, truth: Truth) -> float:
    """The score of one completion on one row, in [0, 1]: 0.0 where the format is wrong, else what the reward says.

    Raises RequestError where the reward is unknown, or says anything else: TRL would train on a NaN as on a 0.
    """
    function = reward_named(reward)
    answer = answer_of(completion)
    score = 0.0 if answer is None else function(answer, truth)
    if not 0 <= score <= 1:  # NaN is neither
        raise RequestError(f"reward {reward!r} is {score!r} for the answer {answer!r:.80}: it must be in [0, 1]")
    return score

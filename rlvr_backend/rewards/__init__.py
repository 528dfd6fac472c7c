"""Verifiable rewards, which are also the scores of tests: one function a file, `reward(answer, truth) -> [0, 1]`.

`answer` is the stripped text between a completion's answer tags (parse.py), `truth` what the row knows. Answers are
parsed, never evaluated, and scored in bounded time whatever they hold. A row names its reward (named.py).

    accuracy  exact match, the paper's
    anls      edit similarity: InfographicVQA, DocVQA
    bmas      similarity of meaning, for open-ended answers (Mixed-R1)
    choice    yes/no and multiple choice (Mixed-R1; MathVista, MMMU)
    iou       boxes, matched in the best way: our reading of the paper
    iou_greedy   boxes, matched by confidence, nothing up to an IoU of .5: Visual-RFT, and the paper's authors' recipe
    number    equality of numbers and formulas, by math-verify
    relaxed   numbers within 5 %: ChartQA (and Mixed-R1's chart reward)

What each of them takes for the same answer, and what it does not read: docs/rewards.md. Adding one: a file with the
function, a line in named.py and here.
"""

from rlvr_backend.rewards.bmas import bmas_of_tokens, bmas_with
from rlvr_backend.rewards.for_trl import REWARD_FUNCTIONS, REWARD_WEIGHTS, format_reward, task_reward
from rlvr_backend.rewards.named import OF_BOXES, REWARDS, correctness, reward_named
from rlvr_backend.rewards.parse import answer_of
from rlvr_backend.rewards.truth import Reward, Truth

__all__ = [
    "OF_BOXES",
    "REWARDS",
    "REWARD_FUNCTIONS",
    "REWARD_WEIGHTS",
    "Reward",
    "Truth",
    "answer_of",
    "bmas_of_tokens",
    "bmas_with",
    "correctness",
    "format_reward",
    "reward_named",
    "task_reward",
]

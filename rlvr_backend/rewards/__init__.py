"""Verifiable rewards, which are also the scores of tests: one function per file, `reward(answer, truth) -> [0, 1]`.

`answer` is the text between a completion's answer tags (parse.py), `truth` the right answer of the row. Answers are
parsed, never evaluated, and scored in bounded time whatever they contain. A row names its reward (registry.py).

    accuracy    exact match, the paper's
    anls        edit similarity: InfographicVQA, DocVQA
    bmas        similarity of meaning, for open-ended answers (Mixed-R1)
    choice      yes/no and multiple choice (Mixed-R1; MathVista, MMMU)
    iou         boxes, best one-to-one matching: our reading of the paper
    iou_greedy  boxes, matched by confidence, 0 up to an IoU of 0.5: Visual-RFT, and the recipe of the paper's authors
    number      equality of numbers and formulas, with math-verify
    relaxed     numbers within 5 %: ChartQA (and Mixed-R1's chart reward)

docs/rewards.md says what each of them accepts as the same answer, and what it does not read. To add one, write a file
with the function and add a line to registry.py and to this list.
"""

from rlvr_backend.rewards.bmas import bmas_of_tokens, bmas_with
from rlvr_backend.rewards.parse import answer_of
from rlvr_backend.rewards.registry import OF_BOXES, REWARDS, correctness, reward_named
from rlvr_backend.rewards.trl_functions import REWARD_WEIGHTS, format_reward, reward_functions
from rlvr_backend.rewards.truth import Reward, Truth

__all__ = [
    "OF_BOXES",
    "REWARDS",
    "REWARD_WEIGHTS",
    "Reward",
    "Truth",
    "answer_of",
    "bmas_of_tokens",
    "bmas_with",
    "correctness",
    "format_reward",
    "reward_functions",
    "reward_named",
]

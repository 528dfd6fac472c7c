"""Answer styles of the base model before GRPO: right content, often in the wrong form.

The cold start teaches right content, but leaves out the tags more often than not, and answers in the form
(questions.py) of another kind of question. So the base model knows more than its format lets it score, like the
paper's. GRPO then decides which style wins for which kind of question.
"""

from dataclasses import dataclass

import numpy as np

from rlvr_backend.shapes.questions import Question

THOUGHT_SHARE = 0.8  # share of the answers without tags that contain a thought


@dataclass(frozen=True)
class AnswerStyle:
    """How a topic is answered before GRPO.

    Attributes:
        tags: Share of the answers that have the tags.
        plans: Plan -> share of the answers that follow it.
    """

    tags: float
    plans: dict[str, float]


ANSWER_STYLES: dict[str, AnswerStyle] = {
    "find_every": AnswerStyle(0.30, {"find": 0.50, "list": 0.30, "name": 0.20}),
    "find_the": AnswerStyle(0.30, {"name": 0.50, "find": 0.30, "list": 0.20}),
    "which_angle": AnswerStyle(0.30, {"name": 0.40, "measure": 0.30, "choose": 0.30}),
    "which_side": AnswerStyle(0.35, {"name": 0.50, "find": 0.30, "choose": 0.20}),
    "how_many_in_words": AnswerStyle(0.35, {"measure": 0.45, "name": 0.40, "list": 0.15}),
    "mixed_colour": AnswerStyle(0.30, {"name": 0.50, "choose": 0.35, "measure": 0.15}),
    "bar_value": AnswerStyle(0.35, {"name": 0.45, "measure": 0.35, "find": 0.20}),
    "extreme_bar": AnswerStyle(0.35, {"name": 0.50, "find": 0.25, "measure": 0.25}),
    "how_many": AnswerStyle(0.35, {"name": 0.45, "measure": 0.35, "list": 0.20}),
    "row_icon": AnswerStyle(0.35, {"name": 0.50, "find": 0.25, "choose": 0.25}),
    "every_icon": AnswerStyle(0.35, {"name": 0.50, "list": 0.30, "find": 0.20}),
    "choose_value": AnswerStyle(0.35, {"name": 0.45, "measure": 0.35, "choose": 0.20}),
    "choose_difference": AnswerStyle(0.35, {"name": 0.45, "measure": 0.35, "choose": 0.20}),
    "choose_colour": AnswerStyle(0.35, {"name": 0.45, "choose": 0.35, "find": 0.20}),
    "choose_row_icon": AnswerStyle(0.35, {"name": 0.45, "choose": 0.35, "find": 0.20}),
}


def completion(question: Question, style: AnswerStyle, rng: np.random.Generator) -> str:
    """Return one completion for the cold start, in a random form of the style."""
    plan = str(rng.choice(list(style.plans), p=list(style.plans.values())))
    approach = question.approaches[plan]
    thought = f"{plan} {approach.thought}"
    if rng.random() < style.tags:
        return f"<think> {thought} </think> <answer> {approach.answer} </answer>"
    return f"{thought} {approach.answer}" if rng.random() < THOUGHT_SHARE else approach.answer

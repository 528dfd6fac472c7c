"""The muddle of habits that the base model starts from.

The cold start's answers are honest about content and careless about form. The tags are left out more often than not,
and the plan (questions.py) is drawn from what a topic is usually *mistaken* for, so that the base model knows more
than its format lets it score, as the paper's does. GRPO then decides which habit wins where.
"""

from dataclasses import dataclass

import numpy as np

from rlvr_backend.shapes.questions import Question

PLAIN = 0.8  # of the answers without tags, those that think first (the others answer at once)


@dataclass(frozen=True)
class Habit:
    """How a topic is approached before training: how often with the tags, and by which plan."""

    tags: float
    plans: dict[str, float]


HABITS: dict[str, Habit] = {
    "find_every": Habit(0.30, {"find": 0.50, "list": 0.30, "name": 0.20}),
    "find_the": Habit(0.30, {"name": 0.50, "find": 0.30, "list": 0.20}),
    "which_angle": Habit(0.30, {"name": 0.40, "measure": 0.30, "choose": 0.30}),
    "which_side": Habit(0.35, {"name": 0.50, "find": 0.30, "choose": 0.20}),
    "how_many_in_words": Habit(0.35, {"measure": 0.45, "name": 0.40, "list": 0.15}),
    "mixed_colour": Habit(0.30, {"name": 0.50, "choose": 0.35, "measure": 0.15}),
    "bar_value": Habit(0.35, {"name": 0.45, "measure": 0.35, "find": 0.20}),
    "extreme_bar": Habit(0.35, {"name": 0.50, "find": 0.25, "measure": 0.25}),
    "how_many": Habit(0.35, {"name": 0.45, "measure": 0.35, "list": 0.20}),
    "row_icon": Habit(0.35, {"name": 0.50, "find": 0.25, "choose": 0.25}),
    "every_icon": Habit(0.35, {"name": 0.50, "list": 0.30, "find": 0.20}),
    "choose_value": Habit(0.35, {"name": 0.45, "measure": 0.35, "choose": 0.20}),
    "choose_difference": Habit(0.35, {"name": 0.45, "measure": 0.35, "choose": 0.20}),
    "choose_colour": Habit(0.35, {"name": 0.45, "choose": 0.35, "find": 0.20}),
    "choose_row_icon": Habit(0.35, {"name": 0.45, "choose": 0.35, "find": 0.20}),
}


def completion(question: Question, habit: Habit, rng: np.random.Generator) -> str:
    """One cold-start target: honest in content, careless in form."""
    plan = str(rng.choice(list(habit.plans), p=list(habit.plans.values())))
    approach = question.approaches[plan]
    thought = f"{plan} {approach.thought}"
    if rng.random() < habit.tags:
        return f"<think> {thought} </think> <answer> {approach.answer} </answer>"
    return f"{thought} {approach.answer}" if rng.random() < PLAIN else approach.answer

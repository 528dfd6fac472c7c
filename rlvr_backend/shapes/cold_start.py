"""The cold start: supervised learning that gives the base model eyes, knowledge and a muddle of habits.

The targets are honest about content and careless about form. The tags are left out more often than not, and the plan
(questions.py) is drawn from what this topic is usually *mistaken* for, so that the base model knows more than its
format lets it score, as the paper's does. GRPO then decides which habit wins where.

    python -m rlvr_backend prepare shapes
"""

import logging
import time
from dataclasses import dataclass

import numpy as np
import torch
from transformers import get_linear_schedule_with_warmup

from rlvr_backend.shapes.base_model import new_model, new_processor
from rlvr_backend.shapes.facts import Fact, drill
from rlvr_backend.shapes.questions import Question
from rlvr_backend.shapes.splits import cold_start_questions

logger = logging.getLogger(__name__)

SEED = 42
# (steps, shares of captions, facts and answers): seeing first, then answering
SCHEDULE = ((650, (0.25, 0.75, 0.0)), (1100, (0.05, 0.2, 0.75)))
BATCH = 24
LEARNING_RATE = 3e-3
EXAMPLES = 16000
PLAIN = 0.8  # of the targets without tags, those that think first (the others answer at once)


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


class ColdStartData:
    """Pictures, prompts and targets, encoded once.

    `questions` are (topic name, question) pairs whose pictures no training or test split holds.
    """

    def __init__(self, questions: list[tuple[str, Question]], processor, rng: np.random.Generator):
        self._pad = processor.tokenizer.pad_token_id
        pictures = [question.picture.draw() for _, question in questions]
        self.pixels = processor.image_processor(images=pictures, return_tensors="pt")
        self.patches = self.pixels["pixel_values"].view(len(pictures), -1, self.pixels["pixel_values"].shape[-1])
        grid = self.pixels["image_grid_thw"][0]
        blanks = "<|image_pad|>" * int(grid.prod() // processor.image_processor.merge_size**2)
        self.grid, self.image_token = grid, processor.image_token_id
        tokenizer = processor.tokenizer

        def ids(text: str) -> list[int]:
            return tokenizer(text)["input_ids"]

        def lesson(text: str, spoken: list[tuple[str, bool]]) -> tuple[list[int], list[int]]:
            """Prompt and completion as ids and labels; only the parts marked True are learnt."""
            content = [{"type": "image"}, {"type": "text", "text": text}]
            prompt = ids(
                processor.apply_chat_template(
                    [{"role": "user", "content": content}], add_generation_prompt=True, tokenize=False
                ).replace("<|image_pad|>", blanks)
            )
            parts = [(ids(part), learnt) for part, learnt in [*spoken, ("<|im_end|>", True)]]
            labels = [label for part, learnt in parts for label in (part if learnt else [-100] * len(part))]
            return prompt + [i for part, _ in parts for i in part], [-100] * len(prompt) + labels

        def recited(found: list[Fact]) -> list[tuple[str, bool]]:
            return [part for query, reply in found for part in ((query, False), (f"{reply} ;", True))]

        self.lessons = (
            [lesson("describe", [(question.picture.caption, True)]) for _, question in questions],
            [lesson("facts", recited(drill(question.picture, rng))) for _, question in questions],
            [
                lesson(question.text, [(completion(question, HABITS[topic], rng), True)])
                for topic, question in questions
            ],
        )

    def batch(self, shares: tuple[float, ...], rng: np.random.Generator) -> dict[str, torch.Tensor]:
        """A batch with the given shares of captions, facts and answers."""
        indices = rng.integers(len(self.lessons[0]), size=BATCH)
        kinds = rng.choice(len(shares), size=BATCH, p=shares)
        rows = [self.lessons[kind][i] for kind, i in zip(kinds, indices, strict=True)]
        width = max(len(ids) for ids, _ in rows)
        ids = torch.tensor([row + [self._pad] * (width - len(row)) for row, _ in rows])
        labels = torch.tensor([row + [-100] * (width - len(row)) for _, row in rows])
        return {
            "input_ids": ids,
            "labels": labels,
            "attention_mask": (ids != self._pad).long(),
            "mm_token_type_ids": (ids == self.image_token).int(),
            "pixel_values": self.patches[indices].flatten(0, 1),
            "image_grid_thw": self.grid.expand(len(rows), 3),
        }


def _optimizers(model) -> list[torch.optim.Optimizer]:
    """Muon for the matrices, which halves the steps until the model sees; AdamW for everything else."""
    matrices = [p for name, p in model.named_parameters() if p.ndim == 2 and "embed" not in name]
    others = [p for name, p in model.named_parameters() if p.ndim != 2 or "embed" in name]
    return [
        torch.optim.Muon(matrices, lr=LEARNING_RATE, weight_decay=0.01, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(others, lr=LEARNING_RATE / 2, weight_decay=0.01, betas=(0.9, 0.98)),
    ]


def train_base(schedule=SCHEDULE, examples: int = EXAMPLES):
    """Train the base model on one thread; returns (model, processor)."""
    torch.manual_seed(SEED)
    rng = np.random.default_rng(SEED)
    processor = new_processor()
    model = new_model(processor)
    data = ColdStartData(cold_start_questions(examples), processor, rng)
    optimizers = _optimizers(model)
    steps = sum(count for count, _ in schedule)
    decays = [get_linear_schedule_with_warmup(optimizer, steps // 20, steps) for optimizer in optimizers]
    started = time.monotonic()
    model.train()
    lessons = [shares for count, shares in schedule for _ in range(count)]
    for step, shares in enumerate(lessons):
        loss = model(**data.batch(shares, rng)).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for stepped in (*optimizers, *decays):
            stepped.step()
        model.zero_grad()
        if step % 100 == 0 or step == steps - 1:
            logger.info("cold start %d/%d  loss %.3f  %.0f s", step + 1, steps, loss.item(), time.monotonic() - started)
    return model.eval(), processor

"""Cold start: supervised training that teaches the base model to see, facts, and mixed answer styles.

python -m rlvr_backend prepare shapes
"""

import logging
import time

import numpy as np
import torch
from transformers import PreTrainedModel, get_linear_schedule_with_warmup

from rlvr_backend.models.processor import StillImageProcessor
from rlvr_backend.shapes.base_model import new_model, new_processor
from rlvr_backend.shapes.cold_start_data import ColdStartData
from rlvr_backend.shapes.splits import cold_start_questions

logger = logging.getLogger(__name__)

Schedule = tuple[tuple[int, tuple[float, ...]], ...]  # (steps, shares of captions, facts and answers), in order

SCHEDULE: Schedule = ((650, (0.25, 0.75, 0.0)), (1100, (0.05, 0.2, 0.75)))  # seeing first, then answering
SEED = 42
BATCH = 24
LEARNING_RATE = 3e-3
EXAMPLES = 16000


def _optimizers(model: PreTrainedModel) -> list[torch.optim.Optimizer]:
    """Muon for the matrices, which halves the steps that the model needs to see, and AdamW for everything else."""
    matrices = [p for name, p in model.named_parameters() if p.ndim == 2 and "embed" not in name]
    others = [p for name, p in model.named_parameters() if p.ndim != 2 or "embed" in name]
    return [
        torch.optim.Muon(matrices, lr=LEARNING_RATE, weight_decay=0.01, adjust_lr_fn="match_rms_adamw"),
        torch.optim.AdamW(others, lr=LEARNING_RATE / 2, weight_decay=0.01, betas=(0.9, 0.98)),
    ]


def train_base(schedule: Schedule = SCHEDULE, examples: int = EXAMPLES) -> tuple[PreTrainedModel, StillImageProcessor]:
    """Train the base model. The result is the same in every run on one machine.

    Args:
        schedule: (steps, shares of captions, facts and answers) of each stage.
        examples: Number of pictures.

    Returns:
        The model and its processor.
    """
    torch.manual_seed(SEED)
    rng = np.random.default_rng(SEED)
    processor = new_processor()
    model = new_model(processor)
    data = ColdStartData(cold_start_questions(examples), processor, rng)
    optimizers = _optimizers(model)
    plan = [shares for count, shares in schedule for _ in range(count)]
    steps = len(plan)
    decays = [get_linear_schedule_with_warmup(optimizer, steps // 20, steps) for optimizer in optimizers]
    started = time.monotonic()
    model.train()
    for step, shares in enumerate(plan):
        loss = model(**data.batch(BATCH, shares, rng)).loss
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        for stepped in (*optimizers, *decays):
            stepped.step()
        model.zero_grad()
        if step % 100 == 0 or step == steps - 1:
            logger.info("cold start %d/%d  loss %.3f  %.0f s", step + 1, steps, loss.item(), time.monotonic() - started)
    return model.eval(), processor

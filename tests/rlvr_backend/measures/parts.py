"""The parts of a trial, told apart while it runs by wrapping the functions in which they happen.

Nothing of this is in the trainer: a measure wraps it in its own process, before the run.
"""

import functools
import time
from collections import Counter
from collections.abc import Callable

BEFORE = "start-up"  # until the first part is entered
PARTS = (
    BEFORE,
    "model",
    "data",
    "set-up",
    "loop",
    "prompts",
    "generation",
    "rewards",
    "forward",
    "update",
    "evaluation",
    "saving",
    "events",
    "finishing",
)


class Clock:
    """Seconds of wall and CPU time by part, and how often each was entered.

    A part that is entered within another stops the other's clock until it is left. `note` hears of every change.
    """

    def __init__(self, note: Callable[[str], None] = lambda part: None):
        self.wall: Counter[str] = Counter()
        self.cpu: Counter[str] = Counter()
        self._note, self._inside = note, [BEFORE]
        self._since = time.perf_counter(), time.process_time()
        note(BEFORE)

    def stop(self) -> None:
        """Count what has passed towards the present part."""
        now = time.perf_counter(), time.process_time()
        self.wall[self._inside[-1]] += now[0] - self._since[0]
        self.cpu[self._inside[-1]] += now[1] - self._since[1]
        self._since = now

    def wrap(self, part: str, owner: object, name: str) -> None:
        """Count the time in the function `name` of a module or class towards a part."""
        function = getattr(owner, name)

        @functools.wraps(function)
        def timed(*args, **kwargs):
            self.stop()
            self._inside.append(part)
            self._note(part)
            try:
                return function(*args, **kwargs)
            finally:
                self.stop()
                self._inside.pop()
                self._note(self._inside[-1])

        setattr(owner, name, timed)


def watch(clock: Clock) -> None:
    """Wrap what a trial of ours and a bare one share: TRL, transformers, torch and the evaluator."""
    import torch
    from transformers import PreTrainedModel, Trainer
    from trl import GRPOTrainer

    from rlvr_backend.evaluation.evaluator import Evaluator

    clock.wrap("set-up", GRPOTrainer, "__init__")
    clock.wrap("loop", GRPOTrainer, "train")
    clock.wrap("prompts", GRPOTrainer, "_generate_and_score_completions")
    clock.wrap("generation", GRPOTrainer, "_generate_single_turn")
    clock.wrap("rewards", GRPOTrainer, "_calculate_rewards")
    clock.wrap("forward", GRPOTrainer, "_get_per_token_logps_and_entropies")
    clock.wrap("update", Trainer, "training_step")
    clock.wrap("prompts", GRPOTrainer, "_prepare_inputs")
    clock.wrap("update", torch.optim.AdamW, "step")
    clock.wrap("evaluation", Evaluator, "scores")
    clock.wrap("saving", Trainer, "_save_checkpoint")
    clock.wrap("saving", PreTrainedModel, "save_pretrained")
    clock.wrap("saving", Trainer, "save_model")


def watch_ours(clock: Clock) -> None:
    """Wrap what only our trainer does."""
    from rlvr_backend.contract import TrialFolder
    from rlvr_backend.training import run_data, trainer
    from rlvr_backend.training.checkpoints import Checkpoints
    from rlvr_backend.training.drawn_examples import DrawnExamples
    from rlvr_backend.training.grpo import MixtureTrainer

    clock.wrap("model", trainer, "load_policy")
    clock.wrap("data", run_data, "load_rows")
    clock.wrap("data", DrawnExamples, "row")
    clock.wrap("rewards", MixtureTrainer, "_calculate_rewards")
    clock.wrap("saving", Checkpoints, "seal")
    clock.wrap("saving", trainer, "remove_checkpoints")
    clock.wrap("events", TrialFolder, "append_event")
    clock.wrap("finishing", TrialFolder, "write_result")


def watch_bare(clock: Clock) -> None:
    """Wrap what the bare script imports when it runs."""
    import datasets

    from rlvr_backend.models import load

    clock.wrap("model", load, "load_policy")
    clock.wrap("data", datasets, "load_from_disk")

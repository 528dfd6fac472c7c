"""Trainer callback that evaluates, writes progress events and saves checkpoints during a run."""

import time
from collections.abc import Callable

from accelerate import PartialState
from transformers import TrainerCallback

from rlvr_backend.contract import Request, TrialFolder
from rlvr_backend.training.checkpoints import Checkpoints
from rlvr_backend.training.drawn_examples import DrawnExamples
from rlvr_backend.training.grpo import DOMAIN


class ProgressCallback(TrainerCallback):
    """Evaluate at the requested steps and at the end, write events, save checkpoints, and stop at the plan's end.

    Args:
        request: The trial's request.
        examples: The examples of the run.
        scores: Evaluates the current model on all tests. All processes call it at once.
        samples: Returns a few answers of the last evaluation, for people to read.
        folder: The trial's folder.
        checkpoints: The trial's checkpoints.
        save_every: Updates between checkpoints. One more is saved after each evaluation but the last.
        keep_last: Whether the last update is saved too, so that another trial can continue from it.

    Attributes:
        evaluations: Step -> test -> score.
    """

    def __init__(
        self,
        request: Request,
        examples: DrawnExamples,
        scores: Callable[[], dict[str, float]],
        samples: Callable[[], list[dict]],
        folder: TrialFolder,
        checkpoints: Checkpoints,
        save_every: int,
        keep_last: bool,
    ):
        self._request, self._examples = request, examples
        self._scores, self._samples, self._folder, self._checkpoints = scores, samples, folder, checkpoints
        self._save_every, self._keep_last = save_every, keep_last
        self.evaluations: dict[int, dict[str, float]] = {}
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """Time spent on the run, including before it was killed (up to its last checkpoint)."""
        return time.monotonic() - self._started

    def restore(self, state: dict) -> None:
        """Continue from the state that was saved with a checkpoint."""
        self.evaluations = {int(step): scores for step, scores in state["evaluations"].items()}
        self._examples.restore(state["drawn"])
        self._started -= state["seconds"]

    def on_log(self, args, state, control, logs=None, **_):
        """Write a progress event with the figures of every domain."""
        if "reward" not in (logs or {}) or not state.is_world_process_zero:
            return
        domains = {}
        for name, drawn in zip(self._request.domains, self._examples.counts, strict=True):
            prefix = f"{DOMAIN}/{name}/"
            figures = {key.removeprefix(prefix): value for key, value in logs.items() if key.startswith(prefix)}
            domains[name] = {"drawn": drawn} | figures
        last = self._request.steps[-1]
        self._folder.append_event("progress", step=state.global_step, of=last, reward=logs["reward"], domains=domains)

    def on_step_end(self, args, state, control, **_):
        """Evaluate if this step asks for it, and decide whether to save and stop."""
        step, last = state.global_step, state.global_step >= self._examples.plan.steps
        evaluates = last or step in self._request.steps
        if evaluates:
            self.evaluations[step] = self._scores()
            if state.is_world_process_zero:
                scores = self.evaluations[step]
                self._folder.append_event("evaluation", step=step, scores=scores, samples=self._samples())
        control.should_save = self._keep_last if last else evaluates or step % self._save_every == 0
        control.should_training_stop = control.should_training_stop or last

    def on_save(self, args, state, control, **_):
        """Complete the checkpoint that the Hugging Face trainer has just written."""
        PartialState().wait_for_everyone()  # each process saves random states of its own
        if state.is_world_process_zero:
            saved = {"evaluations": self.evaluations, "drawn": self._examples.state(), "seconds": self.seconds}
            self._checkpoints.seal(state.global_step, saved)

    def evaluations_at(self, steps: list[int]) -> list[dict]:
        """Return one entry per step. If the data ran out before a step, the last scores are carried and marked so."""
        done = sorted(self.evaluations)
        entries = []
        for step in steps:
            source = step if step in self.evaluations else done[-1]
            entries.append({"step": step, "scores": self.evaluations[source], "carried": source != step})
        return entries

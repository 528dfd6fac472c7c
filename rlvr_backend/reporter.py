"""What a run tells and keeps on its way: events, scores at the asked steps, sealed checkpoints."""

import time
from collections.abc import Callable

from accelerate import PartialState
from transformers import TrainerCallback

from rlvr_backend.checkpoints import Checkpoints
from rlvr_backend.contract import Request, TrialFolder
from rlvr_backend.drawn import Drawn
from rlvr_backend.grpo import DOMAIN


class Reporter(TrainerCallback):
    """Stops at the plan's end, evaluates at the asked steps and at the end, writes events, and has checkpoints saved.

    Args:
        scores: evaluates all tests by the model as it is; called by all processes at once.
        samples: a few answers of that evaluation, for people to read.
        save_every: updates between checkpoints; one more is saved after each evaluation but the last.
        keep_last: whether the last update is saved too, for another trial to go on from.
    """

    def __init__(
        self,
        request: Request,
        drawn: Drawn,
        scores: Callable[[], dict[str, float]],
        samples: Callable[[], list[dict]],
        folder: TrialFolder,
        checkpoints: Checkpoints,
        save_every: int,
        keep_last: bool,
    ):
        self._request, self._drawn = request, drawn
        self._scores, self._samples, self._folder, self._checkpoints = scores, samples, folder, checkpoints
        self._save_every, self._keep_last = save_every, keep_last
        self.evaluations: dict[int, dict[str, float]] = {}
        self._started = time.monotonic()

    @property
    def seconds(self) -> float:
        """Spent on the run so far, also before it was killed (but for what came after its last checkpoint)."""
        return time.monotonic() - self._started

    def restore(self, state: dict) -> None:
        """Continue from what was sealed with a checkpoint."""
        self.evaluations = {int(step): scores for step, scores in state["evaluations"].items()}
        self._drawn.restore(state["drawn"])
        self._started -= state["seconds"]

    def on_log(self, args, state, control, logs=None, **_):
        if "reward" not in (logs or {}) or not state.is_world_process_zero:
            return
        domains = {}
        for name, drawn in zip(self._request.domains, self._drawn.counts, strict=True):
            own = f"{DOMAIN}/{name}/"
            figures = {key.removeprefix(own): value for key, value in logs.items() if key.startswith(own)}
            domains[name] = {"drawn": drawn} | figures
        step = state.global_step
        self._folder.event("progress", step=step, of=self._request.steps[-1], reward=logs["reward"], domains=domains)

    def on_step_end(self, args, state, control, **_):
        step, last = state.global_step, state.global_step >= self._drawn.plan.steps
        evaluates = last or step in self._request.steps
        if evaluates:
            self.evaluations[step] = self._scores()
            if state.is_world_process_zero:
                self._folder.event("evaluation", step=step, scores=self.evaluations[step], samples=self._samples())
        control.should_save = self._keep_last if last else evaluates or step % self._save_every == 0
        control.should_training_stop = control.should_training_stop or last

    def on_save(self, args, state, control, **_):
        PartialState().wait_for_everyone()  # each process saves random states of its own
        if state.is_world_process_zero:
            sealed = {"evaluations": self.evaluations, "drawn": self._drawn.state(), "seconds": self.seconds}
            self._checkpoints.seal(state.global_step, sealed)

    def at(self, steps: list[int]) -> list[dict]:
        """One entry a step; where the data ran out before it the last scores are carried, and marked so."""
        done = sorted(self.evaluations)
        entries = []
        for step in steps:
            source = step if step in self.evaluations else done[-1]
            entries.append({"step": step, "scores": self.evaluations[source], "carried": source != step})
        return entries

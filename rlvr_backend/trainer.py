"""One trial: TRL's GRPOTrainer with our draws, rewards and evaluations, and nothing more.

accelerate launch -m rlvr_backend train TRIAL/request.json
"""

import os
import time
from collections.abc import Iterator

import numpy as np
from datasets import Dataset, concatenate_datasets
from torch.utils.data import Sampler
from transformers import TrainerCallback
from trl import GRPOTrainer

from rlvr_backend.config import grpo_config
from rlvr_backend.contract import Request, TrialFolder
from rlvr_backend.datasets import load_rows
from rlvr_backend.draws import DrawPlan, plan_draws
from rlvr_backend.evaluate import Evaluator
from rlvr_backend.models import resolve
from rlvr_backend.options import Options
from rlvr_backend.policy import load_policy
from rlvr_backend.rewards import REWARD_FUNCTIONS


class PlannedSampler(Sampler[int]):
    """Yields the plan's rows in TRL's order: each prompt once a generation, each generation batch once an inner step.

    `rows` holds one list of dataset rows an update.
    """

    def __init__(self, rows: list[list[int]], generations: int, repeats: int):
        self._rows, self._generations, self._repeats = rows, generations, repeats

    def __iter__(self) -> Iterator[int]:
        for update in self._rows:
            for _ in range(self._repeats):
                for row in update:
                    yield from [row] * self._generations

    def __len__(self) -> int:
        return sum(map(len, self._rows)) * self._generations * self._repeats


class MixtureTrainer(GRPOTrainer):
    """GRPOTrainer that takes its prompts from a draw plan."""

    def __init__(self, *args, rows: list[list[int]], **kwargs):
        self._planned_rows = rows
        super().__init__(*args, **kwargs)

    def _get_train_sampler(self, dataset: Dataset | None = None) -> Sampler[int]:
        return PlannedSampler(
            self._planned_rows, self.num_generations, self.num_iterations * self.args.steps_per_generation
        )


class Reporter(TrainerCallback):
    """Stops at the plan's end, evaluates at the asked steps and at the end, and writes events."""

    def __init__(self, request: Request, plan: DrawPlan, evaluator: Evaluator, folder: TrialFolder):
        self._request, self._plan, self._evaluator, self._folder = request, plan, evaluator, folder
        self.evaluations: dict[int, dict[str, float]] = {}

    def on_log(self, args, state, control, logs=None, **_):
        if "reward" in (logs or {}) and state.is_world_process_zero:
            self._folder.event("progress", step=state.global_step, of=self._request.steps[-1], reward=logs["reward"])

    def on_step_end(self, args, state, control, model=None, **_):
        step, last = state.global_step, state.global_step >= self._plan.steps
        if (last or step in self._request.steps) and state.is_world_process_zero:
            self.evaluations[step] = self._evaluator.scores(model)
            self._folder.event("evaluation", step=step, scores=self.evaluations[step])
        control.should_training_stop = control.should_training_stop or last

    def at(self, steps: list[int]) -> list[dict]:
        """One entry a step; where the data ran out before it the last scores are carried, and marked so."""
        done = sorted(self.evaluations)
        entries = []
        for step in steps:
            source = step if step in self.evaluations else done[-1]
            entries.append({"step": step, "scores": self.evaluations[source], "carried": source != step})
        return entries


def train(request: Request, folder: TrialFolder) -> None:
    """Run one trial to its end and write `result.json`."""
    started = time.monotonic()
    options = Options.of(request.options)
    names, steps = list(request.domains), request.steps[-1]
    whole = plan_draws(
        [request.weights[name] for name in names],
        list(request.domains.values()),
        steps,
        options.prompts,
        request.train_seed,
    )
    ended = request.until is not None and request.until < whole.steps  # by request: of later steps nothing is known
    plan = DrawPlan(whole.domains[: request.until], whole.examples[: request.until], ()) if ended else whole
    if plan.steps == 0:
        raise ValueError("no update can be filled: every domain of the mixture has fewer examples than one step needs")
    model, processor = load_policy(resolve(options.model))
    tests = {name: load_rows(name, "test", size) for name, size in request.tests.items()}
    evaluator = Evaluator(tests, processor, options.completion_length)
    reporter = Reporter(request, plan, evaluator, folder)
    trainer = MixtureTrainer(
        model=model,
        reward_funcs=list(REWARD_FUNCTIONS),
        args=grpo_config(options, folder.checkpoints, steps, request.train_seed, _devices()),
        train_dataset=_drawn_rows(plan, request.domains),
        processing_class=processor,
        callbacks=[reporter],
        rows=_row_numbers(plan),
    )
    trainer.train()
    if options.keep_checkpoints == "last":
        trainer.save_model(str(folder.checkpoints / f"step-{plan.steps}"))
    if trainer.accelerator.is_main_process:
        folder.finish(
            {
                "evaluations": reporter.at([step for step in request.steps if not ended or step <= plan.steps]),
                "steps": plan.steps,
                "stopped": "until" if ended else "finished" if plan.steps == steps else "exhausted",
                "exhausted": [names[i] for i in plan.exhausted],
                "draws": dict(zip(names, plan.counts(len(names)), strict=True)),
                "seconds": time.monotonic() - started,
            }
        )


def _devices() -> int:
    """Processes of this run, as accelerate's launcher says them: the process group is not up yet."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def _drawn_rows(plan: DrawPlan, sizes: dict[str, int]) -> Dataset:
    """The examples that the plan draws, domain by domain and in the order of their draws."""
    drawn = [
        (name, size, plan.examples[plan.domains == domain].tolist())
        for domain, (name, size) in enumerate(sizes.items())
    ]
    return concatenate_datasets([load_rows(name, "train", size, wanted) for name, size, wanted in drawn if wanted])


def _row_numbers(plan: DrawPlan) -> list[list[int]]:
    """Where in `_drawn_rows` each draw of an update stands: (steps, prompts)."""
    by_domain = np.argsort(plan.domains.ravel(), kind="stable")
    return np.argsort(by_domain).reshape(plan.domains.shape).tolist()

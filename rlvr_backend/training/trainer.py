"""Train one trial with GRPO: set up, train, finish.

accelerate launch -m rlvr_backend train TRIAL/request.json

Run it again after it was killed: it continues from its last checkpoint and ends with the same scores and weights.
"""

from dataclasses import dataclass
from functools import partial

from accelerate import PartialState

from rlvr_backend.contract import BASE, Request, TrialFolder
from rlvr_backend.datasets import check_apart, check_rewards
from rlvr_backend.generation.vllm_server import VllmServer, server_for
from rlvr_backend.library_errors import training_in
from rlvr_backend.models.embedded import resolve
from rlvr_backend.models.load import load_policy
from rlvr_backend.options import Options
from rlvr_backend.training.base_scores import score_base_model
from rlvr_backend.training.checkpoints import Checkpoint, Checkpoints, remove_checkpoints
from rlvr_backend.training.components import build_evaluator, build_trainer, configure, process_count, rewards_for
from rlvr_backend.training.draw_plan import DrawPlan
from rlvr_backend.training.drawn_examples import DrawnExamples
from rlvr_backend.training.folder_lock import only_trainer_in
from rlvr_backend.training.grpo import MixtureTrainer
from rlvr_backend.training.progress import ProgressCallback
from rlvr_backend.training.run_data import load_drawn_examples, load_tests, plan_run, with_usable_sizes
from rlvr_backend.training.trl_config import log_below


def train(request: Request, folder: TrialFolder) -> None:
    """Run one trial to its end, from its last checkpoint if it has one, and write `result.json`.

    A trial that has its result is left as it is.

    Raises:
        RequestError: The request cannot be carried out.
        RunFailed: Something outside the request stopped the run.
    """
    options = Options.of(request.options)
    with only_trainer_in(folder.path), training_in(folder.path):
        if folder.result:
            _clean_up(folder, options)
            return
        model_name = resolve(options.model)
        if request.until == BASE:
            score_base_model(request, options, model_name, folder)
            return
        with server_for(options, model_name, process_count(), folder.path) as server:
            run = set_up(request, options, model_name, server, folder)
            run.train()
            run.finish()


@dataclass(frozen=True)
class Run:
    """A run that is ready to train.

    Attributes:
        request: The request, with the sizes that can be used.
        options: Its options.
        folder: The trial's folder.
        plan: The draws up to where the run ends.
        ends_early: Whether `until` ends the run before its data or its last step does.
        start: The checkpoint from which it continues, if any.
        examples: The training examples.
        trainer: TRL's trainer.
        progress: The trainer's callback, which evaluates and saves.
    """

    request: Request
    options: Options
    folder: TrialFolder
    plan: DrawPlan
    ends_early: bool
    start: Checkpoint | None
    examples: DrawnExamples
    trainer: MixtureTrainer
    progress: ProgressCallback

    def train(self) -> None:
        """Train to the end of the plan. All processes call it at once."""
        if self.start and self.start.step == self.plan.steps:  # it was killed between its last update and its result
            self.trainer.load_weights(self.start.path)
        else:
            self.trainer.train(resume_from_checkpoint=str(self.start.path) if self.start else None)

    def finish(self) -> None:
        """Save the model, write `result.json` and remove checkpoints that are not needed any more."""
        if self.options.keep_checkpoints == "last":
            self.trainer.save_model(str(self.folder.checkpoints / f"step-{self.plan.steps}"))
        if self.trainer.accelerator.is_main_process:
            self.folder.write_result(self._result())
            _clean_up(self.folder, self.options)

    def _result(self) -> dict:
        names, steps = list(self.request.domains), self.request.steps
        finished = "finished" if self.plan.steps == steps[-1] else "exhausted"
        reached = [step for step in steps if not self.ends_early or step <= self.plan.steps]
        return {
            "evaluations": self.progress.evaluations_at(reached),
            "steps": self.plan.steps,
            "stopped": "until" if self.ends_early else finished,
            "exhausted": [names[domain] for domain in self.plan.exhausted],
            "draws": dict(zip(names, self.examples.counts, strict=True)),
            "weights": self.request.weights,
            "seconds": self.progress.seconds,
        }


def set_up(request: Request, options: Options, model_name: str, server: VllmServer | None, folder: TrialFolder) -> Run:
    """Check the request, load data and model, and build the trainer."""
    check_apart(request.domains, request.tests, options.data)
    check_rewards(options.rewards, request.domains, options.data)
    request = with_usable_sizes(request, options)
    whole = plan_run(request, options)
    ends_early = request.until is not None and request.until < whole.steps
    plan = whole.until(request.until) if ends_early else whole
    checkpoints = Checkpoints(folder.checkpoints, request, model_name, process_count())
    start = checkpoints.starting_point(folder.path, request, plan.steps)
    log_below(folder.path)
    config = configure(options, request, folder, server)
    _start_events(folder, start)
    tests = load_tests(request, options)
    examples = load_drawn_examples(plan, request, options)
    model, processor = load_policy(model_name)  # after the data, which may be bad
    rewards = rewards_for(options, model_name, processor)
    evaluator = build_evaluator(tests, processor, rewards, request, options, folder)
    trainer = build_trainer(
        model, processor, config, options, rewards, list(request.domains), examples, updates=whole.steps
    )
    progress = ProgressCallback(
        request,
        examples,
        scores=partial(trainer.scores, evaluator),
        samples=lambda: evaluator.samples,
        folder=folder,
        checkpoints=checkpoints,
        save_every=options.save_every,
        keep_last=ends_early and options.keep_checkpoints == "last",
    )
    trainer.add_callback(progress)
    if start:
        progress.restore(start.state)
    return Run(request, options, folder, plan, ends_early, start, examples, trainer, progress)


def _start_events(folder: TrialFolder, start: Checkpoint | None) -> None:
    """Remove the events after the checkpoint, and add one that the run continues from it."""
    if PartialState().is_main_process:
        folder.keep_events_until(start.step if start else 0)
        if start:
            folder.append_event("resumed", step=start.step)


def _clean_up(folder: TrialFolder, options: Options) -> None:
    """Remove the checkpoints of a finished trial, except those from which another trial may continue."""
    if folder.result["stopped"] != "until" or options.keep_checkpoints == "none":
        remove_checkpoints(folder.checkpoints)

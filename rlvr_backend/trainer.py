"""One trial: TRL's GRPOTrainer with our draws, rewards and evaluations, and nothing more.

accelerate launch -m rlvr_backend train TRIAL/request.json

Run again after it was killed, it goes on from its last checkpoint and ends with the same scores and weights.
"""

import logging
import os
import time
from dataclasses import replace
from functools import partial

import numpy as np
from accelerate import PartialState
from datasets import Dataset
from trl import GRPOConfig

from rlvr_backend.advantage_weights import weighing
from rlvr_backend.checkpoints import Checkpoints, remove_checkpoints
from rlvr_backend.config import grpo_config, lora_config, report_into
from rlvr_backend.contract import BASE, Request, RequestError, TrialFolder
from rlvr_backend.datasets import check_apart, check_rewards, load_rows, usable_sizes
from rlvr_backend.drawn import Drawn
from rlvr_backend.draws import DrawPlan, plan_draws
from rlvr_backend.evaluate import Evaluator
from rlvr_backend.failures import joining_processes, training_in
from rlvr_backend.grpo import MixtureTrainer
from rlvr_backend.lmms_eval import WithLmmsEval
from rlvr_backend.lock import only_trainer_in
from rlvr_backend.models import resolve
from rlvr_backend.options import TRANSFORMERS, UNIFORM, Options
from rlvr_backend.policy import load_policy
from rlvr_backend.reporter import Reporter
from rlvr_backend.rewards import REWARD_FUNCTIONS, REWARDS, bmas_of_tokens, bmas_with
from rlvr_backend.rewards.bmas import POLICY
from rlvr_backend.selection import selector_named
from rlvr_backend.vllm_server import VllmServer, server_for

logger = logging.getLogger(__name__)


def train(request: Request, folder: TrialFolder) -> None:
    """Run one trial to its end, from its last checkpoint if it has one, and write `result.json`.

    A trial that has its result is left as it is.
    """
    options = Options.of(request.options)
    with only_trainer_in(folder.path), training_in(folder.path):
        if result := folder.result:
            if result["stopped"] != "until" or options.keep_checkpoints == "none":
                remove_checkpoints(folder.checkpoints)  # it died before it did so itself
            return
        base = resolve(options.model)
        if request.until == BASE:
            return _score_base(request, options, base, folder)
        with server_for(options, base, _devices(), folder.path) as server:
            _train(request, options, base, server, folder)


def _score_base(request: Request, options: Options, base: str, folder: TrialFolder) -> None:
    """Score the tests by the base model, as a trial does after its updates, and write `result.json`.

    No training data is read, and nothing that only training needs is started: no vLLM, no reference model, no reports.
    """
    started = time.monotonic()
    check_apart(request.domains, request.tests, options.data)
    options = replace(options, generation=TRANSFORMERS, kl=0.0, report_to=[])
    with joining_processes():
        arguments = grpo_config(options, folder.checkpoints, request.steps[-1], request.train_seed, _devices())
    _set_up_processes(arguments)
    if PartialState().is_main_process:
        folder.begin_events(after=-1)
    names = list(request.domains)
    tests = _tests(_usable(request.model_copy(update={"domains": {}}), options), options)  # no domain is read
    model, processor = load_policy(base)
    _set_up_rewards(options, base, processor)
    evaluator = _evaluator(tests, processor, request, options, folder)
    one_update = np.zeros((1, options.prompts), int)
    trainer = _trainer(
        model,
        processor,
        arguments,
        options,
        names,
        Drawn(DrawPlan(one_update, one_update, ()), [None] * len(names), [None] * len(names)),
        updates=1,
    )
    scores = trainer.scores_untrained(evaluator)
    if trainer.accelerator.is_main_process:
        folder.event("evaluation", step=BASE, scores=scores, samples=evaluator.samples)
        folder.finish(
            {
                "evaluations": [{"step": BASE, "scores": scores, "carried": False}],
                "steps": BASE,
                "stopped": "until",
                "exhausted": [],
                "draws": dict.fromkeys(names, 0),
                "weights": request.weights,
                "seconds": time.monotonic() - started,
            }
        )


def _train(request: Request, options: Options, base: str, server: VllmServer | None, folder: TrialFolder) -> None:
    check_apart(request.domains, request.tests, options.data)
    check_rewards(options.rewards, request.domains, options.data)
    request = _usable(request, options)
    names, steps = list(request.domains), request.steps[-1]
    whole = _planned(request, options)
    ended = request.until is not None and request.until < whole.steps  # by request: of later steps nothing is known
    plan = whole.until(request.until) if ended else whole
    if plan.steps == 0:
        raise RequestError(
            f"no update of {options.prompts} prompts can be filled: a domain of the mixture has no examples, or all of "
            "them together too few; give it more, or weight 0"
        )
    checkpoints = Checkpoints(folder.checkpoints, request, base, _devices())
    found = checkpoints.starting_point(folder.path, request, plan.steps)
    with joining_processes():
        arguments = grpo_config(options, folder.checkpoints, steps, request.train_seed, _devices(), server)
    report_into(folder.path)
    _set_up_processes(arguments)  # by which the evaluator shares the tests' rows
    if PartialState().is_main_process:
        folder.begin_events(after=found.step if found else 0)
        if found:
            folder.event("resumed", step=found.step)
    tests = _tests(request, options)
    drawn = _drawn(plan, request, options)
    model, processor = load_policy(base)  # after the data, which may be bad
    _set_up_rewards(options, base, processor)
    keep_last = ended and options.keep_checkpoints == "last"
    evaluator = _evaluator(tests, processor, request, options, folder)
    trainer = _trainer(model, processor, arguments, options, names, drawn, updates=whole.steps)
    scores = partial(trainer.scores, evaluator)
    reporter = Reporter(
        request, drawn, scores, lambda: evaluator.samples, folder, checkpoints, options.save_every, keep_last
    )
    trainer.add_callback(reporter)
    if found:
        reporter.restore(found.state)
    if found and found.step == plan.steps:  # it died between its last update and its result
        trainer.load_weights(found.path)
    else:
        trainer.train(resume_from_checkpoint=str(found.path) if found else None)
    if options.keep_checkpoints == "last":
        trainer.save_model(str(folder.checkpoints / f"step-{plan.steps}"))
    if trainer.accelerator.is_main_process:
        folder.finish(
            {
                "evaluations": reporter.at([step for step in request.steps if not ended or step <= plan.steps]),
                "steps": plan.steps,
                "stopped": "until" if ended else "finished" if plan.steps == steps else "exhausted",
                "exhausted": [names[i] for i in plan.exhausted],
                "draws": dict(zip(names, drawn.counts, strict=True)),
                "weights": request.weights,
                "seconds": reporter.seconds,
            }
        )
        if not keep_last:
            remove_checkpoints(folder.checkpoints)


def _tests(request: Request, options: Options) -> dict[str, Dataset]:
    """The rows of the tests that are ours to score."""
    return {
        name: load_rows(name, "test", size, sources=options.data, scorer=options.scorer, suffix=options.suffix)
        for name, size in options.left_to_us(request.tests).items()
    }


def _set_up_rewards(options: Options, base: str, processor) -> None:
    """Give the reward bmas its encoder, which may be the base model's own embeddings."""
    by_tokens = options.encoder == POLICY
    REWARDS["bmas"] = bmas_of_tokens(base, processor.tokenizer) if by_tokens else bmas_with(options.encoder)


def _trainer(
    model, processor, arguments: GRPOConfig, options: Options, domains: list[str], drawn: Drawn, updates: int
) -> MixtureTrainer:
    """TRL's trainer of the drawn examples, on a run of so many updates."""
    return MixtureTrainer(
        model=model,
        reward_funcs=list(REWARD_FUNCTIONS),
        args=arguments,
        processing_class=processor,
        peft_config=lora_config(options.lora),
        drawn=drawn,
        domains=domains,
        weigh=weighing(options.advantage_weights, updates),
    )


def _devices() -> int:
    """Processes of this run, as accelerate's launcher says them: the process group is not up yet."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def _set_up_processes(arguments: GRPOConfig) -> None:
    """transformers does it when the arguments are first asked for their device; a process has one GPU at most."""
    _ = arguments.device
    arguments._n_gpu = min(arguments.n_gpu, 1)


def _usable(request: Request, options: Options) -> Request:
    """The request with the sizes of those rows that can be used, of the domains that are part of the mixture."""
    drawn = {name: size for name, size in request.domains.items() if request.weights[name] > 0}
    ours = options.left_to_us(request.tests)
    domains, of_domains = usable_sizes(drawn, "train", options.data)
    tests, of_tests = usable_sizes(ours, "test", options.data)
    if os.environ.get("RANK", "0") == "0":  # the first of the processes speaks for all
        for warning in (*of_domains, *of_tests):
            logger.warning(warning)
    return request.model_copy(update={"domains": request.domains | domains, "tests": request.tests | tests})


def _planned(request: Request, options: Options) -> DrawPlan:
    """The draws of the whole run; with example selection no domain runs out."""
    return plan_draws(
        [request.weights[name] for name in request.domains],
        list(request.domains.values()),
        request.steps[-1],
        options.prompts,
        request.train_seed,
        options.on_exhaustion if options.selection == UNIFORM else "repeat",
    )


def _evaluator(
    tests: dict[str, Dataset], processor, request: Request, options: Options, folder: TrialFolder
) -> Evaluator | WithLmmsEval:
    """Of the tests that are ours, and by lmms-eval of those that the options leave to it."""
    batch = options.evaluation_batch
    ours = Evaluator(tests, processor, options.completion_length, batch)
    if not options.lmms_eval:
        return ours
    return WithLmmsEval(ours, processor, options.lmms_eval, request.tests, batch, folder.path / "lmms-eval")


def _drawn(plan: DrawPlan, request: Request, options: Options) -> Drawn:
    """The plan with its data: the examples that it draws, or whole domains where selectors choose."""
    data: list[Dataset | None] = []
    selectors = []
    examples = plan.examples.copy()
    for domain, (name, size) in enumerate(request.domains.items()):
        places = plan.domains == domain
        if options.selection == UNIFORM or not places.any():
            wanted, rows = np.unique(plan.examples[places], return_inverse=True)
            examples[places] = rows
            selectors.append(None)
        else:
            wanted = np.arange(size)
            selectors.append(selector_named(options.selection, size, request.train_seed, domain))
        data.append(_examples(name, size, wanted.tolist(), options) if len(wanted) else None)
    return Drawn(DrawPlan(plan.domains, examples, plan.exhausted), data, selectors)


def _examples(name: str, size: int, wanted: list[int], options: Options) -> Dataset:
    """The examples of a domain that are wanted."""
    how = {"sources": options.data, "scorer": options.scorer, "suffix": options.suffix}
    return load_rows(name, "train", size, wanted, reward=options.rewards.get(name), **how)

"""Scores of the base model before any training (`until: 0`)."""

import time

import numpy as np
from accelerate import PartialState

from rlvr_backend.contract import BASE, Request, TrialFolder
from rlvr_backend.datasets import check_apart
from rlvr_backend.models.load import load_policy
from rlvr_backend.options import TRANSFORMERS, Options
from rlvr_backend.training.components import build_evaluator, build_trainer, configure, rewards_for
from rlvr_backend.training.draw_plan import DrawPlan
from rlvr_backend.training.drawn_examples import DrawnExamples
from rlvr_backend.training.run_data import load_tests, with_usable_sizes


def score_base_model(request: Request, options: Options, model_name: str, folder: TrialFolder) -> None:
    """Score the tests with the base model, in the same way as a trial does, and write `result.json`.

    No training data is read, and nothing that only training needs is started: no vLLM, no reference model, no trackers.
    """
    started = time.monotonic()
    check_apart(request.domains, request.tests, options.data)
    options = options.model_copy(update={"generation": TRANSFORMERS, "kl": 0.0, "report_to": []})
    config = configure(options, request, folder)
    if PartialState().is_main_process:
        folder.keep_events_until(-1)
    names = list(request.domains)
    tests = load_tests(with_usable_sizes(request.model_copy(update={"domains": {}}), options), options)
    model, processor = load_policy(model_name)
    rewards = rewards_for(options, model_name, processor)
    evaluator = build_evaluator(tests, processor, rewards, request, options, folder)
    trainer = build_trainer(
        model, processor, config, options, rewards, names, _no_examples(options.prompts, len(names)), updates=1
    )
    scores = trainer.scores_untrained(evaluator)
    if trainer.accelerator.is_main_process:
        folder.append_event("evaluation", step=BASE, scores=scores, samples=evaluator.samples)
        folder.write_result(
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


def _no_examples(prompts: int, domains: int) -> DrawnExamples:
    """A plan of one update without data, since TRL's trainer needs a dataset."""
    one_update = np.zeros((1, prompts), int)
    return DrawnExamples(DrawPlan(one_update, one_update, ()), [None] * domains, [None] * domains)

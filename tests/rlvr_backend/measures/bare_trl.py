"""A trial as one would write it with TRL alone: GRPOTrainer on one concatenated dataset, evaluated on the way.

accelerate launch tests/rlvr_backend/measures/bare_trl.py TRIAL/request.json DATA

The model, the configuration, the reward functions and the evaluator are the trainer's own, so that what differs is what
it adds: its draws, rows looked up by their number, figures by domain, events, checkpoints. DATA is what
shapes_trial.py writes. The weights are left in TRIAL/checkpoints/step-N, the scores in TRIAL/result.json, as ours are.
"""

import argparse
import json
from pathlib import Path


def main() -> None:
    import torch
    from datasets import load_from_disk
    from transformers import TrainerCallback
    from trl import GRPOTrainer

    from rlvr_backend.contract import Request
    from rlvr_backend.evaluation.evaluator import Evaluator
    from rlvr_backend.models.embedded import resolve
    from rlvr_backend.models.load import load_policy
    from rlvr_backend.options import Options
    from rlvr_backend.rewards import reward_functions
    from rlvr_backend.training.trl_config import grpo_config

    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("request", type=Path, help="the trial's request.json")
    parser.add_argument("data", type=Path, help="its examples in the order of the draws, and its tests")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    request, folder = Request.read(arguments.request), arguments.request.parent
    options, steps = Options.of(request.options), request.steps[-1]
    config = grpo_config(options, folder / "checkpoints", steps, request.train_seed, devices=1)
    config.shuffle_dataset = False
    model, processor = load_policy(resolve(options.model))
    tests = {name: load_from_disk(arguments.data / name) for name in request.tests}
    evaluator = Evaluator(tests, processor, options.completion_length, options.evaluation_batch)
    evaluations = []

    class Evaluate(TrainerCallback):
        def on_step_end(self, args, state, control, model=None, **_):
            if state.global_step in request.steps:
                evaluations.append({"step": state.global_step, "scores": evaluator.scores(model)})

    trainer = GRPOTrainer(
        model=model,
        reward_funcs=reward_functions(),
        args=config,
        train_dataset=load_from_disk(arguments.data / "train"),
        processing_class=processor,
        callbacks=[Evaluate()],
    )
    trainer.train()
    trainer.save_model(str(folder / "checkpoints" / f"step-{steps}"))
    (folder / "result.json").write_text(json.dumps({"evaluations": evaluations}))


if __name__ == "__main__":
    main()

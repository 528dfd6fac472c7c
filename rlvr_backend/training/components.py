"""Build the parts that training and the scoring of the base model share: rewards, evaluator and TRL's trainer."""

import os
from collections.abc import Mapping

from datasets import Dataset
from trl import GRPOConfig

from rlvr_backend.contract import Request, TrialFolder
from rlvr_backend.evaluation.evaluator import Evaluator
from rlvr_backend.evaluation.lmms_eval import LmmsEvalEvaluator
from rlvr_backend.generation.vllm_server import VllmServer
from rlvr_backend.library_errors import joining_processes
from rlvr_backend.options import Options
from rlvr_backend.rewards import REWARDS, Reward, bmas_of_tokens, bmas_with, reward_functions
from rlvr_backend.rewards.bmas import POLICY
from rlvr_backend.training.advantage_weights import advantage_weight_function
from rlvr_backend.training.drawn_examples import DrawnExamples
from rlvr_backend.training.grpo import MixtureTrainer
from rlvr_backend.training.trl_config import grpo_config, lora_config


def process_count() -> int:
    """Return the number of processes of this run, as the launcher says: the process group does not exist yet."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def configure(options: Options, request: Request, folder: TrialFolder, server: VllmServer | None = None) -> GRPOConfig:
    """Return TRL's configuration of the run, with this process joined to the others."""
    with joining_processes():
        config = grpo_config(
            options, folder.checkpoints, request.steps[-1], request.train_seed, process_count(), server
        )
    _ = config.device  # transformers sets up the process when this is first read
    config._n_gpu = min(config.n_gpu, 1)  # a process uses one GPU at most
    return config


def rewards_for(options: Options, model: str, processor) -> Mapping[str, Reward]:
    """Return the built-in rewards, with bmas using the encoder of the options."""
    if options.encoder == POLICY:
        return {**REWARDS, "bmas": bmas_of_tokens(model, processor.tokenizer)}
    return {**REWARDS, "bmas": bmas_with(options.encoder)}


def build_evaluator(
    tests: dict[str, Dataset],
    processor,
    rewards: Mapping[str, Reward],
    request: Request,
    options: Options,
    folder: TrialFolder,
) -> Evaluator | LmmsEvalEvaluator:
    """Return the evaluator of our tests, and of those that the options leave to lmms-eval."""
    batch = options.evaluation_batch
    ours = Evaluator(tests, processor, options.completion_length, batch, rewards)
    if not options.lmms_eval:
        return ours
    return LmmsEvalEvaluator(ours, processor, options.lmms_eval, request.tests, batch, folder.path / "lmms-eval")


def build_trainer(
    model,
    processor,
    config: GRPOConfig,
    options: Options,
    rewards: Mapping[str, Reward],
    domains: list[str],
    examples: DrawnExamples,
    updates: int,
) -> MixtureTrainer:
    """Return TRL's trainer of the drawn examples, for a run of `updates` updates."""
    return MixtureTrainer(
        model=model,
        reward_funcs=reward_functions(rewards),
        args=config,
        processing_class=processor,
        peft_config=lora_config(options.lora),
        examples=examples,
        domains=domains,
        group_weight=advantage_weight_function(options.advantage_weights, updates),
    )

"""From our options to TRL's GRPOConfig, and to peft's LoraConfig."""

import os
from pathlib import Path
from typing import Any

import torch
from trl import GRPOConfig

from rlvr_backend.nested import Lora
from rlvr_backend.options import COLOCATE, SERVER, Options
from rlvr_backend.policy import VISION
from rlvr_backend.rewards import REWARD_WEIGHTS
from rlvr_backend.vllm_server import VllmServer

REPORTS = {"TENSORBOARD_LOGGING_DIR": "tensorboard", "TRACKIO_DIR": "trackio", "WANDB_DIR": "wandb"}


def grpo_config(
    options: Options, folder: Path, steps: int, seed: int, devices: int, server: VllmServer | None = None
) -> GRPOConfig:
    """TRL's configuration of a run of `steps` updates; the schedule's horizon is the requested length."""
    return GRPOConfig(
        output_dir=str(folder),
        max_steps=steps,
        seed=seed,
        learning_rate=options.learning_rate,
        lr_scheduler_type="linear",
        warmup_steps=options.warmup,
        adam_beta1=0.9,
        adam_beta2=0.999,
        adam_epsilon=1e-8,
        per_device_train_batch_size=options.samples,
        gradient_accumulation_steps=options.accumulation(devices),
        num_generations=options.generations,
        max_completion_length=options.completion_length,
        temperature=options.temperature,
        beta=options.kl,
        loss_type="grpo",
        scale_rewards="group",
        use_bias_correction_kl=False,
        reward_weights=list(REWARD_WEIGHTS),
        bf16=options.dtype == "bfloat16",
        use_cpu=not torch.cuda.is_available(),
        gradient_checkpointing=options.gradient_checkpointing and torch.cuda.is_available(),
        remove_unused_columns=False,
        logging_steps=1,
        save_strategy="no",  # reporter.py says when
        report_to=options.report_to,
        disable_tqdm=True,
        **_generation(options, server),
    )


def _generation(options: Options, server: VllmServer | None) -> dict[str, Any]:
    """TRL's fields for who generates; of the processes only the main one knows the server, and needs to."""
    if options.generation == COLOCATE:
        return {"use_vllm": True, "vllm_mode": "colocate", "vllm_gpu_memory_utilization": options.vllm_memory}
    if options.generation == SERVER:
        ports = {"vllm_server_base_url": server.url, "vllm_group_port": server.group_port} if server else {}
        return {"use_vllm": True, "vllm_mode": "server", **ports}
    return {}


def lora_config(lora: Lora | None):
    """peft's configuration of the adapter: never one of the vision encoder, which is frozen."""
    if lora is None:
        return None
    from peft import LoraConfig  # an extra

    return LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,
        target_modules=lora.targets,
        exclude_modules=rf".*\b{VISION}\b.*",
        task_type="CAUSAL_LM",
    )


def report_into(folder: Path) -> None:
    """Have those named by `report_to` write below a folder; their libraries know it from the environment alone."""
    for variable, name in REPORTS.items():
        os.environ.setdefault(variable, str(folder / name))

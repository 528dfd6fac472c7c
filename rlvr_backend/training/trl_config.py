"""Translate our options into TRL's GRPOConfig and peft's LoraConfig."""

import os
from pathlib import Path
from typing import Any

import torch
from trl import GRPOConfig

from rlvr_backend.generation.vllm_server import VllmServer
from rlvr_backend.models.load import VISION
from rlvr_backend.options import COLOCATE, SERVER, Lora, Options
from rlvr_backend.rewards import REWARD_WEIGHTS

LOG_FOLDERS = {"TENSORBOARD_LOGGING_DIR": "tensorboard", "TRACKIO_DIR": "trackio", "WANDB_DIR": "wandb"}


def grpo_config(
    options: Options, folder: Path, steps: int, seed: int, devices: int, server: VllmServer | None = None
) -> GRPOConfig:
    """Return TRL's configuration of a run.

    Args:
        options: Our options.
        folder: Where checkpoints are written.
        steps: Number of updates, which is also the horizon of the learning rate schedule.
        seed: Seed of sampling and of everything else random in training.
        devices: Number of processes.
        server: The vLLM server of the run, if it has one.
    """
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
        save_strategy="no",  # progress.py decides when to save
        report_to=options.report_to,
        disable_tqdm=True,
        **_generation(options, server),
    )


def _generation(options: Options, server: VllmServer | None) -> dict[str, Any]:
    """TRL's fields for generation. Only the main process knows the server, and only it needs to."""
    if options.generation == COLOCATE:
        return {"use_vllm": True, "vllm_mode": "colocate", "vllm_gpu_memory_utilization": options.vllm_memory}
    if options.generation == SERVER:
        ports = {"vllm_server_base_url": server.url, "vllm_group_port": server.group_port} if server else {}
        return {"use_vllm": True, "vllm_mode": "server", **ports}
    return {}


def lora_config(lora: Lora | None):
    """Return peft's configuration of the adapter, or None. The vision encoder is frozen and gets no adapter."""
    if lora is None:
        return None
    from peft import LoraConfig  # an optional package

    return LoraConfig(
        r=lora.rank,
        lora_alpha=lora.alpha,
        target_modules=lora.targets,
        exclude_modules=rf".*\b{VISION}\b.*",
        task_type="CAUSAL_LM",
    )


def log_below(folder: Path) -> None:
    """Make the experiment trackers of `report_to` write below a folder. They read it from the environment only."""
    for variable, name in LOG_FOLDERS.items():
        os.environ.setdefault(variable, str(folder / name))

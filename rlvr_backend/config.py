"""Options of a training run, with the paper's values as defaults (PAPER.md, "Training"), and their GRPOConfig."""

from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import torch
from trl import GRPOConfig

from rlvr_backend.contract import RequestError
from rlvr_backend.rewards import REWARD_WEIGHTS


@dataclass(frozen=True)
class Options:
    """What a study file may say under `backend: rlvr:`; what it does not say has the paper's value.

    `prompts` x `generations` trajectories make one update. `samples` of them are trained on at a time on each
    device, the rest is gradient accumulation. Lengths are in tokens. `temperature` and `completion_length` are open
    in the paper; the values here are ours.
    """

    model: str = "Qwen/Qwen2-VL-2B-Instruct"
    prompts: int = 2
    generations: int = 6
    samples: int = 2
    learning_rate: float = 1e-6
    warmup: float = 0.1
    kl: float = 0.04
    temperature: float = 1.0
    completion_length: int = 512
    dtype: str = "bfloat16"
    keep_checkpoints: str = "last"

    @classmethod
    def of(cls, given: dict[str, Any]) -> "Options":
        """Check and complete the options of a request; raises RequestError naming the option."""
        known = {f.name: f for f in fields(cls)}
        for name, value in given.items():
            if name not in known:
                raise RequestError(f"backend option {name!r} is unknown; known are {', '.join(known)}")
            if not isinstance(value, int if known[name].type is int else (known[name].type, int)):
                raise RequestError(f"backend option {name!r} must be of type {known[name].type.__name__}")
        options = cls(**given)
        for name, choices in {"dtype": ("bfloat16", "float32"), "keep_checkpoints": ("last", "none")}.items():
            if getattr(options, name) not in choices:
                raise RequestError(f"backend option {name!r} must be one of {', '.join(choices)}")
        if min(options.prompts, options.generations, options.samples, options.completion_length) < 1:
            raise RequestError("backend options prompts, generations, samples, completion_length must be at least 1")
        return options

    def accumulation(self, devices: int) -> int:
        """Gradient accumulation steps; raises RequestError where the numbers do not divide."""
        trajectories = self.prompts * self.generations
        if trajectories % (devices * self.samples):
            raise RequestError(
                f"prompts x generations = {trajectories} must be a multiple of devices x samples = "
                f"{devices} x {self.samples}"
            )
        return trajectories // (devices * self.samples)

    def grpo_config(self, folder: Path, steps: int, seed: int, devices: int) -> GRPOConfig:
        """TRL's configuration of a run of `steps` updates; the schedule's horizon is the requested length."""
        return GRPOConfig(
            output_dir=str(folder),
            max_steps=steps,
            seed=seed,
            learning_rate=self.learning_rate,
            lr_scheduler_type="linear",
            warmup_steps=self.warmup,
            adam_beta1=0.9,
            adam_beta2=0.999,
            adam_epsilon=1e-8,
            per_device_train_batch_size=self.samples,
            gradient_accumulation_steps=self.accumulation(devices),
            num_generations=self.generations,
            max_completion_length=self.completion_length,
            temperature=self.temperature,
            beta=self.kl,
            loss_type="grpo",
            scale_rewards="group",
            use_bias_correction_kl=False,
            reward_weights=list(REWARD_WEIGHTS),
            bf16=self.dtype == "bfloat16",
            use_cpu=not torch.cuda.is_available(),
            gradient_checkpointing=torch.cuda.is_available(),
            remove_unused_columns=False,
            logging_steps=1,
            save_strategy="no",
            report_to=[],
            disable_tqdm=True,
        )

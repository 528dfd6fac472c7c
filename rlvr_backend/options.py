"""Training options of a study file (`backend: rlvr:`), with the paper's values as defaults (docs/paper.md)."""

from collections.abc import Mapping
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError, field_validator
from pydantic_core import PydanticCustomError

from rlvr_backend.datasets.declaration import SCORERS
from rlvr_backend.datasets.examples import SUFFIXES
from rlvr_backend.errors import RequestError
from rlvr_backend.launch import Launch
from rlvr_backend.packages import require
from rlvr_backend.rewards.bmas import ENCODER
from rlvr_backend.selection import RENAMED, SELECTORS, UNIFORM
from rlvr_backend.training.advantage_weights import ADVANTAGE_WEIGHTS, NONE
from rlvr_backend.training.draw_plan import ON_EXHAUSTION
from rlvr_backend.validation import describe

EMBEDDED = "shapes"  # the model that this package trains itself
TRANSFORMERS, COLOCATE, SERVER = "transformers", "vllm_colocate", "vllm_server"
REPORTERS = {"tensorboard": ("tensorboard", "tensorboardX"), "trackio": ("trackio",), "wandb": ("wandb",)}


class Lora(BaseModel):
    """A LoRA adapter that is trained in place of all weights of the language model (needs peft)."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid")

    rank: PositiveInt = Field(16, description="Rank of the adapter's matrices (peft's `r`).")
    alpha: PositiveInt = Field(32, description="Scaling of the adapter (peft's `lora_alpha`).")
    targets: str | list[str] = Field(
        "all-linear", description="Names of the layers that get an adapter, or all-linear (peft's `target_modules`)."
    )


class Options(BaseModel):
    """Options of one training run. One update uses `prompts` x `generations` completions."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)

    model: str = Field(
        "Qwen/Qwen2-VL-2B-Instruct",
        description=f"Base model: a hub name, a folder, or {EMBEDDED} for the small model that this package trains.",
    )
    prompts: int = Field(2, ge=1, description="Prompts per update.")
    generations: int = Field(6, ge=2, description="Completions per prompt. GRPO compares them with each other.")
    samples: int = Field(
        2,
        ge=1,
        description="Completions per device and backward pass. Gradients are accumulated over the rest of an update.",
    )
    learning_rate: float = Field(1e-6, ge=1e-12, le=1, description="Peak learning rate of AdamW.")
    warmup: float = Field(0.1, ge=0, le=0.999, description="Share of the updates with a rising learning rate.")
    kl: float = Field(0.04, ge=0, description="Weight of the KL divergence from the base model.")
    temperature: float = Field(
        1.0, ge=1e-3, le=100, description="Sampling temperature of completions in training. The paper does not say it."
    )
    completion_length: int = Field(
        512, ge=1, description="Longest completion in training and evaluation, in tokens. The paper does not say it."
    )
    dtype: Literal["bfloat16", "float32"] = Field(
        "bfloat16", description="Precision of the computation. Weights are always stored as float32."
    )
    keep_checkpoints: Literal["last", "none"] = Field(
        "last", description="Whether a trial keeps its final model on disk (last) or not (none)."
    )
    on_exhaustion: Literal[*ON_EXHAUSTION] = Field(
        "stop",
        description="What happens when a domain has no unseen example left: stop the training, renormalise the weights "
        "of the other domains, or repeat the domain.",
    )
    selection: Literal[UNIFORM, *SELECTORS] = Field(
        UNIFORM, description="How examples are chosen inside a domain. All but uniform may use an example again."
    )
    advantage_weights: Literal[*ADVANTAGE_WEIGHTS] = Field(
        NONE, description="How much each group counts in an update: all the same (none), or by accuracy, easy_to_hard."
    )
    data: dict[str, Any] = Field(
        default_factory=dict,
        description="Where datasets are: name -> folder, file or hub name, or a declaration of a dataset of your own.",
    )
    scorer: Literal[*SCORERS] = Field(
        "paper",
        description="Whose rewards score the answers: the paper's, or those of the field (each benchmark's own).",
    )
    rewards: dict[str, Any] = Field(
        default_factory=dict,
        description="Another reward for the training of single domains: domain -> reward. Tests keep theirs.",
    )
    suffix: Literal[*SUFFIXES] = Field(
        "paper",
        description="Text after a question that is not about boxes: as in the paper, or as in its released code.",
    )
    encoder: str = Field(
        ENCODER,
        description="Encoder of the reward bmas: hub name or folder of a sentence encoder, or policy for the token "
        "embeddings of `model`.",
    )
    save_every: int = Field(100, ge=1, description="Updates between checkpoints, from which a killed run continues.")
    evaluation_batch: int = Field(16, ge=1, description="Prompts per device and batch in an evaluation.")
    generation: Literal[TRANSFORMERS, COLOCATE, SERVER] = Field(
        TRANSFORMERS,
        description="What generates completions in training: transformers, vLLM on the training's GPUs, or a vLLM "
        "server on a GPU of its own. Evaluations always use transformers.",
    )
    vllm_memory: float = Field(0.3, ge=0.01, le=1, description="Share of a GPU's memory that vLLM takes.")
    gradient_checkpointing: bool = Field(
        True, description="Whether a GPU computes activations again instead of storing them. Not used on a CPU."
    )
    lora: Lora | None = Field(None, strict=False, description="Train a LoRA adapter instead of all weights.")
    launch: Launch | None = Field(None, strict=False, description="How processes start. Default: one process.")
    report_to: list[str] = Field(
        default_factory=list, description=f"Experiment trackers that get the logs: {', '.join(REPORTERS)}."
    )
    lmms_eval: dict[str, Any] = Field(
        default_factory=dict, description="Tests that lmms-eval scores: test -> TASK/METRIC of lmms-eval."
    )

    @field_validator("selection", mode="before")
    @classmethod
    def _refuse_renamed(cls, value: Any) -> Any:
        if isinstance(value, str) and value in RENAMED:
            raise PydanticCustomError("renamed", "{message}", {"message": f"{value!r}: {RENAMED[value]}"})
        return value

    @classmethod
    def of(cls, given: dict[str, Any]) -> Self:
        """Check the options of a request and fill in the defaults.

        Raises:
            RequestError: An option is unknown or has a value that it cannot have.
            MissingPackage: An option needs a package that is not installed.
        """
        try:
            options = cls.model_validate(given)
        except ValidationError as error:
            raise RequestError(describe(error, lambda name: f"backend option {name!r}", cls.model_fields)) from error
        options._check_packages()
        return options

    def _check_packages(self) -> None:
        if self.lora:
            require(("peft",), "backend option 'lora'", "pip install 'mixopt[lora]'")
        if self.launch:
            self.launch.check()
        for name in self.report_to:
            if name not in REPORTERS:
                raise RequestError(f"backend option 'report_to' must name some of {', '.join(REPORTERS)}, not {name!r}")
            require(REPORTERS[name], f"backend option 'report_to': {name}", f"pip install {REPORTERS[name][-1]}")
        if self.lmms_eval:
            require(("lmms_eval",), "backend option 'lmms_eval'", "pip install lmms_eval")
            if self.lora:
                raise RequestError("backend option 'lmms_eval' needs a whole model: remove it, or remove 'lora'")
        if self.generation != TRANSFORMERS:
            require(("vllm",), f"backend option 'generation': {self.generation}", "pip install 'trl[vllm]'")
            if self.model == EMBEDDED:
                raise RequestError(
                    f"backend option 'generation': vLLM does not know the processor of the model {EMBEDDED!r}: use "
                    f"{TRANSFORMERS!r}"
                )

    def own_tests(self, tests: Mapping[str, int]) -> dict[str, int]:
        """Return the tests that this package scores, which are those that lmms-eval does not.

        Args:
            tests: Test -> number of examples.

        Raises:
            RequestError: The option `lmms_eval` names a test that is not there, or no TASK/METRIC.
        """
        for test, task in self.lmms_eval.items():
            if test not in tests:
                raise RequestError(f"backend option 'lmms_eval': {test!r} is none of the tests {', '.join(tests)}")
            if not isinstance(task, str) or not all(task.partition("/")):
                raise RequestError(f"backend option 'lmms_eval': {test!r} must be TASK/METRIC, not {task!r}")
        return {test: size for test, size in tests.items() if test not in self.lmms_eval}

    def accumulation(self, devices: int) -> int:
        """Return the number of gradient accumulation steps on this many devices.

        Raises:
            RequestError: `prompts` x `generations` is not a multiple of devices x `samples`.
        """
        completions = self.prompts * self.generations
        if completions % (devices * self.samples):
            raise RequestError(
                f"prompts x generations = {completions} must be a multiple of devices x samples = "
                f"{devices} x {self.samples}"
            )
        return completions // (devices * self.samples)

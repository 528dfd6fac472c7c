"""Options of a training run, with the paper's values as defaults (PAPER.md, "Training")."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, get_origin

from rlvr_backend.advantage_weights import ADVANTAGE_WEIGHTS, NONE
from rlvr_backend.contract import RequestError
from rlvr_backend.datasets.raw import SCORERS
from rlvr_backend.datasets.rows import SUFFIXES
from rlvr_backend.draws import ON_EXHAUSTION
from rlvr_backend.nested import Launch, Lora, require
from rlvr_backend.rewards.bmas import ENCODER
from rlvr_backend.selection import RENAMED, SELECTORS

EMBEDDED = "shapes"
UNIFORM = "uniform"
TRANSFORMERS, COLOCATE, SERVER = "transformers", "vllm_colocate", "vllm_server"

RANGES = {
    "prompts": (1, math.inf),
    "generations": (2, math.inf),  # a reward is judged against its group
    "samples": (1, math.inf),
    "learning_rate": (1e-12, 1.0),
    "warmup": (0.0, 0.999),  # of the steps; transformers takes 1 and more for a number of steps
    "kl": (0.0, math.inf),
    "temperature": (1e-3, 100.0),
    "completion_length": (1, math.inf),
    "save_every": (1, math.inf),
    "evaluation_batch": (1, math.inf),
    "vllm_memory": (0.01, 1.0),
}
CHOICES = {
    "dtype": ("bfloat16", "float32"),
    "keep_checkpoints": ("last", "none"),
    "on_exhaustion": ON_EXHAUSTION,
    "selection": (UNIFORM, *SELECTORS),
    "advantage_weights": ADVANTAGE_WEIGHTS,
    "scorer": SCORERS,
    "suffix": tuple(SUFFIXES),
    "generation": (TRANSFORMERS, COLOCATE, SERVER),
}
REPORTERS = {"tensorboard": ("tensorboard", "tensorboardX"), "trackio": ("trackio",), "wandb": ("wandb",)}
NESTED = {"lora": Lora, "launch": Launch}


@dataclass(frozen=True)
class Options:
    """What a study file may say under `backend: rlvr:`; what it does not say has the paper's value.

    `prompts` x `generations` trajectories make one update. `samples` of them are trained on at a time on each
    device, the rest is gradient accumulation. Lengths are in tokens. `temperature` and `completion_length` are open
    in the paper; the values here are ours. `on_exhaustion` is what happens once a domain has no unseen example left
    (draws.py), `selection` how examples are chosen inside a domain (selection/), `advantage_weights` how much each of
    their groups counts (advantage_weights.py). `data` says where data lies, and
    declares sets of one's own, `scorer` whose scores the rewards are, the "paper"'s or the "field"'s (datasets/);
    `rewards` names another reward for single domains, as in {"lisa": "iou_greedy"}; tests keep theirs. `suffix` is what
    follows a question that is not about boxes, as the "paper" prints it, or as the code that its authors "released" has
    it, which asks for a final answer (option) (datasets/rows.py; not in the embedded world). `encoder` is that of the
    reward bmas: a sentence encoder, or "policy" for the token embeddings of `model`. Every `save_every` updates the run
    is saved, to go on from if it is killed. `evaluation_batch` prompts of a test are answered at a time, on each
    device.

    `generation` is who writes the completions that are trained on; of a GPU, vLLM takes the share `vllm_memory`
    (vllm_server.py; evaluations are always transformers'). With `gradient_checkpointing` a GPU computes activations
    again instead of holding them; a CPU never does. `lora` and `launch` are in nested.py: without the first all weights
    of the language model learn, without the second one process runs. `report_to` are the names of those who get what
    is logged, beside events.jsonl. `lmms_eval` names the tests that lmms-eval scores, as TASK/METRIC (lmms_eval.py).
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
    on_exhaustion: str = "stop"
    selection: str = UNIFORM
    advantage_weights: str = NONE
    data: Mapping[str, Any] = field(default_factory=dict)
    scorer: str = "paper"
    rewards: Mapping[str, Any] = field(default_factory=dict)
    suffix: str = "paper"
    encoder: str = ENCODER
    save_every: int = 100
    evaluation_batch: int = 16
    generation: str = TRANSFORMERS
    vllm_memory: float = 0.3
    gradient_checkpointing: bool = True
    lora: Lora | None = None
    launch: Launch | None = None
    report_to: list[str] = field(default_factory=list)
    lmms_eval: Mapping[str, Any] = field(default_factory=dict)

    @classmethod
    def of(cls, given: dict[str, Any]) -> "Options":
        """Check and complete the options of a request; raises RequestError naming the option."""
        known = {f.name: f for f in fields(cls)}
        for name, value in given.items():
            if name not in known:
                raise RequestError(f"backend option {name!r} is unknown; known are {', '.join(known)}")
            kind = dict if name in NESTED else get_origin(known[name].type) or known[name].type
            fits = isinstance(value, (float, int) if kind is float else kind)
            if not fits or isinstance(value, bool) != (kind is bool):
                raise RequestError(f"backend option {name!r} must be of type {kind.__name__}")
        options = cls(**given | {name: kind.of(given[name]) for name, kind in NESTED.items() if name in given})
        for name, choices in CHOICES.items():
            if (value := getattr(options, name)) not in choices:
                renamed = f"; {value!r}: {RENAMED[value]}" if name == "selection" and value in RENAMED else ""
                raise RequestError(f"backend option {name!r} must be one of {', '.join(choices)}{renamed}")
        for name, (low, high) in RANGES.items():
            if not low <= getattr(options, name) <= high:
                raise RequestError(f"backend option {name!r} must be between {low:g} and {high:g}")
        options._check_packages()
        return options

    def _check_packages(self) -> None:
        """Raises MissingPackage where an option needs what is not installed, RequestError where vLLM cannot do it."""
        for name in self.report_to:
            if name not in tuple(REPORTERS):
                raise RequestError(f"backend option 'report_to' must name some of {', '.join(REPORTERS)}, not {name!r}")
            require(REPORTERS[name], f"backend option 'report_to': {name}", f"pip install {REPORTERS[name][-1]}")
        if self.lmms_eval:
            require(("lmms_eval",), "backend option 'lmms_eval'", "pip install lmms_eval")
            if self.lora:
                raise RequestError("backend option 'lmms_eval': scores whole models: leave out it or 'lora'")
        if self.generation != TRANSFORMERS:
            require(("vllm",), f"backend option 'generation': {self.generation}", "pip install 'trl[vllm]'")
            if self.model == EMBEDDED:
                raise RequestError(
                    f"backend option 'generation': vLLM does not know the processor of the model {EMBEDDED!r}; leave "
                    f"it at {TRANSFORMERS!r}"
                )

    def left_to_us(self, tests: Mapping[str, int]) -> dict[str, int]:
        """The tests that lmms-eval does not score; raises RequestError where the option `lmms_eval` names others."""
        for test, task in self.lmms_eval.items():
            if test not in tests:
                raise RequestError(f"backend option 'lmms_eval': {test!r} is none of the tests {', '.join(tests)}")
            if not isinstance(task, str) or not all(task.partition("/")):
                raise RequestError(f"backend option 'lmms_eval': {test!r} must be TASK/METRIC, not {task!r}")
        return {test: size for test, size in tests.items() if test not in self.lmms_eval}

    def accumulation(self, devices: int) -> int:
        """Gradient accumulation steps; raises RequestError where the numbers do not divide."""
        trajectories = self.prompts * self.generations
        if trajectories % (devices * self.samples):
            raise RequestError(
                f"prompts x generations = {trajectories} must be a multiple of devices x samples = "
                f"{devices} x {self.samples}"
            )
        return trajectories // (devices * self.samples)

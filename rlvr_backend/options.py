"""Options of a training run, with the paper's values as defaults (PAPER.md, "Training")."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, get_origin

from rlvr_backend.contract import RequestError
from rlvr_backend.datasets.raw import SCORERS
from rlvr_backend.draws import ON_EXHAUSTION
from rlvr_backend.rewards.bmas import ENCODER
from rlvr_backend.selection import SELECTORS

UNIFORM = "uniform"

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
}
CHOICES = {
    "dtype": ("bfloat16", "float32"),
    "keep_checkpoints": ("last", "none"),
    "on_exhaustion": ON_EXHAUSTION,
    "selection": (UNIFORM, *SELECTORS),
    "scorer": SCORERS,
}


@dataclass(frozen=True)
class Options:
    """What a study file may say under `backend: rlvr:`; what it does not say has the paper's value.

    `prompts` x `generations` trajectories make one update. `samples` of them are trained on at a time on each
    device, the rest is gradient accumulation. Lengths are in tokens. `temperature` and `completion_length` are open
    in the paper; the values here are ours. `on_exhaustion` is what happens once a domain has no unseen example left
    (draws.py), `selection` how examples are chosen inside a domain (selection/). `data` says where data lies, and
    declares sets of one's own, `scorer` whose scores the rewards are, the "paper"'s or the "field"'s (datasets/);
    `encoder` is that of the reward bmas. Every `save_every` updates the run is saved, to go on from if it is killed.
    `evaluation_batch` prompts of a test are answered at a time, on each device.
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
    data: Mapping[str, Any] = field(default_factory=dict)
    scorer: str = "paper"
    encoder: str = ENCODER
    save_every: int = 100
    evaluation_batch: int = 16

    @classmethod
    def of(cls, given: dict[str, Any]) -> "Options":
        """Check and complete the options of a request; raises RequestError naming the option."""
        known = {f.name: f for f in fields(cls)}
        for name, value in given.items():
            if name not in known:
                raise RequestError(f"backend option {name!r} is unknown; known are {', '.join(known)}")
            kind = get_origin(known[name].type) or known[name].type
            if not isinstance(value, (float, int) if kind is float else kind) or isinstance(value, bool):
                raise RequestError(f"backend option {name!r} must be of type {kind.__name__}")
        options = cls(**given)
        for name, choices in CHOICES.items():
            if getattr(options, name) not in choices:
                raise RequestError(f"backend option {name!r} must be one of {', '.join(choices)}")
        for name, (low, high) in RANGES.items():
            if not low <= getattr(options, name) <= high:
                raise RequestError(f"backend option {name!r} must be between {low:g} and {high:g}")
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

"""What a sampler answers."""

from dataclasses import dataclass, field
from typing import Any

from mixopt.typing import FloatArray


@dataclass(frozen=True, eq=False)
class Proposal:
    """A mixture (m,) to train on, and what is noted about it as user attributes of the trial."""

    weights: FloatArray
    notes: dict[str, Any] = field(default_factory=dict)

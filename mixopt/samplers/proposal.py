"""`Proposal`: the mixture that a sampler proposes for a trial, and the notes about it."""

from dataclasses import dataclass, field
from typing import Any, Self

from mixopt.history.keys import PHASE, ROW
from mixopt.typing import FloatArray


@dataclass(frozen=True, eq=False)
class Proposal:
    """A mixture to train on.

    Attributes:
        weights: (m,) weights, in the order of the space's domains.
        notes: user attributes that the trial gets.
    """

    weights: FloatArray
    notes: dict[str, Any] = field(default_factory=dict)

    def at(self, phase: int, row: int) -> Self:
        """Return the proposal with a note of the phase index and of the row that it fills."""
        return type(self)(self.weights, {**self.notes, PHASE: phase, ROW: row})

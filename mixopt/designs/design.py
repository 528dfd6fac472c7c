"""A design: mixtures with names."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from mixopt.typing import FloatArray


@dataclass(frozen=True, eq=False)
class Design:
    """k mixtures to train on: labels (k), weights (k, m)."""

    labels: tuple[str, ...]
    weights: FloatArray

    def __len__(self) -> int:
        return len(self.labels)

    @classmethod
    def numbered(cls, kind: str, weights: FloatArray) -> Self:
        """Labels are "KIND:1", "KIND:2", ..."""
        return cls(tuple(f"{kind}:{i + 1}" for i in range(len(weights))), weights)

    def rows(self, chosen: Sequence[int]) -> "Design":
        """Some of the mixtures."""
        return Design(tuple(self.labels[i] for i in chosen), self.weights[list(chosen)])

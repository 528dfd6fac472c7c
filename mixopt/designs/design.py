"""Design: mixtures to train on, with a label each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from mixopt.typing import FloatArray


@dataclass(frozen=True, eq=False)
class Design:
    """Mixtures to train on.

    Attributes:
        labels: of the k mixtures.
        weights: (k, m).
    """

    labels: tuple[str, ...]
    weights: FloatArray

    def __len__(self) -> int:
        """Number of mixtures."""
        return len(self.labels)

    @classmethod
    def numbered(cls, kind: str, weights: FloatArray) -> Self:
        """Label weights (k, m) as "KIND:1", "KIND:2", ..."""
        return cls(tuple(f"{kind}:{i + 1}" for i in range(len(weights))), weights)

    def rows(self, chosen: Sequence[int]) -> "Design":
        """Return the mixtures at the chosen rows."""
        return Design(tuple(self.labels[i] for i in chosen), self.weights[list(chosen)])

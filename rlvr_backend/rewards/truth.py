"""The right answer of a row, and the type of a reward function."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Truth:
    """The right answer of one row.

    Attributes:
        solution: The answer as text. If several answers are right, a JSON list of strings, as in '["11", "eleven"]'.
        boxes: (k, 4) right boxes x1, y1, x2, y2 on the 0-1000 scale; empty for a row without boxes.
    """

    solution: str
    boxes: list[list[int]] = field(default_factory=list)

    @property
    def references(self) -> list[str]:
        """All right answers, stripped. There is at least one."""
        if self.solution.startswith('["'):
            try:
                several = json.loads(self.solution)
            except (ValueError, RecursionError):
                several = None
            if isinstance(several, list) and all(isinstance(reference, str) for reference in several):
                return [reference.strip() for reference in several]
        return [self.solution.strip()]


Reward = Callable[[str, Truth], float]  # (stripped answer, truth) -> score in [0, 1]

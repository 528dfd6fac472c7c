"""What a row knows about its right answer, and what a reward is."""

import json
from collections.abc import Callable
from dataclasses import dataclass, field


@dataclass(frozen=True)
class Truth:
    """The right answer of one row.

    `solution` is the answer as text; where several answers are right it is a JSON list of strings, as in
    '["11", "eleven"]'. `boxes` (k, 4) are x1, y1, x2, y2 on the 0-1000 scale; a row without boxes has none.
    """

    solution: str
    boxes: list[list[int]] = field(default_factory=list)

    @property
    def references(self) -> list[str]:
        """Every right answer, stripped: at least one."""
        if self.solution.startswith('["'):
            try:
                several = json.loads(self.solution)
            except (ValueError, RecursionError):
                several = None
            if isinstance(several, list) and all(isinstance(reference, str) for reference in several):
                return [reference.strip() for reference in several]
        return [self.solution.strip()]


Reward = Callable[[str, Truth], float]  # (stripped answer, truth) -> score in [0, 1]

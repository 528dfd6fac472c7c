"""The training examples of a run, by the number of their draw.

Draw n is slot n % b of update n // b, where b is the number of prompts per update. The draw plan says which domain each
draw belongs to and which example it uses, unless a selector chooses the examples (selection/).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from datasets import Dataset

from rlvr_backend.selection import Group, Selector
from rlvr_backend.training.draw_plan import DrawPlan


class DrawnExamples:
    """The examples that a plan draws.

    Args:
        plan: The draws.
        data: One dataset per domain, None for a domain that is never drawn.
        selectors: One selector per domain, None where the plan chooses the examples.

    Attributes:
        plan: The draws.
        counts: Number of prompts per domain that were trained on so far.
    """

    def __init__(self, plan: DrawPlan, data: Sequence[Dataset | None], selectors: Sequence[Selector | None]):
        self.plan, self._data, self._selectors = plan, data, selectors
        self._update, self._chosen = -1, np.zeros(0, int)
        self.counts = [0] * len(data)

    def domain(self, draw: int) -> int:
        """Return the index of a draw's domain."""
        return int(self.plan.domains.flat[draw])

    def row(self, draw: int) -> dict[str, Any]:
        """Return the example of a draw: the columns of datasets/examples.py, and `draw`."""
        data = self._data[self.domain(draw)]
        assert data is not None
        return {**data[self._example(draw)], "draw": draw}

    def observe(self, groups: dict[int, tuple[np.ndarray, np.ndarray, list[str]]]) -> None:
        """Count an update's prompts and let the selectors learn from them.

        Args:
            groups: Draw -> rewards (g,), task scores (g,) and texts of its group of completions.
        """
        by_domain: dict[int, list[Group]] = {}
        for draw, (rewards, correct, texts) in sorted(groups.items()):
            by_domain.setdefault(self.domain(draw), []).append(Group(self._example(draw), rewards, correct, texts))
        for domain, seen in by_domain.items():
            self.counts[domain] += len(seen)
            if selector := self._selectors[domain]:
                selector.observe(self._update, seen)

    def state(self) -> dict[str, Any]:
        """Return the counts and what the selectors have learnt, as plain data."""
        learnt = [s and {name: array.tolist() for name, array in s.state().items()} for s in self._selectors]
        return {"counts": self.counts, "selectors": learnt}

    def restore(self, state: dict[str, Any]) -> None:
        """Continue from a `state`."""
        self.counts = list(state["counts"])
        for selector, learnt in zip(self._selectors, state["selectors"], strict=True):
            if selector:
                selector.restore(learnt)

    def _example(self, draw: int) -> int:
        """The example of a draw. Those of an update are chosen together, before the selectors learn from it."""
        update, slot = divmod(draw, self.plan.prompts)
        if update != self._update:
            domains, chosen = self.plan.domains[update], self.plan.examples[update].copy()
            for domain in np.unique(domains):
                if selector := self._selectors[domain]:
                    chosen[domains == domain] = selector.choose(int((domains == domain).sum()), update)
            self._update, self._chosen = update, chosen
        return int(self._chosen[slot])

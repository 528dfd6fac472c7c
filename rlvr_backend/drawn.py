"""The examples of a run by the number of their draw: which they are, and what was learnt from them.

Draw number n is slot n % b of update n // b, where b is the number of prompts an update. The plan says of which domain
each draw is, and which example of it, unless selectors choose the examples (selection/).
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from datasets import Dataset

from rlvr_backend.draws import DrawPlan
from rlvr_backend.selection import Group, Selector


class Drawn:
    """`data` holds one dataset a domain, None for a domain that is never drawn; `selectors` one a domain, or none."""

    def __init__(self, plan: DrawPlan, data: Sequence[Dataset | None], selectors: Sequence[Selector | None]):
        self.plan, self._data, self._selectors = plan, data, selectors
        self._update, self._chosen = -1, np.zeros(0, int)
        self.counts = [0] * len(data)  # prompts a domain that were trained on, as the rewards came in

    def domain(self, draw: int) -> int:
        """The place of a draw's domain."""
        return int(self.plan.domains.flat[draw])

    def row(self, draw: int) -> dict[str, Any]:
        """The example of a draw: the columns of datasets/rows.py, and its `draw`."""
        data = self._data[self.domain(draw)]
        assert data is not None
        return {**data[self._example(draw)], "draw": draw}

    def observe(self, groups: dict[int, tuple[np.ndarray, np.ndarray, list[str]]]) -> None:
        """Let the selectors learn from an update: draw -> rewards (g,), task scores (g,) and texts of its group."""
        by_domain: dict[int, list[Group]] = {}
        for draw, (rewards, correct, texts) in sorted(groups.items()):
            by_domain.setdefault(self.domain(draw), []).append(Group(self._example(draw), rewards, correct, texts))
        for domain, seen in by_domain.items():
            self.counts[domain] += len(seen)
            if selector := self._selectors[domain]:
                selector.observe(self._update, seen)

    def state(self) -> dict[str, Any]:
        """The counts, and what the selectors have learnt, as plain data."""
        learnt = [s and {name: array.tolist() for name, array in s.state().items()} for s in self._selectors]
        return {"counts": self.counts, "selectors": learnt}

    def restore(self, state: dict[str, Any]) -> None:
        self.counts = list(state["counts"])
        for selector, learnt in zip(self._selectors, state["selectors"], strict=True):
            if selector:
                selector.restore(learnt)

    def _example(self, draw: int) -> int:
        """The example of a draw; those of an update are chosen together, before anything is learnt from it."""
        update, slot = divmod(draw, self.plan.prompts)
        if update != self._update:
            domains, chosen = self.plan.domains[update], self.plan.examples[update].copy()
            for domain in np.unique(domains):
                if selector := self._selectors[domain]:
                    chosen[domains == domain] = selector.choose(int((domains == domain).sum()), update)
            self._update, self._chosen = update, chosen
        return int(self._chosen[slot])

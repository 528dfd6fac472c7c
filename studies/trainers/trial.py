"""The side of a trial that faces mixopt, for trainers that mix by counts (docs/trainers.md is the whole contract)."""

import json
import math
import os
import sys
import time
from pathlib import Path
from typing import Any


class Trial:
    """A request: how many prompts of each domain its run takes, and what came of it.

    A run stops before it would need more prompts of a domain than there are, as in the paper. `until` and `warm_start`
    are not looked at: a run that is asked to end early is trained whole, which the contract allows.

    Attributes:
        steps: updates of the run, of `prompts` prompts each.
        draws: domain -> prompts of it in the run; steps x prompts in all.
        every: updates between evaluations, so that none is missed that was asked for.
    """

    def __init__(self, path: str) -> None:
        self._started = time.monotonic()
        self.folder = Path(path).absolute().parent
        self.request: dict[str, Any] = json.loads(Path(path).read_text())
        self.options: dict[str, Any] = self.request["options"]
        if self.request.get("until") == 0:
            fail("this trainer does not score the base model: leave `score.base` out of the study file")
        weights, sizes, prompts = self.request["weights"], self.request["domains"], self.options["prompts"]
        lasting = {name: math.floor(sizes[name] / (weight * prompts)) for name, weight in weights.items() if weight}
        self.steps = min(self.request["steps"][-1], *lasting.values())
        if self.steps == 0:
            fail(f"domain {min(lasting, key=lasting.__getitem__)!r} has too few examples for one update")
        self.exhausted = [name for name in lasting if self.steps == lasting[name] < self.request["steps"][-1]]
        self.draws = apportioned(self.steps * prompts, weights)
        self.every = math.gcd(*self.request["steps"])

    @property
    def evaluated(self) -> list[int]:
        """The steps at which the run wants scores: those asked for that it has, and its last."""
        return sorted({step for step in self.request["steps"] if step < self.steps} | {self.steps})

    def finish(self, scores: dict[int, dict[str, float]]) -> None:
        """Write result.json of step -> test -> score; the last scores stand in for steps that the run did not have."""
        evaluations = [
            {"step": step, "scores": scores[min(step, self.steps)], "carried": step > self.steps}
            for step in self.request["steps"]
        ]
        whole = self.steps == self.request["steps"][-1]
        result = {
            "evaluations": evaluations,
            "steps": self.steps,
            "stopped": "finished" if whole else "exhausted",
            "exhausted": self.exhausted,
            "draws": self.draws,
            "seconds": time.monotonic() - self._started,
        }
        part = self.folder / "result.json.tmp"
        part.write_text(json.dumps(result))
        os.replace(part, self.folder / "result.json")


def apportioned(total: int, weights: dict[str, float]) -> dict[str, int]:
    """Whole numbers in the proportions of weights with the sum `total`: the largest remainders are rounded up."""
    counts = {name: math.floor(total * weight) for name, weight in weights.items()}
    by_remainder = sorted(weights, key=lambda name: counts[name] - total * weights[name])
    for name in by_remainder[: total - sum(counts.values())]:
        counts[name] += 1
    return counts


def fail(why: str) -> None:
    """End the trial; mixopt keeps the last lines of its log."""
    sys.exit(f"error: {why}")

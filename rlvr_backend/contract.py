"""The files through which an optimiser and this trainer talk, in the folder of one trial.

    request.json    read: what to train and when to evaluate
    events.jsonl    appended: one JSON object per line (kind: progress | evaluation | resumed)
    result.json     written last and in one step: the trial is done when it is there

An unknown or missing field of the request is an error. mixopt writes the same files with its own code: the two packages
share only this format (docs/trainers.md).
"""

import json
import math
from pathlib import Path
from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, NonNegativeInt, PositiveInt, ValidationError

from rlvr_backend.errors import RequestError
from rlvr_backend.files import write_atomically
from rlvr_backend.validation import describe

BASE = 0  # `until` of a request for the scores of the base model


class Request(BaseModel):
    """What one trial is asked to do."""

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)

    study: str = Field(description="Name of the study.")
    trial: int = Field(description="Number of the trial.")
    train_seed: NonNegativeInt = Field(description="Seed of everything random: draws, sampling, initial adapter.")
    weights: dict[str, NonNegativeFloat] = Field(description="Domain -> share of the training prompts; sums to 1.")
    domains: dict[str, PositiveInt] = Field(description="Domain -> number of examples.")
    tests: dict[str, PositiveInt] = Field(min_length=1, description="Test -> number of examples.")
    steps: list[PositiveInt] = Field(description="Updates after which the tests are scored. Training ends at the last.")
    options: dict[str, Any] = Field(default_factory=dict, description="Training options (options.py).")
    until: int | None = Field(
        None,
        description="One of `steps`: the run ends there, with the same scores as a whole run has there. 0 asks for the "
        "scores of the base model.",
    )
    warm_start: str | None = Field(
        None,
        description="Folder, relative to this trial's, of a trial of the same run that ended early: continue from it.",
    )

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read and check `request.json`.

        Raises:
            RequestError: It cannot be read, or a field is wrong. The message names file, field and value.
        """
        try:
            request = cls.model_validate(json.loads(path.read_text()))
        except ValidationError as error:
            text = describe(error, lambda name: f"`{name}`" if name else "the request", cls.model_fields)
            raise RequestError(f"{path}: {text}") from error
        except (OSError, ValueError, RecursionError) as error:
            raise RequestError(f"{path}: cannot be read as JSON ({error})") from error
        if problem := request._problem():
            raise RequestError(f"{path}: {problem}")
        return request

    def _problem(self) -> str | None:
        """What is wrong with fields that depend on each other."""
        if set(self.weights) != set(self.domains):
            return "`weights` and `domains` must name the same domains"
        if abs(sum(self.weights.values()) - 1) > 1e-6:
            return f"`weights` must sum to 1, not {sum(self.weights.values()):g}"
        if not self.steps or sorted(set(self.steps)) != self.steps:
            return f"`steps` must be rising whole numbers from 1, not {self.steps}"
        if self.until is not None and self.until not in (BASE, *self.steps):
            return (
                f"`until` must be one of the steps {self.steps}, not {self.until!r} (or {BASE}, for the scores of the "
                "base model)"
            )
        if self.until == BASE and self.warm_start is not None:
            return f"`warm_start`: `until` is {BASE}, the base model: leave `warm_start` out"
        return None


class TrialFolder:
    """The files of one trial on the trainer's side.

    Attributes:
        path: The folder.
        checkpoints: The folder of its checkpoints.
    """

    def __init__(self, request_path: Path):
        self.path = request_path.parent
        self.checkpoints = self.path / "checkpoints"
        self._events = self.path / "events.jsonl"
        self._result = self.path / "result.json"

    @property
    def result(self) -> dict[str, Any] | None:
        """The content of `result.json`, or None while the trial is not done."""
        return json.loads(self._result.read_text()) if self._result.exists() else None

    def keep_events_until(self, step: int) -> None:
        """Remove the events after a step, from which the run continues."""
        if self._events.exists():
            lines = self._events.read_text().splitlines(keepends=True)
            kept = [line for line in lines if line.endswith("\n") and _step(line) <= step]
            write_atomically(self._events, "".join(kept))

    def append_event(self, kind: str, **values: Any) -> None:
        """Append one event to `events.jsonl`."""
        with self._events.open("a") as file:
            file.write(json.dumps({"kind": kind, **values}) + "\n")

    def write_result(self, result: dict[str, Any]) -> None:
        """Write `result.json` in one step."""
        write_atomically(self._result, json.dumps(result, indent=1) + "\n")


def _step(line: str) -> float:
    """The step of an event, or infinity where the line is not an event."""
    try:
        step = json.loads(line).get("step", 0)
    except (ValueError, AttributeError, RecursionError):
        return math.inf
    return step if isinstance(step, (int, float)) else math.inf

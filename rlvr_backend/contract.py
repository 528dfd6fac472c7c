"""The file contract between an optimiser and this trainer, in one trial's directory.

    request.json    read: what to train and when to evaluate
    events.jsonl    appended: one JSON object a line (kind: progress | evaluation | resumed)
    result.json     written last, whole or not at all: its presence says that the trial is done

State is strict: an unknown or missing field of the request is an error that names it. (mixopt writes the same files
from its own code: the two packages share nothing but this format.)
"""

import json
import math
import os
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, NonNegativeFloat, NonNegativeInt, PositiveInt, ValidationError

BASE = 0  # `until` that asks for the scores of the base model


class RequestError(Exception):
    """A request that cannot be carried out; the message names the field and the mend."""


class MissingPackage(RequestError):
    """A request that needs a package which this machine has not; another may have it."""


class RunFailed(Exception):
    """A run that something outside the request stopped; the message names it and the mend."""


class Request(BaseModel):
    """What one trial is asked to do.

    `weights` maps domain to share (sums to 1), `domains` domain to number of examples, `tests` test to number of
    examples; `steps` are the evaluation steps, the last of them the length of the training; `train_seed` fixes draws,
    sampling and everything else that is random; `options` are those of options.py. With `until`, one of the steps, the
    run ends there: with the scores, to the last bit, that it has there on its way to the last step. `until` 0 asks for
    the scores of the base model, before any training. `warm_start` is the folder of another trial of the same run,
    relative to this one's, that ended early: this one goes on from its end.
    """

    model_config = ConfigDict(strict=True, frozen=True, extra="forbid", allow_inf_nan=False)

    study: str
    trial: int
    train_seed: NonNegativeInt
    weights: dict[str, NonNegativeFloat]
    domains: dict[str, PositiveInt]
    tests: dict[str, PositiveInt] = Field(min_length=1)
    steps: list[PositiveInt]
    options: dict[str, Any] = Field(default_factory=dict)
    until: int | None = None
    warm_start: str | None = None

    @classmethod
    def read(cls, path: Path) -> "Request":
        """Read `request.json`; raises RequestError naming file and field."""
        try:
            data = json.loads(path.read_text())
        except (OSError, ValueError, RecursionError) as error:
            raise RequestError(f"{path}: cannot be read as JSON ({error})") from error
        try:
            request = cls.model_validate(data)
        except ValidationError as error:
            first = error.errors()[0]
            field = ".".join(map(str, first["loc"])) or "the whole"
            raise RequestError(f"{path}: `{field}`: {first['msg']}") from error
        if set(request.weights) != set(request.domains):
            raise RequestError(f"{path}: `weights` and `domains` must name the same domains")
        if abs(sum(request.weights.values()) - 1) > 1e-6:
            raise RequestError(f"{path}: `weights` must be at least 0 and sum to 1")
        if not request.steps or sorted(set(request.steps)) != request.steps:
            raise RequestError(f"{path}: `steps` must be rising whole numbers from 1")
        if request.until is not None and request.until not in (BASE, *request.steps):
            raise RequestError(
                f"{path}: `until` must be one of the steps {request.steps}, not {request.until!r} (or {BASE}, for the "
                "scores of the base model)"
            )
        if request.until == BASE and request.warm_start is not None:
            raise RequestError(f"{path}: `warm_start`: `until` is {BASE}, the base model: leave `warm_start` out")
        return request


class TryAgain(RunFailed):
    """A run that cannot begin now and may later."""


class TrialFolder:
    """Owns the paths of one trial on the trainer's side."""

    def __init__(self, request_path: Path):
        self.path = request_path.parent
        self.checkpoints = self.path / "checkpoints"
        self._events = self.path / "events.jsonl"
        self._result = self.path / "result.json"

    @property
    def result(self) -> dict[str, Any] | None:
        """What the trial ended with, or None where it has not ended."""
        return json.loads(self._result.read_text()) if self._result.exists() else None

    def begin_events(self, after: int) -> None:
        """Keep of the events those up to a step, from which the run goes on."""
        if self._events.exists():
            lines = self._events.read_text().splitlines(keepends=True)
            kept = [line for line in lines if line.endswith("\n") and _step(line) <= after]
            write_whole(self._events, "".join(kept))

    def event(self, kind: str, **values: Any) -> None:
        """Append one event; a line is written whole."""
        with self._events.open("a") as file:
            file.write(json.dumps({"kind": kind, **values}) + "\n")

    def finish(self, result: dict[str, Any]) -> None:
        """Write `result.json` in one move."""
        write_whole(self._result, json.dumps(result, indent=1) + "\n")


def _step(line: str) -> float:
    """The step of an event; of what is none, infinity."""
    try:
        step = json.loads(line).get("step", 0)
    except (ValueError, AttributeError, RecursionError):
        return math.inf
    return step if isinstance(step, (int, float)) else math.inf


def write_whole(path: Path, text: str) -> None:
    """Write a file in one move: whatever dies, the machine too, it is the old one or the new one, never a part."""
    part = path.with_name(path.name + ".tmp")
    with part.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(part, path)
    flush(path.parent)


def flush(path: Path) -> None:
    """Have the disk itself hold a file's content, or the names in a folder."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)

"""The protocol between mixopt and whatever turns weights into scores, and the files they talk through.

A trial's folder holds request.json (mixopt writes), events.jsonl (the trainer appends) and result.json (the trainer
writes last, in one move). So a trainer can crash, run elsewhere, or be somebody else's.
"""

import json
import math
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event
from typing import Any

from mixopt.errors import MixoptError
from mixopt.folders import TrialFolder


class TrialFailed(MixoptError):
    """A trainer ended without a result; the message is the reason.

    Attributes: `exit_code` (None where the process did not end by itself) and `log_tail`, the last lines of its log.
    """

    def __init__(self, reason: str, exit_code: int | None = None, log_tail: str = "") -> None:
        super().__init__(reason)
        self.exit_code = exit_code
        self.log_tail = log_tail


class TrialStopped(MixoptError):
    """The run was told to end before it had a result."""


@dataclass(frozen=True)
class Request:
    """What one trial asks of a trainer.

    `weights` maps domain to share (sums to 1), `domains` domain to number of examples, `tests` test to number of
    examples; `steps` are the evaluation steps, the last of them the run's length. With `until`, one of the steps, the
    run ends there, with the scores that it has there on its way to the last one (schedules have the last for horizon);
    a request for a whole run does not say it.
    """

    study: str
    trial: int
    train_seed: int
    weights: dict[str, float]
    domains: dict[str, int]
    tests: dict[str, int]
    steps: list[int]
    options: dict[str, Any]
    until: int | None = None

    def as_json(self) -> str:
        said = asdict(self)
        if self.until is None:
            del said["until"]
        return json.dumps(said, indent=1) + "\n"


@dataclass(frozen=True)
class Evaluation:
    """Scores of every test at one step; `carried` where the run had ended before and its last scores stand in."""

    step: int
    scores: dict[str, float]
    carried: bool = False


@dataclass(frozen=True)
class Result:
    """What a trainer returns: evaluations by step, steps done, why it stopped ("finished", "exhausted" with the
    domains that ran out, or "until" where it was asked to end early), realised draws a domain, seconds."""

    evaluations: tuple[Evaluation, ...]
    steps: int
    stopped: str
    draws: dict[str, int]
    seconds: float
    exhausted: tuple[str, ...] = ()

    @property
    def short(self) -> bool:
        """Whether it was ended early, so that its scores at later steps are not known."""
        return self.stopped == "until"

    @property
    def scores(self) -> dict[int, dict[str, float]]:
        """Step -> test -> score."""
        return {evaluation.step: evaluation.scores for evaluation in self.evaluations}

    @classmethod
    def read(cls, path: Path) -> "Result":
        """Read and check result.json.

        Raises:
            TrialFailed: the file is not what the contract says; the message names the field.
        """
        try:
            data = json.loads(path.read_text())
            evaluations = tuple(
                Evaluation(int(e["step"]), {str(k): float(v) for k, v in e["scores"].items()}, bool(e.get("carried")))
                for e in data["evaluations"]
            )
            result = cls(
                evaluations,
                int(data["steps"]),
                str(data["stopped"]),
                {str(k): int(v) for k, v in data["draws"].items()},
                float(data["seconds"]),
                tuple(map(str, data.get("exhausted", ()))),
            )
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise TrialFailed(f"{path.name} does not keep the contract: {type(error).__name__} {error}") from error
        if not result.evaluations:
            raise TrialFailed(f"{path.name} holds no evaluation")
        for evaluation in result.evaluations:
            for test, score in evaluation.scores.items():
                if not math.isfinite(score):
                    raise TrialFailed(f"{path.name}: test {test!r} scores {score} at step {evaluation.step}")
        return result


class Backend(ABC):
    """Turns a request into a result."""

    def check(self, request: Request) -> None:  # noqa: B027  optional
        """Say what is wrong with a request without carrying it out; raises StudyFileError."""

    def prepare(self) -> None:  # noqa: B027  optional
        """Make whatever must be there before the first trial, such as a base model; raises TrialFailed."""

    @abstractmethod
    def run(self, request: Request, folder: TrialFolder, stop: Event) -> Result:
        """Carry out a request in the trial's folder, blocking; end early when `stop` is set.

        Raises:
            TrialFailed: there is no result; the message is the reason.
            TrialStopped: `stop` was set before there was one.
        """

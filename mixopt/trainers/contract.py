"""The contract of a trainer: the request that mixopt writes, and the result that the training program returns.

They are files in the trial's folder: mixopt writes request.json, the trainer appends to events.jsonl, and writes
result.json last, in one move. So a trainer may crash, run on another machine, or be any program. docs/trainers.md has
the whole contract.
"""

import json
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from pathlib import Path
from threading import Event
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, NonNegativeFloat, NonNegativeInt, ValidationError

from mixopt.errors import MixoptError
from mixopt.paths import TrialFolder
from mixopt.storage.files import read_own

BASE_STEP = 0  # `until` of a request for the scores of the base model, and the step of these scores


class TrialFailed(MixoptError):
    """A trainer ended without a result; the message is the reason.

    Attributes:
        exit_code: Of the trainer's process; None where it did not end by itself.
        log_tail: The last lines of its log.
    """

    def __init__(self, reason: str, exit_code: int | None = None, log_tail: str = "") -> None:
        super().__init__(reason)
        self.exit_code = exit_code
        self.log_tail = log_tail


class TrialStopped(MixoptError):
    """The trainer was stopped before it had a result."""


@dataclass(frozen=True)
class Request:
    """What one trial asks of a trainer.

    Attributes:
        study: Name of the study.
        trial: Number of the trial.
        train_seed: Seed of the training run.
        weights: Share of each domain; they sum to 1.
        domains: Number of examples of each domain.
        tests: Number of examples of each test.
        steps: The evaluation steps; the last one is the length of the run, in training steps.
        options: The trainer's own options.
        until: One of the steps, at which the run ends early; schedules keep the last step as their horizon. 0 asks for
            the scores of the base model, before any training. None asks for the whole run, and is left out of the file.
        warm_start: Folder, relative to this trial's, of a trial with the same weights and seed that ended early; the
            trainer may continue from its checkpoint. None is left out of the file.
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
    warm_start: str | None = None

    def as_json(self) -> str:
        """The content of request.json."""
        return json.dumps({name: value for name, value in asdict(self).items() if value is not None}, indent=1) + "\n"


class TrainerOutput(BaseModel):
    """Data that a trainer writes: types are strict, numbers finite, and unknown fields are ignored."""

    model_config = ConfigDict(strict=True, frozen=True, allow_inf_nan=False)


class Evaluation(TrainerOutput):
    """Scores of every test at one step.

    Attributes:
        step: The training step.
        scores: Score of each test.
        carried: Whether the run had ended before this step, so that its last scores are repeated here.
    """

    step: int
    scores: dict[str, float]
    carried: bool = False


class Result(TrainerOutput):
    """What a trainer returns.

    Attributes:
        evaluations: Scores at the requested steps, in order.
        steps: Training steps done.
        stopped: Why the run ended: "finished", "exhausted" where domains ran out of examples, or "until" where the
            request asked for an early end.
        draws: Prompts drawn from each domain.
        seconds: How long the run took.
        exhausted: The domains that ran out of examples.
        study: Name of the study, where the trainer gives it; it must be that of the request.
        trial: Number of the trial, likewise.
    """

    evaluations: tuple[Evaluation, ...]
    steps: NonNegativeInt
    stopped: Literal["finished", "exhausted", "until"]
    draws: dict[str, NonNegativeInt]
    seconds: NonNegativeFloat
    exhausted: tuple[str, ...] = ()
    study: str | None = None
    trial: int | None = None

    @property
    def short(self) -> bool:
        """Whether the run ended early on request, so that its scores at later steps are not known."""
        return self.stopped == "until"

    @property
    def scores(self) -> dict[int, dict[str, float]]:
        """Score of each test, by step."""
        return {evaluation.step: evaluation.scores for evaluation in self.evaluations}

    @classmethod
    def read(cls, path: Path, request: Request) -> "Result":
        """Read result.json and check it against the request.

        Args:
            path: Of the file.
            request: That the trainer had.

        Raises:
            TrialFailed: The file breaks the contract; the message names the field.
        """
        try:
            result = cls.model_validate_json(read_own(path))
        except OSError as error:
            raise TrialFailed(f"{path.name} cannot be read: {error.strerror}") from error
        except ValidationError as error:
            first = error.errors()[0]
            field = " ".join(".".join(map(str, first["loc"])).split()) or "the whole"
            raise TrialFailed(f"{path.name} does not keep the contract: `{field}`: {first['msg']}") from error
        if problem := result._problem(request):
            raise TrialFailed(f"{path.name} does not keep the contract: {problem}")
        return result

    def _problem(self, request: Request) -> str | None:
        """What does not fit the request; None where all fits."""
        for name, claimed, own in (("study", self.study, request.study), ("trial", self.trial, request.trial)):
            if claimed not in (None, own):
                return f"it is that of {name} {claimed!r}, and {name} {own!r} was asked for"
        if request.until == BASE_STEP and not self.short:
            return f'`stopped` is {self.stopped!r}, not "until": the base model was asked for (`until` {BASE_STEP})'
        last = request.until if self.short else request.steps[-1]
        if last is None:
            return '`stopped` is "until", and a whole run was asked for'
        if self.steps > last or (self.steps < last and self.stopped != "exhausted"):
            return f"`steps` is {self.steps} and `stopped` {self.stopped!r}, and {last} were asked for"
        asked = [BASE_STEP] if last == BASE_STEP else [step for step in request.steps if step <= last]
        found = [evaluation.step for evaluation in self.evaluations]
        if found != asked:
            return f"`evaluations` are those of steps {found}, and {asked} were asked for, in this order"
        for evaluation in self.evaluations:
            for test in request.tests.keys() - evaluation.scores.keys():
                return f"test {test!r} has no score at step {evaluation.step}"
            for test in evaluation.scores.keys() - request.tests.keys():
                return f"test {test!r}, scored at step {evaluation.step}, is none of the study's"
            if evaluation.carried != (evaluation.step > self.steps):
                return f"step {evaluation.step} must be `carried` if it is after the last of {self.steps}, and else not"
        for domain in (self.draws.keys() | set(self.exhausted)) - request.weights.keys():
            return f"{domain!r} in `draws` or `exhausted` is no domain of the request"
        if last == BASE_STEP and any(self.draws.values()):
            return f"`draws` are {sum(self.draws.values())} prompts, and the base model is trained on none"
        return None


class Trainer(ABC):
    """Runs the training of a trial: turns a request into a result.

    Attributes:
        preparation: What `prepare` makes and how long it takes, to be displayed; "" where it makes nothing.
    """

    preparation = ""

    def check(self, request: Request) -> None:  # noqa: B027  optional
        """Check a request without running it; raises StudyFileError."""

    def prepare(self) -> None:  # noqa: B027  optional
        """Make what the first trial needs, such as a base model; raises TrialFailed."""

    @abstractmethod
    def run(self, request: Request, folder: TrialFolder, stop: Event) -> Result:
        """Run a trial to its end; blocks.

        Args:
            request: What to train and to score.
            folder: Of the trial.
            stop: Ends the run early once it is set.

        Raises:
            TrialFailed: There is no result; the message is the reason.
            TrialStopped: `stop` was set before there was a result.
        """

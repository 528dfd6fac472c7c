"""The protocol between mixopt and whatever turns weights into scores, and the files they talk through.

A trial's folder holds request.json (mixopt writes), events.jsonl (the trainer appends) and result.json (the trainer
writes last, in one move). So a trainer can crash, run elsewhere, or be somebody else's. docs/trainers.md has the whole
contract.
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

BASE_STEP = 0  # `until` of a request for the scores of the base model, and their step


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
    `until` 0 asks for the scores of the base model, before any training.
    `warm_start` is the folder, relative to this trial's, of one that ended early on the same way: the trainer may go on
    from its checkpoint. A request that has no need of these two does not say them.
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
        said = {name: value for name, value in asdict(self).items() if value is not None}
        return json.dumps(said, indent=1) + "\n"


class Said(BaseModel):
    """What a trainer says: types are strict, numbers finite, and fields that mixopt does not know are its own."""

    model_config = ConfigDict(strict=True, frozen=True, allow_inf_nan=False)


class Evaluation(Said):
    """Scores of every test at one step; `carried` where the run had ended before and its last scores stand in."""

    step: int
    scores: dict[str, float]
    carried: bool = False


class Result(Said):
    """What a trainer returns: evaluations by step, steps done, why it stopped ("finished", "exhausted" with the
    domains that ran out, or "until" where it was asked to end early), realised draws a domain, seconds; and, where it
    says so, whose result it is."""

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
        """Whether it was ended early, so that its scores at later steps are not known."""
        return self.stopped == "until"

    @property
    def scores(self) -> dict[int, dict[str, float]]:
        """Step -> test -> score."""
        return {evaluation.step: evaluation.scores for evaluation in self.evaluations}

    @classmethod
    def read(cls, path: Path, request: Request) -> "Result":
        """Read result.json, and check it against what was asked.

        Raises:
            TrialFailed: the file does not keep the contract; the message names the field.
        """
        try:
            result = cls.model_validate_json(read_own(path))
        except OSError as error:
            raise TrialFailed(f"{path.name} cannot be read: {error.strerror}") from error
        except ValidationError as error:
            first = error.errors()[0]
            field = " ".join(".".join(map(str, first["loc"])).split()) or "the whole"
            raise TrialFailed(f"{path.name} does not keep the contract: `{field}`: {first['msg']}") from error
        if slip := result._slip(request):
            raise TrialFailed(f"{path.name} does not keep the contract: {slip}")
        return result

    def _slip(self, request: Request) -> str | None:
        """What does not fit the request, or None."""
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
    """Turns a request into a result.

    Attributes:
        preparation: what `prepare` makes and how long that takes, for people; "" where it makes nothing.
    """

    preparation = ""

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

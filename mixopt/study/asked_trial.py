"""`AskedTrial`: a trial that is ready to be trained, with the request for its trainer."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from optuna.trial import FrozenTrial

from mixopt.history.keys import LABEL, STRATEGY, TRAIN_SEED, UNTIL
from mixopt.history.trials import ENQUEUED, ENQUEUED_STRATEGY
from mixopt.paths import TrialFolder
from mixopt.study.plan import request_of
from mixopt.study.reader import StudyReader
from mixopt.study.warm_start import warm_start
from mixopt.trainers.contract import Request


@dataclass(frozen=True)
class AskedTrial:
    """A trial that wants training.

    Attributes:
        number: the trial's number.
        strategy: the strategy that proposed it.
        label: the name of its mixture.
        request: what its trainer is asked for.
        folder: where its files are.
    """

    number: int
    strategy: str
    label: str
    request: Request
    folder: TrialFolder

    @property
    def part(self) -> float:
        """The share of a whole run's training steps that it trains, in (0, 1]."""
        return (self.request.until or self.request.steps[-1]) / self.request.steps[-1]


def asked_trial(
    study: StudyReader,
    number: int,
    weights: Mapping[str, float],
    notes: Mapping[str, Any],
    pruned: Sequence[FrozenTrial],
) -> AskedTrial:
    """Describe a running trial for its trainer.

    Args:
        study: the study of the trial.
        number: the trial's number.
        weights: domain -> weight; they sum to 1.
        notes: its user attributes.
        pruned: trials that ended early; it goes on from one of their checkpoints where that gives the same scores.
    """
    request = request_of(study.spec, number, dict(weights), notes[TRAIN_SEED], notes.get(UNTIL))
    folder = study.folder.trial(number)
    start = warm_start(request, folder, [study.folder.trial(other.number) for other in pruned])
    strategy, label = notes.get(STRATEGY, ENQUEUED_STRATEGY), notes.get(LABEL, ENQUEUED)
    return AskedTrial(number, strategy, label, replace(request, warm_start=start), folder)

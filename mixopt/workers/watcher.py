"""Watchers of a worker: an interface for what displays the progress of its trials (cli/progress.py has two)."""

from typing import Any, Protocol

from mixopt.study.asked_trial import AskedTrial
from mixopt.trainers.contract import TrialFailed


class Watcher(Protocol):
    """Is called by a worker as its trials start, progress and end."""

    def preparing(self, what: str) -> None:
        """The trainer prepares something before the first trial, such as a model."""

    def base_model(self, status: str) -> None:
        """The evaluation of the base model has started, or has ended with these scores."""

    def study_started(self, done: float, planned: int) -> None:
        """The worker starts to train; so many trials are finished, out of those planned."""

    def trial_started(self, trial: AskedTrial) -> None:
        """A trial has started."""

    def trial_event(self, trial: AskedTrial, event: dict[str, Any]) -> None:
        """The trainer of a trial has written an event; its content is unchecked."""

    def trial_finished(self, trial: AskedTrial, values: tuple[float, ...]) -> None:
        """A trial has finished, with a value for each objective."""

    def trial_failed(self, trial: AskedTrial, failure: TrialFailed) -> None:
        """A trial has failed."""

    def trial_pruned(self, trial: AskedTrial) -> None:
        """A trial was pruned."""

    def trial_left(self, trial: AskedTrial) -> None:
        """A trial that is not finished was left to other workers."""
